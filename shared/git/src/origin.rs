//! A repository that is somewhere: in a directory of this machine, or at a host.

use std::path::PathBuf;

use gix::clone::PrepareFetch;
use gix::create::{Kind, Options};

use crate::Credentials;
use crate::credentials::answer;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// A git URL or a directory.
    pub url: String,
    pub credentials: Option<Credentials>,
}

/// What is wanted of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    Branch(String),
    Commit(String),
}

impl Origin {
    /// Where the repository lies, if that is a directory of this machine.
    pub fn directory(&self) -> Option<PathBuf> {
        let url = gix::url::parse(self.url.as_str()).ok()?;
        let is_here = url.scheme == gix::url::Scheme::File && url.host().is_none();
        is_here.then(|| gix::path::from_bstring(url.path)).and_then(Result::ok)
    }

    /// The repository in its directory, as nobody's configuration says.
    ///
    /// # Errors
    /// A sentence that says what git could not do.
    pub fn open(&self, directory: PathBuf) -> Result<gix::Repository, String> {
        // What `git replace` made of it is for those who work in this repository; a clone has it not.
        let options = gix::open::Options::isolated().config_overrides(["core.useReplaceRefs=false"]);
        gix::open_opts(directory, options).map_err(told)
    }

    /// A clone into `root` that is still to be fetched.
    ///
    /// # Errors
    /// A sentence that says what git could not do.
    pub fn prepare(&self, head: &Head, root: PathBuf, kind: Kind) -> Result<PrepareFetch, String> {
        have_tls();
        let isolated = gix::open::Options::isolated();
        let fetch = PrepareFetch::new(self.url.as_str(), root, kind, Options::default(), isolated);
        let (credentials, host) = (self.credentials.clone(), self.host());
        let fetch = fetch.map_err(told)?.configure_connection(move |connection| {
            let (credentials, host) = (credentials.clone(), host.clone());
            connection.set_credentials(move |action| answer(credentials.as_ref(), &host, action));
            Ok(())
        });
        match head {
            Head::Commit(commit) => fetch.with_revision(Some(commit.as_str())).map_err(told),
            Head::Branch(branch) => fetch.with_ref_name(Some(branch.as_str())).map_err(told),
        }
    }

    /// With its port, if the URL has one.
    fn host(&self) -> String {
        let Ok(url) = gix::url::parse(self.url.as_str()) else { return String::new() };
        let host = url.host().unwrap_or_default();
        url.port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// `reqwest`, which fetches over HTTPS for git, wants to be told whose cryptography to use. Somebody else in
/// the process may have said so before, which is as good.
fn have_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What went wrong, down to its cause: the outermost error alone says little.
pub fn told(error: impl std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    message
}
