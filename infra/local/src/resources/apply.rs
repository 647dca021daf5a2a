//! Making the resources in the local stack, or bringing them up to date.

use std::fmt;
use std::path::Path;

use local_s3::BucketSettings;
use local_service::Service;
use platform::Connection;
use serde_json::{Value, json};

use super::read::{Application, Resources};
use crate::stack::{ACCOUNT_ID, LocalStack};

/// Which resource cannot be made, and why.
#[derive(Debug)]
pub struct ResourceError {
    resource: String,
    message: String,
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.resource, self.message)
    }
}

impl std::error::Error for ResourceError {}

fn broken<E: fmt::Display>(resource: &str) -> impl Fn(E) -> ResourceError {
    move |error| ResourceError { resource: resource.to_owned(), message: error.to_string() }
}

/// Makes everything that the file declares.
pub async fn apply(stack: &LocalStack, resources: &Resources) -> Result<(), ResourceError> {
    connect(stack, resources).await?;
    for bucket in &resources.buckets {
        let settings = BucketSettings { versioned: bucket.versioned, ..BucketSettings::default() };
        stack.s3.ensure_bucket(&bucket.name, settings).map_err(broken(&format!("bucket {}", bucket.name)))?;
    }
    for project in &resources.projects {
        make_project(stack, resources, project).await?;
    }
    for application in &resources.applications {
        make_application(stack, resources, application)?;
    }
    Ok(())
}

async fn connect(stack: &LocalStack, resources: &Resources) -> Result<(), ResourceError> {
    let connections = resources.connections.iter().map(|connection| Connection {
        arn: connection.arn.clone(),
        url: resources.url(&connection.url),
        revision: None,
    });
    let repositories = resources.repositories.iter().map(|repository| Connection {
        arn: Connection::codecommit_arn(stack.region(), ACCOUNT_ID, &repository.name),
        url: resources.url(&repository.url),
        revision: None,
    });
    for connection in connections.chain(repositories) {
        stack.connect(&connection).await.map_err(broken(&connection.arn))?;
    }
    Ok(())
}

/// CreateProject's input; what a project of a pipeline always has may be left out.
async fn make_project(
    stack: &LocalStack,
    resources: &Resources,
    project: &Value,
) -> Result<(), ResourceError> {
    let name = project["name"].as_str().unwrap_or_default().to_owned();
    let mut input = project.clone();
    let default = |input: &mut Value, name: &str, value: Value| {
        if input[name].is_null() {
            input[name] = value;
        }
    };
    default(&mut input, "source", json!({}));
    default(&mut input["source"], "type", json!("CODEPIPELINE"));
    default(&mut input, "artifacts", json!({ "type": "CODEPIPELINE" }));
    default(&mut input, "serviceRole", json!(format!("arn:aws:iam::{ACCOUNT_ID}:role/{name}")));
    default(&mut input, "environment", json!({}));
    default(&mut input["environment"], "type", json!("LINUX_CONTAINER"));
    default(&mut input["environment"], "image", json!("aws/codebuild/standard:7.0"));
    default(&mut input["environment"], "computeType", json!("BUILD_GENERAL1_SMALL"));
    if let Some(variables) = input.pointer_mut("/environment/environmentVariables") {
        place_directory(variables, resources);
    }
    let created = match stack.codebuild.call("CreateProject", input.clone()).await {
        Err(error) if error.code == "ResourceAlreadyExistsException" => {
            stack.codebuild.call("UpdateProject", input).await
        }
        created => created,
    };
    created.map(|_| ()).map_err(broken(&format!("project {name}")))
}

/// `{directory}` in a variable's value is the directory of the file.
fn place_directory(variables: &mut Value, resources: &Resources) {
    for variable in variables.as_array_mut().into_iter().flatten() {
        if let Some(value) = variable["value"].as_str() {
            variable["value"] = json!(placed(value, resources));
        }
    }
}

/// What follows `{directory}/` is a path of the file.
fn placed(value: &str, resources: &Resources) -> String {
    match value.strip_prefix("{directory}/") {
        Some(path) => resources.path(Path::new(path)).display().to_string(),
        None => value.replace("{directory}", &resources.directory.display().to_string()),
    }
}

fn make_application(
    stack: &LocalStack,
    resources: &Resources,
    application: &Application,
) -> Result<(), ResourceError> {
    for group in &application.deployment_groups {
        let directories = group.directories.iter().map(|directory| resources.path(directory));
        stack.define_deployment_group(&application.name, &group.name, directories.collect()).map_err(
            broken(&format!("deployment group {} of application {}", group.name, application.name)),
        )?;
    }
    Ok(())
}
