//! What an action Deploy/CloudFormation does with a stack: which operation follows from the action's mode and the stack
//! as it is, how an operation has ended, and which parameters the template is given.
//!
//! Sources: CodePipeline's user guide, page "AWS CloudFormation deploy action reference"; CloudFormation's user guide,
//! pages "Configuration properties reference", "Using parameter override functions" and "Stack status codes".

mod mode;
mod operation;
mod parameters;

pub use mode::{ActionMode, StackOperation, first_operation};
pub use operation::{OperationEnd, end_of, has_no_changes, is_no_update};
pub use parameters::{
    ArtifactFile, ArtifactPlace, ParameterError, TemplateConfiguration, artifact_files_of, parameters,
};
