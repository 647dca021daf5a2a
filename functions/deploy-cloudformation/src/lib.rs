//! Deploy/AWS/CloudFormation/1: creates, updates, replaces or deletes a stack, or prepares and executes a change set.
//!
//! | configuration | |
//! | --- | --- |
//! | `ActionMode` | required: `CREATE_UPDATE`, `REPLACE_ON_FAILURE`, `DELETE_ONLY`, `CHANGE_SET_REPLACE`, `CHANGE_SET_EXECUTE` |
//! | `StackName` | required |
//! | `ChangeSetName` | required by the modes of change sets |
//! | `TemplatePath` | `Artifact::file`, required by the modes that take a template: all but `DELETE_ONLY` and `CHANGE_SET_EXECUTE` |
//! | `TemplateConfiguration` | `Artifact::file`, JSON with `Parameters`, `Tags` and `StackPolicy`; change sets have no stack policy |
//! | `ParameterOverrides` | JSON object; a value may be `{"Fn::GetArtifactAtt": [artifact, BucketName or ObjectKey or URL]}` or `{"Fn::GetParam": [artifact, JSON file, key]}` |
//! | `Capabilities` | with commas between them |
//! | `RoleArn` | the role that CloudFormation assumes, required by all modes but `CHANGE_SET_EXECUTE` |
//! | `OutputFileName` | JSON file with the stack's outputs, in the output artifact |
//!
//! Up to 10 artifacts in, up to one out. Output variables: the outputs of the stack. Ends with the stack's event; a
//! change set has none, and is waited for. A rollback is waited for, then the action fails. An update or a change set
//! that changes nothing succeeds.
//!
//! Failures: ConfigurationError (a file that is not there, parameters or a template that CloudFormation refuses),
//! PermissionError, JobFailed (the operation failed, with the reasons of the resources that did).
//! Permissions: on stacks cloudformation:CreateStack, UpdateStack, DeleteStack, DescribeStacks, DescribeStackEvents,
//! CreateChangeSet, DeleteChangeSet, DescribeChangeSet, ExecuteChangeSet; iam:PassRole on the role; s3:GetObject and
//! s3:PutObject on artifacts.

mod files;

use std::collections::BTreeMap;

use engine::decide::FailureType;
use engine::stack_action::{ActionMode, ArtifactFile, ArtifactPlace, TemplateConfiguration, parameters};
use platform::action::{ActionJob, ActionResult};
use platform::outside::{StackRequest, Template};
use platform::{Fault, Platform};
use serde_json::{Map, Value};

use files::Files;

/// What CloudFormation takes in a request (quotas, "Template body size in a request"); a larger template it reads from
/// S3.
const TEMPLATE_BODY_BYTES_MAX: usize = 51_200;

/// Why an action cannot begin: what it fails with, or what is tried again.
enum Stop {
    Refusal(ActionResult),
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn refusal(message: impl Into<String>) -> Stop {
    Stop::Refusal(ActionResult::failed(FailureType::ConfigurationError, message))
}

pub async fn handle(platform: Platform, job: ActionJob) -> Result<ActionResult, Fault> {
    match request(&platform, &job).await {
        Ok(request) => platform.start_stack_operation(&job, request).await,
        Err(Stop::Refusal(refusal)) => Ok(refusal),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

/// What the configuration and the files that it names ask for.
async fn request(platform: &Platform, job: &ActionJob) -> Result<StackRequest, Stop> {
    let required = |key: &str| job.required(key).map(str::to_owned).map_err(Stop::Refusal);
    let word = required("ActionMode")?;
    let mode = ActionMode::of(&word).ok_or_else(|| refusal(format!("'{word}' is no ActionMode.")))?;
    let stack_name = required("StackName")?;
    let change_set_name = match mode.takes_change_set() {
        true => Some(required("ChangeSetName")?),
        false => None,
    };
    let role_arn = match mode.takes_role() {
        true => Some(required("RoleArn")?),
        false => None,
    };
    let bare = StackRequest {
        mode,
        stack_name,
        change_set_name,
        role_arn,
        template: None,
        parameters: BTreeMap::new(),
        tags: BTreeMap::new(),
        stack_policy: None,
        capabilities: capabilities(job.optional("Capabilities").unwrap_or_default()),
        output_file_name: job.optional("OutputFileName").map(str::to_owned),
    };
    if !mode.takes_template() {
        return Ok(bare);
    }
    let mut files = Files::of(platform, &job.input_artifacts);
    let template = files.read(&file("TemplatePath", &required("TemplatePath")?)?).await?;
    let configuration = match job.optional("TemplateConfiguration") {
        Some(path) => configuration(&mut files, &file("TemplateConfiguration", path)?).await?,
        None => TemplateConfiguration::default(),
    };
    let overrides = job.optional("ParameterOverrides").unwrap_or_default();
    let parameters = resolved(platform, job, &mut files, &configuration, overrides).await?;
    Ok(StackRequest {
        template: Some(sent(platform, job, template).await?),
        parameters,
        tags: tags(&configuration.tags)?,
        stack_policy: configuration.stack_policy.as_ref().map(Value::to_string),
        ..bare
    })
}

fn capabilities(text: &str) -> Vec<String> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn file(key: &str, text: &str) -> Result<ArtifactFile, Stop> {
    ArtifactFile::of(text)
        .ok_or_else(|| refusal(format!("{key} '{text}' is not of the form Artifact::file.")))
}

async fn configuration(files: &mut Files<'_>, file: &ArtifactFile) -> Result<TemplateConfiguration, Stop> {
    let bytes = files.read(file).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| refusal(format!("The template configuration file {}: {error}", file.path)))
}

async fn resolved(
    platform: &Platform,
    job: &ActionJob,
    files: &mut Files<'_>,
    configuration: &TemplateConfiguration,
    overrides: &str,
) -> Result<BTreeMap<String, String>, Stop> {
    let of = |error: engine::stack_action::ParameterError| refusal(error.to_string());
    let mut contents = BTreeMap::new();
    for file in engine::stack_action::artifact_files_of(overrides).map_err(of)? {
        let bytes = files.read(&file).await?;
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|error| refusal(format!("The file {} is no JSON: {error}", file.path)))?;
        contents.insert(file, value);
    }
    let region = &platform.config.region;
    let places = job.input_artifacts.iter().map(|artifact| ArtifactPlace {
        name: artifact.name.clone(),
        bucket: artifact.bucket.clone(),
        key: artifact.key.clone(),
        url: format!("https://{}.s3.{region}.amazonaws.com/{}", artifact.bucket, artifact.key),
    });
    parameters(configuration, overrides, &places.collect::<Vec<_>>(), &contents).map_err(of)
}

/// The template in the request if it fits, otherwise where it lies.
async fn sent(platform: &Platform, job: &ActionJob, template: Vec<u8>) -> Result<Template, Stop> {
    if template.len() > TEMPLATE_BODY_BYTES_MAX {
        let place = platform.artifacts.put(job.pipeline_name(), "Template", template).await?;
        let region = &platform.config.region;
        return Ok(Template::Url(format!(
            "https://{}.s3.{region}.amazonaws.com/{}",
            place.bucket, place.key
        )));
    }
    let body = String::from_utf8(template).map_err(|_| refusal("The template is no text in UTF-8."))?;
    Ok(Template::Body(body))
}

fn tags(tags: &Map<String, Value>) -> Result<BTreeMap<String, String>, Stop> {
    let tag = |(key, value): (&String, &Value)| {
        let value = value.as_str();
        let value = value.ok_or_else(|| refusal(format!("The value of the tag '{key}' is no text.")))?;
        Ok((key.clone(), value.to_owned()))
    };
    tags.iter().map(tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_have_commas_between_them() {
        assert_eq!(capabilities(""), Vec::<String>::new());
        assert_eq!(
            capabilities("CAPABILITY_NAMED_IAM,CAPABILITY_AUTO_EXPAND"),
            ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
        );
    }
}
