//! What a buildspec says, once it is read.

use super::batch::Batch;
use super::report_format::ReportFormat;

/// A buildspec of version 0.1 or 0.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buildspec {
    /// Version 0.1: each command has a shell of its own, and leaves nothing to the next.
    pub has_isolated_commands: bool,
    pub shell: Shell,
    /// `env.variables`, in the order of the file.
    pub variables: Vec<(String, String)>,
    /// `env.parameter-store` and `env.secrets-manager`.
    pub secrets: Vec<SecretVariable>,
    pub exported_variables: Vec<String>,
    /// The whole build's `run-as` and each phase's: checked against the current user by the runner.
    pub run_as: Vec<String>,
    pub install: PhaseCommands,
    pub pre_build: PhaseCommands,
    pub build: PhaseCommands,
    pub post_build: PhaseCommands,
    /// `phases.install.runtime-versions`: for information, because the host's tools are used.
    pub runtime_versions: Vec<(String, String)>,
    pub artifacts: Option<ArtifactFiles>,
    pub secondary_artifacts: Vec<(String, ArtifactFiles)>,
    pub cache: Option<CacheFiles>,
    /// By the names of their report groups.
    pub reports: Vec<(String, ReportFiles)>,
    pub batch: Option<Batch>,
    /// What was read and has no effect here, for the build's log.
    pub notices: Vec<String>,
}

/// The shell that runs the commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shell {
    #[default]
    Sh,
    Bash,
}

/// One of the four phases that the buildspec fills.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PhaseCommands {
    pub commands: Vec<String>,
    /// Run after `commands`, also when one of them failed.
    pub finally: Vec<String>,
    pub on_failure: OnFailure,
}

/// What a failed phase means for the phases after it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// CodeBuild's own transitions: only a failed build phase is followed by another one.
    #[default]
    Unspecified,
    Abort,
    Continue,
    Retry(Retry),
}

/// The phase is run again, at most `times`, while what it failed with matches the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    pub times: u32,
    /// A regular expression, known to be one.
    pub pattern: String,
}

/// A variable whose value is in a store of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretVariable {
    pub name: String,
    pub reference: SecretReference,
}

/// Which value of which store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretReference {
    /// The name of a parameter.
    ParameterStore(String),
    SecretsManager {
        /// Name or ARN.
        secret_id: String,
        /// Of the secret's JSON object; none: the whole text.
        json_key: Option<String>,
        version_stage: Option<String>,
        version_id: Option<String>,
    },
}

/// What stays from build to build.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CacheFiles {
    pub key: Option<String>,
    /// The beginnings of keys that are taken when there is no cache of the key itself.
    pub fallback_keys: Vec<String>,
    pub is_restored: bool,
    pub is_saved: bool,
    pub paths: Vec<String>,
}

/// Where one report group's raw results are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFiles {
    pub files: Vec<String>,
    pub base_directory: Option<String>,
    pub discard_paths: bool,
    pub format: ReportFormat,
}

/// Which files make up an artifact. Texts may hold `$VARIABLES` and `$(commands)` of the shell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArtifactFiles {
    pub files: Vec<String>,
    pub exclude_paths: Vec<String>,
    pub base_directory: Option<String>,
    pub discard_paths: bool,
    pub name: Option<String>,
    pub enable_symlinks: bool,
    /// The folder in the bucket, for artifacts whose namespace is the build's id.
    pub s3_prefix: Option<String>,
}
