//! Variables: finding references in a declaration, filling them in before an action starts, and carrying
//! them into a shell without ever becoming a part of its program.

mod reference;
pub mod shell;

pub use reference::{Place, Reference, Unreadable, references, references_in};

/// The namespace of what CodePipeline knows of an execution; `PipelineExecutionId` is all it holds.
pub const PIPELINE_EXECUTION: &str = "codepipeline";

/// The namespace of the variables of the pipeline level.
pub const PIPELINE_LEVEL: &str = "variables";
