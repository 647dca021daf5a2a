//! Step Functions, CodeBuild, CodeDeploy, Secrets Manager, Parameter Store, CloudWatch Logs and EventBridge.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Permission;
use crate::template::Account;

pub(super) fn step_functions(operation: &str, input: &Value) -> Vec<Permission> {
    let resource = match operation {
        // The task token itself is the permission: IAM has no resource for these.
        "SendTaskSuccess" | "SendTaskFailure" | "SendTaskHeartbeat" => "*",
        _ => input["stateMachineArn"].as_str().or(input["executionArn"].as_str()).unwrap_or("*"),
    };
    vec![Permission::new(format!("states:{operation}"), resource)]
}

pub(super) fn codebuild(operation: &str, input: &Value, account: &Account) -> Vec<Permission> {
    let action = format!("codebuild:{operation}");
    let on_project =
        |project: &str| Permission::new(&action, account.arn("codebuild", &format!("project/{project}")));
    let projects: BTreeSet<&str> = match operation {
        "BatchGetBuilds" | "BatchGetBuildBatches" => texts(&input["ids"]).map(project_of_build).collect(),
        "StopBuild" | "StopBuildBatch" => input["id"].as_str().map(project_of_build).into_iter().collect(),
        "BatchGetProjects" => texts(&input["names"]).collect(),
        _ => input["projectName"].as_str().or(input["name"].as_str()).into_iter().collect(),
    };
    if projects.is_empty() {
        return vec![Permission::new(&action, "*")];
    }
    projects.into_iter().map(on_project).collect()
}

/// A build's id is `<project>:<uuid>`; its ARN ends in `build/<id>`, that of a batch in `build-batch/<id>`.
fn project_of_build(id: &str) -> &str {
    let id = id.rsplit_once('/').map_or(id, |(_, id)| id);
    id.split_once(':').map_or(id, |(project, _)| project)
}

pub(super) fn codedeploy(operation: &str, input: &Value, account: &Account) -> Vec<Permission> {
    let action = format!("codedeploy:{operation}");
    let text = |field: &str| input[field].as_str();
    let arn = |kind: &str, name: &str| account.arn("codedeploy", &format!("{kind}:{name}"));
    let application = || arn("application", text("applicationName").unwrap_or("*"));
    let group = || {
        let application = text("applicationName").unwrap_or("*");
        arn("deploymentgroup", &format!("{application}/{}", text("deploymentGroupName").unwrap_or("*")))
    };
    match operation {
        "CreateDeployment" => {
            // CodeDeploy reads the configuration and registers the revision on behalf of the caller.
            let configuration = text("deploymentConfigName").unwrap_or("*");
            vec![
                Permission::new(action, group()),
                Permission::new("codedeploy:GetDeploymentConfig", arn("deploymentconfig", configuration)),
                Permission::new("codedeploy:RegisterApplicationRevision", application()),
            ]
        }
        "GetDeployment" | "GetDeploymentGroup" | "ListDeployments" | "BatchGetDeployments" => {
            vec![Permission::new(action, group())]
        }
        "GetDeploymentConfig" => {
            let configuration = text("deploymentConfigName").unwrap_or("*");
            vec![Permission::new(action, arn("deploymentconfig", configuration))]
        }
        "RegisterApplicationRevision" | "GetApplicationRevision" | "GetApplication" => {
            vec![Permission::new(action, application())]
        }
        // StopDeployment, ContinueDeployment and the like have no resource in IAM.
        _ => vec![Permission::new(action, "*")],
    }
}

/// A secret is named by its ARN, or by its name.
pub(super) fn secrets_manager(operation: &str, input: &Value, account: &Account) -> Vec<Permission> {
    let action = format!("secretsmanager:{operation}");
    let resource = match input["SecretId"].as_str() {
        None => "*".to_owned(),
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some(name) => account.arn("secretsmanager", &format!("secret:{name}")),
    };
    vec![Permission::new(action, resource)]
}

/// Several names are several resources.
pub(super) fn parameter_store(operation: &str, input: &Value, account: &Account) -> Vec<Permission> {
    let names = input["Name"].as_str().into_iter().chain(texts(&input["Names"]));
    let resource = |name: &str| account.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')));
    let action = format!("ssm:{operation}");
    let mut needed: Vec<_> = names.map(|name| Permission::new(&action, resource(name))).collect();
    if needed.is_empty() {
        needed.push(Permission::new(action, "*"));
    }
    needed
}

/// Each bus that an entry names; the default one where it names none.
pub(super) fn event_bridge(operation: &str, input: &Value, account: &Account) -> Vec<Permission> {
    let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let buses: BTreeSet<_> =
        entries.iter().map(|entry| entry["EventBusName"].as_str().unwrap_or("default")).collect();
    let resource = |bus: &str| match bus.starts_with("arn:") {
        true => bus.to_owned(),
        false => account.arn("events", &format!("event-bus/{bus}")),
    };
    buses.into_iter().map(|bus| Permission::new(format!("events:{operation}"), resource(bus))).collect()
}

pub(super) fn logs(operation: &str, input: &Value, account: &Account) -> Vec<Permission> {
    let group = input["logGroupName"].as_str().unwrap_or("*");
    let stream = match (operation, input["logStreamName"].as_str()) {
        ("GetLogEvents", Some(stream)) => format!(":log-stream:{stream}"),
        _ => ":*".to_owned(),
    };
    let resource = account.arn("logs", &format!("log-group:{group}{stream}"));
    vec![Permission::new(format!("logs:{operation}"), resource)]
}

/// Of a service whose resources are not told apart here: only a policy for all of them covers it.
pub(super) fn on_all(service: &str, operation: &str) -> Vec<Permission> {
    vec![Permission::new(format!("{service}:{operation}"), "*")]
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str)
}
