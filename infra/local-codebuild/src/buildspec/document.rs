//! What a buildspec says, once it is read.

/// A buildspec of version 0.1 or 0.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buildspec {
    /// Version 0.1: each command has a shell of its own, and leaves nothing to the next.
    pub has_isolated_commands: bool,
    pub shell: Shell,
    /// `env.variables`, in the order of the file.
    pub variables: Vec<(String, String)>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// CodeBuild's own transitions: only a failed build phase is followed by another one.
    #[default]
    Unspecified,
    Abort,
    Continue,
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
}
