//! Projects and builds with the field names of CodeBuild's API, which are also how they are stored.

mod artifacts;
mod batch;
mod build;
mod cache;
mod environment;
mod project;
mod source;

pub use artifacts::{ArtifactsType, BuildArtifacts, Packaging, ProjectArtifacts};
pub use batch::{BatchConfiguration, BatchPhaseType, BuildBatch, BuildGroup, BuildSummary};
pub use build::{Build, BuildPhase, BuildStatus, LogsLocation, PhaseContext};
pub use cache::ProjectCache;
pub use environment::{
    EnvironmentVariable, ExportedVariable, ProjectEnvironment, VariableType, check_variables,
};
pub use project::{Project, ProjectSettings, check_queued_timeout, check_timeout};
pub use source::{ProjectSource, SourceType};
