//! Reading `local-resources.yaml`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use engine::trigger::Host;
use local_cloudwatch::State;
use serde::Deserialize;
use serde_json::Value;

use crate::events::ScheduleRule;

/// Everything in the file. Unknown fields are errors: a misspelt one would be missed silently.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resources {
    #[serde(default)]
    pub connections: Vec<NamedConnection>,
    /// CodeCommit repositories.
    #[serde(default)]
    pub repositories: Vec<Named>,
    #[serde(default)]
    pub buckets: Vec<Bucket>,
    /// Inputs of CodeBuild's CreateProject.
    #[serde(default)]
    pub projects: Vec<Value>,
    #[serde(default)]
    pub applications: Vec<Application>,
    /// Lambda functions.
    #[serde(default)]
    pub functions: Vec<NamedFunction>,
    /// Of Step Functions.
    #[serde(default)]
    pub state_machines: Vec<NamedMachine>,
    /// CloudWatch's.
    #[serde(default)]
    pub alarms: Vec<NamedAlarm>,
    /// Schedules that start pipelines, in the words of EventBridge's PutRule and PutTargets.
    #[serde(default)]
    pub rules: Vec<ScheduleRule>,
    /// Policy documents, in the place of the service's own or for roles of one's own, by the role's name.
    #[serde(default)]
    pub roles: BTreeMap<String, Value>,
    /// Paths are relative to this directory: the file's.
    #[serde(skip)]
    pub directory: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedConnection {
    pub arn: String,
    /// A git URL or a directory; `{FullRepositoryId}` stands for the repository that an action names.
    pub url: String,
    /// Whose words the requests of its webhook have: `GitHub`, `GitLab`, `Bitbucket`.
    pub provider_type: Option<Host>,
    /// The name of a secret with `token`, and `webhookSecret`.
    pub secret: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Named {
    pub name: String,
    pub url: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bucket {
    pub name: String,
    #[serde(default)]
    pub versioned: bool,
    /// Whether new objects are told to EventBridge, as S3 does for a bucket that is set so.
    #[serde(default)]
    pub event_bridge: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Application {
    pub name: String,
    #[serde(default)]
    pub deployment_groups: Vec<DeploymentGroup>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeploymentGroup {
    pub name: String,
    /// Roots on this host, one a target; the paths of an appspec go below them.
    pub directories: Vec<PathBuf>,
    pub deployment_config_name: Option<String>,
    /// As CreateDeploymentGroup takes it.
    pub auto_rollback_configuration: Option<Value>,
}

/// In the words of Lambda's CreateFunction, with a command or a URL in the place of the code.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NamedFunction {
    pub function_name: String,
    /// A program with its arguments. It runs in the file's directory.
    pub command: Option<Vec<String>>,
    pub url: Option<String>,
    /// Seconds.
    pub timeout: Option<u64>,
    #[serde(default)]
    pub environment: FunctionEnvironment,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedMachine {
    pub name: String,
    /// A file in the Amazon States Language.
    pub definition: PathBuf,
}

/// With a state, or with a command that finds it out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedAlarm {
    pub name: String,
    pub state: Option<State>,
    /// A program with its arguments. It runs in the file's directory.
    pub command: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FunctionEnvironment {
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

impl Resources {
    /// A path of the file, absolute and without `..`: it ends up in logs and environments.
    pub fn path(&self, path: &Path) -> PathBuf {
        let mut absolute = PathBuf::new();
        for part in self.directory.join(path).components() {
            match part {
                Component::ParentDir => {
                    absolute.pop();
                }
                Component::CurDir => {}
                other => absolute.push(other),
            }
        }
        absolute
    }

    /// A URL as it is; a directory absolute.
    pub fn url(&self, url: &str) -> String {
        let is_url = url.contains("://") || url.starts_with("git@");
        if is_url { url.to_owned() } else { self.path(Path::new(url)).display().to_string() }
    }
}

#[derive(Debug)]
pub enum ResourcesError {
    Unreadable { path: PathBuf, source: std::io::Error },
    Invalid { path: PathBuf, message: String },
}

impl fmt::Display for ResourcesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => write!(f, "{} cannot be read: {source}", path.display()),
            Self::Invalid { path, message } => write!(f, "{}: {message}", path.display()),
        }
    }
}

impl std::error::Error for ResourcesError {}

/// Reads the file; none is no error where it was not asked for by name.
pub fn read(path: &Path, is_required: bool) -> Result<Resources, ResourcesError> {
    let unreadable = |source| ResourcesError::Unreadable { path: path.to_owned(), source };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_required => {
            return Ok(Resources::default());
        }
        Err(error) => return Err(unreadable(error)),
    };
    let options = serde_saphyr::options! { strict_booleans: true };
    let resources: Result<Resources, _> = serde_saphyr::from_str_with_options(&text, options);
    let resources = resources
        .map_err(|error| ResourcesError::Invalid { path: path.to_owned(), message: error.to_string() })?;
    let directory = directory_of(path).canonicalize().map_err(unreadable)?;
    Ok(Resources { directory, ..resources })
}

/// A bare file name is in this directory.
fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_file_name_is_in_this_directory() {
        for (path, directory) in
            [("local-resources.yaml", "."), ("./a.yaml", "."), ("x/a.yaml", "x"), ("/a.yaml", "/")]
        {
            assert_eq!(directory_of(Path::new(path)), Path::new(directory), "{path}");
        }
    }

    #[test]
    fn paths_are_those_of_the_file_and_urls_stay_as_they_are() {
        let resources = Resources { directory: "/pipelines/shop".into(), ..Resources::default() };
        for (given, expected) in [
            ("../../deployed/./shop", "/deployed/shop"),
            ("here/{FullRepositoryId}", "/pipelines/shop/here/{FullRepositoryId}"),
            ("/absolute", "/absolute"),
            ("https://example.com/{FullRepositoryId}.git", "https://example.com/{FullRepositoryId}.git"),
            ("git@example.com:a/b.git", "git@example.com:a/b.git"),
        ] {
            assert_eq!(resources.url(given), expected, "{given}");
        }
    }
}
