//! Variables: finding references in a declaration, filling them in before an action starts, and carrying
//! them into a shell without ever becoming a part of its program.

mod output;
mod pipeline_level;
mod reference;
mod scope;
pub mod shell;

pub use output::{MAXIMUM_OUTPUT_BYTES, OutputVariablesSizeExceeded, check_output_size};
pub use pipeline_level::{PipelineVariable, VariablesProblem, resolve_pipeline_variables};
pub use reference::{Place, Reference, Unreadable, references, references_in};
pub use scope::{
    MAXIMUM_CONFIGURATION_BYTES, Resolved, Scope, Unresolved, VariableValue, resolve, resolve_configuration,
};

/// The namespace of what CodePipeline knows of an execution; `PipelineExecutionId` is all it holds.
pub const PIPELINE_EXECUTION: &str = "codepipeline";

/// The namespace of the variables of the pipeline level.
pub const PIPELINE_LEVEL: &str = "variables";
