//! What a pipeline names and the file does not have, found before anything runs.

use std::collections::BTreeSet;

use engine::declaration::{ActionDeclaration, PipelineDeclaration};
use engine::execution::ConditionType;

use super::read::Resources;
use crate::forwarding::AwsEndpoints;

/// A block for the file for each missing resource, in words that only need their values; empty when
/// nothing is missing. Values that hold variables are known only when the action runs.
/// What an endpoint is given for is looked for there.
pub fn missing(
    declaration: &PipelineDeclaration,
    resources: &Resources,
    endpoints: &AwsEndpoints,
) -> BTreeSet<String> {
    let actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
    // A rule is the action that does its work.
    let rules = declaration.stages.iter().flat_map(|stage| {
        let of = |condition| stage.rules(condition).iter().map(move |rule| rule.as_action(condition));
        ConditionType::ALL.into_iter().flat_map(of)
    });
    let missing_of = |action: &ActionDeclaration| {
        let is_elsewhere = service_of(action).is_some_and(|service| endpoints.of(service).is_some());
        missing_of(action, resources).filter(|_| !is_elsewhere)
    };
    let of_rules = rules.filter_map(|rule| missing_of(&rule));
    actions.filter_map(missing_of).chain(of_rules).collect()
}

/// That an endpoint may be given for, as requests are signed for it.
fn service_of(action: &ActionDeclaration) -> Option<&'static str> {
    match action.action_type_id.provider.as_str() {
        "CodeDeploy" => Some("codedeploy"),
        "Lambda" | "LambdaInvoke" => Some("lambda"),
        "StepFunctions" => Some("states"),
        _ => None,
    }
}

fn missing_of(action: &ActionDeclaration, resources: &Resources) -> Option<String> {
    let value = |key: &str| action.configuration(key).filter(|value| !value.contains("#{"));
    match action.action_type_id.provider.as_str() {
        "CodeStarSourceConnection" => {
            let arn = value("ConnectionArn")?;
            let is_known = resources.connections.iter().any(|connection| connection.arn == arn);
            (!is_known).then(|| format!("connections:\n  - arn: {arn}\n    url: <a git URL or directory>"))
        }
        "CodeCommit" => {
            let name = value("RepositoryName")?;
            let is_known = resources.repositories.iter().any(|repository| repository.name == name);
            (!is_known).then(|| format!("repositories:\n  - name: {name}\n    url: <a git URL or directory>"))
        }
        "S3" => {
            let name = value("S3Bucket").or_else(|| value("BucketName"))?;
            let is_known = resources.buckets.iter().any(|bucket| bucket.name == name);
            (!is_known).then(|| format!("buckets:\n  - name: {name}\n    versioned: true"))
        }
        "CodeBuild" => {
            let name = value("ProjectName")?;
            let is_known = resources.projects.iter().any(|project| project["name"] == name);
            (!is_known)
                .then(|| format!("projects:\n  - name: {name}\n    source: {{ buildspec: buildspec.yml }}"))
        }
        "CodeDeploy" => {
            let (application, group) = (value("ApplicationName")?, value("DeploymentGroupName")?);
            let is_known = resources.applications.iter().any(|known| {
                known.name == application && known.deployment_groups.iter().any(|known| known.name == group)
            });
            (!is_known).then(|| {
                format!(
                    "applications:\n  - name: {application}\n    deploymentGroups:\n      - name: {group}\n        \
                     directories: [<a directory of this host>]"
                )
            })
        }
        "Lambda" => {
            let given = value("FunctionName")?;
            let name = given.rsplit_once(":function:").map_or(given, |(_, name)| name);
            let is_known = resources.functions.iter().any(|function| function.function_name == name);
            (!is_known).then(|| {
                format!("functions:\n  - FunctionName: {name}\n    Command: [<a program>, <its arguments>]")
            })
        }
        "StepFunctions" => {
            let (_, name) = value("StateMachineArn")?.rsplit_once(":stateMachine:")?;
            let is_known = resources.state_machines.iter().any(|machine| machine.name == name);
            (!is_known).then(|| {
                format!("stateMachines:\n  - name: {name}\n    definition: <a file in the States Language>")
            })
        }
        "CloudWatchAlarm" => {
            let name = value("AlarmName")?;
            let is_known = resources.alarms.iter().any(|alarm| alarm.name == name);
            (!is_known).then(|| format!("alarms:\n  - name: {name}\n    state: OK"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::resources::{NamedAlarm, NamedFunction};

    fn declaration(category: &str, provider: &str, configuration: &Value) -> PipelineDeclaration {
        serde_json::from_value(json!({
            "name": "p",
            "stages": [{ "name": "S", "actions": [{
                "name": "A",
                "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
                "configuration": configuration,
            }] }],
        }))
        .expect("a declaration")
    }

    #[test]
    fn what_a_rule_names_is_looked_for_as_well() {
        let rule = |provider: &str, configuration: Value| {
            let rule_type =
                json!({ "category": "Rule", "owner": "AWS", "provider": provider, "version": "1" });
            json!({ "name": provider, "ruleTypeId": rule_type, "configuration": configuration })
        };
        let rules = [
            rule("CloudWatchAlarm", json!({ "AlarmName": "errors" })),
            rule("CloudWatchAlarm", json!({ "AlarmName": "known" })),
            rule("LambdaInvoke", json!({ "FunctionName": "judge" })),
        ];
        let conditions = json!({ "conditions": [{ "result": "ROLLBACK", "rules": rules }] });
        let declaration = json!({ "name": "p", "stages": [{ "name": "S", "onFailure": conditions }] });
        let declaration = serde_json::from_value(declaration).expect("a declaration");
        let known = NamedAlarm { name: "known".into(), state: None, command: None };
        let resources = Resources { alarms: vec![known], ..Resources::default() };
        let blocks: Vec<_> =
            missing(&declaration, &resources, &AwsEndpoints::default()).into_iter().collect();
        let function = "functions:\n  - FunctionName: judge\n    Command: [<a program>, <its arguments>]";
        assert_eq!(blocks, ["alarms:\n  - name: errors\n    state: OK", function]);
    }

    #[test]
    fn what_nobody_declared_is_shown_as_a_block_to_paste() {
        let function: NamedFunction =
            serde_json::from_value(json!({ "FunctionName": "tell", "Command": ["true"] }))
                .expect("a function");
        let known = Resources {
            projects: vec![json!({ "name": "app" })],
            functions: vec![function],
            ..Resources::default()
        };
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:tell";
        for (category, provider, configuration, block) in [
            (
                "Build",
                "CodeBuild",
                json!({ "ProjectName": "app" }),
                "projects:\n  - name: app\n    source: { buildspec: buildspec.yml }",
            ),
            (
                "Invoke",
                "Lambda",
                json!({ "FunctionName": arn }),
                "functions:\n  - FunctionName: tell\n    Command: [<a program>, <its arguments>]",
            ),
        ] {
            let declaration = declaration(category, provider, &configuration);
            let blocks: Vec<_> =
                missing(&declaration, &Resources::default(), &AwsEndpoints::default()).into_iter().collect();
            assert_eq!(blocks, [block]);
            assert!(missing(&declaration, &known, &AwsEndpoints::default()).is_empty(), "{provider}");
        }
        let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:release";
        let declared = declaration("Invoke", "StepFunctions", &json!({ "StateMachineArn": arn }));
        let there = "states=http://127.0.0.1:5000".parse().expect("an endpoint");
        for (endpoints, expected) in [(vec![], 1), (vec![there], 0)] {
            let blocks = missing(&declared, &Resources::default(), &endpoints.into_iter().collect());
            assert_eq!(blocks.len(), expected, "{blocks:?}");
        }
        let later = declaration("Invoke", "Lambda", &json!({ "FunctionName": "#{variables.name}" }));
        assert!(
            missing(&later, &Resources::default(), &AwsEndpoints::default()).is_empty(),
            "it is known when the action runs"
        );
    }
}
