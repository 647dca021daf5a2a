//! Making the resources in the local stack, or bringing them up to date.

use std::fmt;
use std::path::Path;

use local_cloudwatch::{Alarm, Tells};
use local_lambda::{Function, Runs};
use local_s3::BucketSettings;
use local_service::Service;
use platform::Connection;
use serde_json::{Value, json};

use super::read::{Application, NamedAlarm, NamedFunction, NamedMachine, Resources};
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
        let settings = BucketSettings { versioned: bucket.versioned, event_bridge: bucket.event_bridge };
        stack.s3.ensure_bucket(&bucket.name, settings).map_err(broken(&format!("bucket {}", bucket.name)))?;
    }
    for project in &resources.projects {
        make_project(stack, resources, project).await?;
    }
    for application in &resources.applications {
        make_application(stack, resources, application).await?;
    }
    for function in &resources.functions {
        make_function(stack, resources, function)?;
    }
    for machine in &resources.state_machines {
        make_state_machine(stack, resources, machine).await?;
    }
    for alarm in &resources.alarms {
        make_alarm(stack, resources, alarm)?;
    }
    for (name, policy) in &resources.roles {
        stack.define_role(name, policy).await.map_err(broken(&format!("role {name}")))?;
    }
    for rule in &resources.rules {
        stack.rules.put(rule.clone()).map_err(broken(&format!("rule {}", rule.name)))?;
    }
    Ok(())
}

async fn connect(stack: &LocalStack, resources: &Resources) -> Result<(), ResourceError> {
    let connections = resources.connections.iter().map(|connection| Connection {
        arn: connection.arn.clone(),
        url: resources.url(&connection.url),
        provider_type: connection.provider_type,
        secret: connection.secret.clone(),
        ..Connection::default()
    });
    let repositories = resources.repositories.iter().map(|repository| Connection {
        arn: Connection::codecommit_arn(stack.region(), ACCOUNT_ID, &repository.name),
        url: resources.url(&repository.url),
        ..Connection::default()
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

/// Executions that run go on with the definition that they began with, as in Step Functions.
async fn make_state_machine(
    stack: &LocalStack,
    resources: &Resources,
    machine: &NamedMachine,
) -> Result<(), ResourceError> {
    let NamedMachine { name, definition } = machine;
    let resource = format!("state machine {name}");
    let path = resources.path(definition);
    let unreadable = |error| format!("{} cannot be read: {error}", path.display());
    let definition = std::fs::read_to_string(&path).map_err(unreadable).map_err(broken(&resource))?;
    let arn = stack.account().arn("states", &format!("stateMachine:{name}"));
    if stack.state_machine_arns().any(|own| own == arn) {
        return Err(broken(&resource)("it is the one that runs stages: give it another name"));
    }
    let role = format!("arn:aws:iam::{ACCOUNT_ID}:role/{name}");
    let input = json!({ "name": name, "definition": definition, "roleArn": role });
    let made = match stack.stepfunctions.call("CreateStateMachine", input).await {
        Err(error) if error.code == "StateMachineAlreadyExists" => {
            let input = json!({ "stateMachineArn": arn, "definition": definition });
            stack.stepfunctions.call("UpdateStateMachine", input).await
        }
        made => made,
    };
    made.map(|_| ()).map_err(broken(&resource))
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

async fn make_application(
    stack: &LocalStack,
    resources: &Resources,
    application: &Application,
) -> Result<(), ResourceError> {
    for group in &application.deployment_groups {
        let name = format!("deployment group {} of application {}", group.name, application.name);
        let directories = group.directories.iter().map(|directory| resources.path(directory));
        stack
            .define_deployment_group(&application.name, &group.name, directories.collect())
            .map_err(broken(&name))?;
        let configuration = group.deployment_config_name.as_deref().unwrap_or(DEFAULT_DEPLOYMENT_CONFIG);
        let rollback = group.auto_rollback_configuration.clone();
        let input = json!({
            "applicationName": application.name,
            "currentDeploymentGroupName": group.name,
            "deploymentConfigName": configuration,
            "autoRollbackConfiguration": rollback.unwrap_or_else(|| json!({ "enabled": false })),
        });
        stack.codedeploy.call("UpdateDeploymentGroup", input).await.map_err(broken(&name))?;
    }
    Ok(())
}

/// CodeDeploy's default.
const DEFAULT_DEPLOYMENT_CONFIG: &str = "CodeDeployDefault.OneAtATime";
/// The longest that Lambda allows: a script of one's own should not have to say how long it takes.
const DEFAULT_TIMEOUT_SECONDS: u64 = 900;

fn make_function(
    stack: &LocalStack,
    resources: &Resources,
    function: &NamedFunction,
) -> Result<(), ResourceError> {
    let name = &function.function_name;
    let runs = match (&function.command, &function.url) {
        (Some(command), None) => {
            Runs::Command { command: command.clone(), directory: resources.directory.clone() }
        }
        (None, Some(url)) => Runs::Url(url.clone()),
        _ => return Err(broken(&format!("function {name}"))("give it a Command or a Url, one of them")),
    };
    let variables = function.environment.variables.iter();
    let made = stack.lambda.define(Function {
        name: name.clone(),
        runs,
        timeout_seconds: function.timeout.unwrap_or(DEFAULT_TIMEOUT_SECONDS),
        environment: variables.map(|(name, value)| (name.clone(), placed(value, resources))).collect(),
    });
    made.map_err(|error| broken(&format!("function {name}"))(error.problem))
}

fn make_alarm(stack: &LocalStack, resources: &Resources, alarm: &NamedAlarm) -> Result<(), ResourceError> {
    let name = &alarm.name;
    let tells = match (alarm.state, &alarm.command) {
        (Some(state), None) => Tells::State(state),
        (None, Some(command)) => {
            Tells::Command { command: command.clone(), directory: resources.directory.clone() }
        }
        _ => return Err(broken(&format!("alarm {name}"))("give it a state or a command, one of them")),
    };
    let made = stack.cloudwatch.define(Alarm { name: name.clone(), tells });
    made.map_err(|error| broken(&format!("alarm {name}"))(error.problem))
}
