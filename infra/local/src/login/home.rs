//! Where the AWS CLI and the SDKs look for their files.
//!
//! Source: "Location of the shared config and credentials files" in the AWS SDKs and Tools reference guide.

use std::env;
use std::path::{Path, PathBuf};

/// The two files; an environment variable moves each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    pub config: PathBuf,
    pub credentials: PathBuf,
}

impl Files {
    /// `None` for somebody without a home.
    pub fn of_process() -> Option<Self> {
        let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self::of(variable)
    }

    fn of(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<Self> {
        let home = variable("HOME");
        let file = |name: &str, usual: &str| match variable(name) {
            Some(path) => expanded(&path, home.as_deref()),
            None => home.as_ref().map(|home| home.join(".aws").join(usual)),
        };
        Some(Self {
            config: file("AWS_CONFIG_FILE", "config")?,
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
        })
    }
}

/// The profile that is meant where nobody names one.
pub(super) fn profile_of_process() -> String {
    let named = env::var_os("AWS_PROFILE").and_then(|name| name.into_string().ok());
    named.filter(|name| !name.is_empty()).unwrap_or_else(|| "default".to_owned())
}

/// `~/x` is in the home, as the tools read it.
fn expanded(path: &Path, home: Option<&Path>) -> Option<PathBuf> {
    match path.strip_prefix("~") {
        Ok(rest) => home.map(|home| home.join(rest)),
        Err(_) => Some(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_where_the_tools_look_for_them() {
        let files = |variables: &[(&str, &str)]| {
            let variable =
                |name: &str| variables.iter().find(|(one, _)| *one == name).map(|(_, value)| value.into());
            Files::of(variable)
                .map(|files| (files.config.display().to_string(), files.credentials.display().to_string()))
        };
        let found = |config: &str, credentials: &str| Some((config.to_owned(), credentials.to_owned()));
        assert_eq!(files(&[("HOME", "/h")]), found("/h/.aws/config", "/h/.aws/credentials"));
        let moved = [("HOME", "/h"), ("AWS_CONFIG_FILE", "~/c"), ("AWS_SHARED_CREDENTIALS_FILE", "k")];
        assert_eq!(files(&moved), found("/h/c", "k"));
        assert_eq!(files(&[("AWS_CONFIG_FILE", "/c")]), None);
        assert_eq!(files(&[]), None);
    }
}
