//! What a pipeline names and CloudFormation would make elsewhere: connections, repositories, buckets,
//! CodeBuild projects, CodeDeploy groups, Lambda functions, CloudWatch alarms. On this machine they come from a file
//! beside the pipeline.
//!
//! Names and values are those of each service's own create call; paths are relative to the file.

mod apply;
mod missing;
mod read;

pub use apply::{ResourceError, apply};
pub use missing::missing;
pub use read::{
    Application, Bucket, DeploymentGroup, FunctionEnvironment, Named, NamedAlarm, NamedConnection,
    NamedFunction, Resources, ResourcesError, read,
};
