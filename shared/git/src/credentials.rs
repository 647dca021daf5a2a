//! Who asks a host for a repository.

use std::fmt;

use gix::credentials::helper::{Action, NextAction};
use gix::credentials::protocol::{Context, Outcome};

/// For HTTP Basic, which is what hosts of repositories take tokens with.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

/// What is secret is in no log.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Answers a host that wants to know who asks. `host` is the one that the credentials are for: whoever it redirects to
/// does not get them.
pub(crate) fn answer(
    credentials: Option<&Credentials>,
    host: &str,
    action: Action,
) -> gix::Result<Option<Outcome>> {
    let Action::Get(mut context) = action else { return Ok(None) };
    if context.url.is_some() {
        context.destructure_url_in_place(false)?;
    }
    let asks = context.host.clone().unwrap_or_default();
    let Some(known) = credentials.filter(|_| asks == host) else {
        let why = match credentials {
            Some(_) => format!("{asks} wants to know who asks, and the credentials are for {host}"),
            None => format!("{asks} wants to know who asks, and there are no credentials for it"),
        };
        return Err(gix::error::message!("{why}").into());
    };
    let identity = gix::sec::identity::Account {
        username: known.username.clone(),
        password: known.password.clone(),
        oauth_refresh_token: None,
    };
    // Nothing is stored anywhere, so nothing is told of who it was.
    Ok(Some(Outcome { identity, next: NextAction::from(Context::default()) }))
}
