//! `AWS::Serverless::Function`.

use serde_json::Value;

use super::TemplateError;
use super::policies::{self, ManagedPolicies};
use super::properties::Properties;
use super::resolve::Resource;
use super::stack::Function;
use super::triggers::{self, Triggers};

/// AWS's defaults where the template says nothing.
const DEFAULT_TIMEOUT_SECONDS: u64 = 3;
const DEFAULT_MEMORY_MB: u64 = 128;

pub(super) fn read(
    resource: Resource,
    managed: &ManagedPolicies,
) -> Result<(Function, Triggers), TemplateError> {
    let Resource { logical_id, reference, mut properties, metadata } = resource;
    let binary = binary(&logical_id, metadata)?;
    properties.without_effect(&[
        "Architectures",
        "CodeUri",
        "Description",
        "EphemeralStorage",
        // An event is held until its function takes it, and none is given up.
        "EventInvokeConfig",
        "FunctionName",
        "Handler",
        "LoggingConfig",
        "RolePath",
    ]);
    properties.only("Runtime", "provided.al2023")?;
    let mut environment = properties.object("Environment")?;
    let variables = environment.object("Variables")?.into_texts()?;
    environment.finish()?;
    let arn = reference.attributes.get("Arn").cloned().unwrap_or_default();
    let policies_path = properties.path_of("Policies");
    let triggers = triggers::read(&logical_id, &arn, properties.object("Events")?)?;
    let function = Function {
        name: reference.value,
        arn,
        binary,
        environment: variables,
        timeout_seconds: properties.number_or("Timeout", DEFAULT_TIMEOUT_SECONDS)?,
        memory_mb: properties.number_or("MemorySize", DEFAULT_MEMORY_MB)?,
        policies: policies::attached(properties.take("Policies"), &policies_path, managed)?,
        logical_id,
    };
    properties.finish()?;
    Ok((function, triggers))
}

/// The crate, as cargo-lambda is told it.
fn binary(logical_id: &str, metadata: Value) -> Result<String, TemplateError> {
    let mut metadata = Properties::new(format!("Resources.{logical_id}.Metadata"), metadata)?;
    metadata.only("BuildMethod", "rust-cargolambda")?;
    metadata.object("BuildProperties")?.text("Binary")
}
