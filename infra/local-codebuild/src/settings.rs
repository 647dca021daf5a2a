//! What the owner of this machine decides about builds on it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use local_process::Network;
use local_service::Service;

/// The account and region that ARNs and events name.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: String,
    pub region: String,
}

#[derive(Clone)]
pub struct Settings {
    pub account: Account,
    /// Who starts builds, as `initiator` and `CODEBUILD_INITIATOR` say.
    pub initiator: String,
    /// How many builds run at once; the others are in the QUEUED phase, first come first served.
    pub max_concurrent_builds: usize,
    /// The environment of every build before the variables of CodeBuild, the buildspec, the project
    /// and the start: `PATH` and what else the host's tools need.
    pub variables: BTreeMap<String, String>,
    pub home: Home,
    pub kept_work_directories: KeptWorkDirectories,
    /// What a build's log takes of its commands' output.
    pub log_limit_bytes: u64,
    /// Between SIGTERM and SIGKILL when a build is stopped or times out.
    pub stop_grace: Duration,
    /// Answers `GetSecretValue`; none: variables of type SECRETS_MANAGER are refused.
    pub secrets_manager: Option<Arc<dyn Service>>,
    /// Answers `GetParameter`; none: variables of type PARAMETER_STORE are refused.
    pub parameter_store: Option<Arc<dyn Service>>,
    /// None: commands may do what the current user may.
    pub sandbox: Option<SandboxSettings>,
}

/// How builds are kept away from the machine: they read the system and the tools of
/// [`Settings::variables`], and write in their own directories. `HOME` and `TMPDIR` are such ones.
#[derive(Debug, Clone)]
pub struct SandboxSettings {
    /// A program whose arguments lead to [`local_process::enter_sandbox`], and those that come first.
    pub helper: PathBuf,
    pub helper_arguments: Vec<OsString>,
    /// What else may be read, as tools in unusual places.
    pub readable: Vec<PathBuf>,
    pub network: Network,
}

/// Where `HOME` of a build points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// To a new directory for each build, as in CodeBuild's containers: a build does not find the
    /// credentials (`~/.aws`, `~/.ssh`, `~/.npmrc`) of the person at the keyboard by accident.
    Fresh,
    /// To what [`Settings::variables`] say.
    FromVariables,
}

/// Which work directories stay on the disk after the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptWorkDirectories {
    None,
    OfFailedBuilds,
}

/// As many as CodeBuild runs at once in a new account (its default quota for small Linux builds): a
/// pipeline that fits there fits here, and no build waits for ever for another one that is queued.
const MAX_CONCURRENT_BUILDS: usize = 60;

/// The variables that [`Settings::for_host`] takes over from the host. They say where tools are, which
/// language messages have and how the network is reached; none is a credential. In particular no
/// `AWS_*` variable is taken: a pipeline that is tried at home must not reach a real account.
pub const HOST_VARIABLES: [&str; 27] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "JAVA_HOME",
    "GOROOT",
    "GOPATH",
    "PYENV_ROOT",
    "NVM_DIR",
    "VOLTA_HOME",
    "SDKMAN_DIR",
    "DOCKER_HOST",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
];

/// Tools that look below `HOME` for themselves: they are told where they are, or a fresh `HOME` would
/// hide them.
const TOOLS_AT_HOME: [(&str, &str); 4] = [
    ("CARGO_HOME", ".cargo"),
    ("RUSTUP_HOME", ".rustup"),
    ("PYENV_ROOT", ".pyenv"),
    ("SDKMAN_DIR", ".sdkman"),
];

const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Settings {
    /// The defaults, with [`HOST_VARIABLES`] out of `host`, which is this process's environment.
    pub fn for_host(account: Account, host: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut variables: BTreeMap<String, String> =
            host.into_iter().filter(|(name, _)| HOST_VARIABLES.contains(&name.as_str())).collect();
        variables.entry("PATH".into()).or_insert_with(|| DEFAULT_PATH.into());
        if let Some(home) = variables.get("HOME").cloned() {
            for (name, folder) in TOOLS_AT_HOME {
                let folder = Path::new(&home).join(folder);
                if let (true, Some(folder)) = (folder.is_dir(), folder.to_str()) {
                    variables.entry(name.into()).or_insert_with(|| folder.to_owned());
                }
            }
        }
        Self {
            account,
            initiator: "local".into(),
            max_concurrent_builds: MAX_CONCURRENT_BUILDS,
            variables,
            home: Home::Fresh,
            kept_work_directories: KeptWorkDirectories::None,
            log_limit_bytes: local_process::DEFAULT_LIMIT_BYTES,
            stop_grace: Duration::from_secs(5),
            secrets_manager: None,
            parameter_store: None,
            sandbox: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_gets_tools_and_no_credentials_of_the_host() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".cargo")).unwrap();
        let home = home.path().to_str().unwrap();
        let host = [("HOME", home), ("AWS_SECRET_ACCESS_KEY", "secret"), ("LANG", "C")];
        let host = host.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let account = Account { id: "000000000000".into(), region: "us-east-1".into() };
        let variables = Settings::for_host(account, host).variables;
        let names: Vec<&str> = variables.keys().map(String::as_str).collect();
        assert_eq!(names, ["CARGO_HOME", "HOME", "LANG", "PATH"]);
        assert_eq!(variables["CARGO_HOME"], format!("{home}/.cargo"));
    }
}
