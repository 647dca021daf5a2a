//! Where more is to be seen of an action: its log, and its provider's page.

use engine::declaration::ActionDeclaration;
use platform::Config;
use platform::store::ActionRow;

/// The log stream of a build or a deployment, under the names that these have by default: CodeBuild writes to
/// `/aws/codebuild/<project>` and names the stream after the build (user guide, "Build projects: logs"). Whoever
/// gives a project another log group finds the log by the build's id.
pub(super) fn log_stream_arn(
    config: &Config,
    declared: &ActionDeclaration,
    row: &ActionRow,
) -> Option<String> {
    let id = row.execution.external_execution_id.as_deref()?;
    let (group, stream) = match declared.action_type_id.provider.as_str() {
        // Each build of a batch has a log of its own, the batch itself has none.
        "CodeBuild" if is_batch(declared, row) => return None,
        "CodeBuild" | "Commands" => {
            let (project, build) = id.split_once(':')?;
            (format!("/aws/codebuild/{project}"), build)
        }
        "CodeDeploy" => (format!("/aws/codedeploy/{}", configured(declared, row, "ApplicationName")?), id),
        _ => return None,
    };
    let (region, account) = (&config.region, &config.account_id);
    Some(format!("arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{stream}"))
}

/// `entityUrl`: the provider's page in AWS's console, as CodePipeline gives it.
pub(super) fn entity_url(
    config: &Config,
    declared: &ActionDeclaration,
    row: Option<&ActionRow>,
) -> Option<String> {
    let value = |key: &str| match row {
        Some(row) => configured(declared, row, key),
        None => declared_value(declared, key),
    };
    let region = &config.region;
    let page = match declared.action_type_id.provider.as_str() {
        "S3" => format!("s3/home?region={region}#"),
        "CodeBuild" => {
            format!("codebuild/home?region={region}#/projects/{}/view", value("ProjectName")?)
        }
        "CodeDeploy" => format!(
            "codedeploy/home?region={region}#/applications/{}/deployment-groups/{}",
            value("ApplicationName")?,
            value("DeploymentGroupName")?
        ),
        _ => return None,
    };
    Some(format!("https://console.aws.amazon.com/{page}"))
}

fn is_batch(declared: &ActionDeclaration, row: &ActionRow) -> bool {
    configured(declared, row, "BatchEnabled").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// With every variable in its value's place, if the action has begun.
fn configured(declared: &ActionDeclaration, row: &ActionRow, key: &str) -> Option<String> {
    let resolved = row.input.as_ref().and_then(|input| input.resolved_configuration.get(key));
    resolved.cloned().or_else(|| declared_value(declared, key))
}

fn declared_value(declared: &ActionDeclaration, key: &str) -> Option<String> {
    declared.configuration(key).filter(|value| !value.contains("#{")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn config() -> Config {
        let variable = |name: &str| {
            let machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:m";
            Some(if name == "STAGE_EXECUTION_STATE_MACHINE_ARN" {
                machine.to_owned()
            } else {
                name.to_owned()
            })
        };
        Config::from_environment(variable).expect("everything is set")
    }

    fn declared(category: &str, provider: &str, configuration: Value) -> ActionDeclaration {
        let id = json!({ "category": category, "owner": "AWS", "provider": provider, "version": "1" });
        serde_json::from_value(json!({ "name": "a", "actionTypeId": id, "configuration": configuration }))
            .expect("an action")
    }

    fn row(external_execution_id: Option<&str>, resolved: Value) -> ActionRow {
        let execution = json!({
            "id": "1", "name": "a", "runOrder": 1, "attempt": 1, "workflowAttempt": 1, "status": "InProgress",
            "startedAt": 0, "updatedAt": 0, "externalExecutionId": external_execution_id,
        });
        let input = json!({ "resolvedConfiguration": resolved, "inputArtifacts": [] });
        let row = json!({ "stage_index": 0, "execution": execution, "input": input, "output": null });
        serde_json::from_value(row).expect("a row")
    }

    #[test]
    fn a_log_stream_is_that_of_the_build_or_the_deployment() {
        let group = "arn:aws:logs:eu-west-1:111122223333:log-group:";
        for (category, provider, id, expected) in [
            ("Build", "CodeBuild", Some("app:1-2"), Some("/aws/codebuild/app:log-stream:1-2")),
            ("Compute", "Commands", Some("pw-commands:3"), Some("/aws/codebuild/pw-commands:log-stream:3")),
            ("Deploy", "CodeDeploy", Some("d-1"), Some("/aws/codedeploy/shop:log-stream:d-1")),
            ("Build", "CodeBuild", None, None),
            ("Approval", "Manual", Some("a-token"), None),
            ("Source", "S3", Some("a-version"), None),
        ] {
            let declared = declared(category, provider, json!({ "ApplicationName": "#{variables.app}" }));
            let row = row(id, json!({ "ApplicationName": "shop" }));
            let expected = expected.map(|stream| format!("{group}{stream}"));
            assert_eq!(log_stream_arn(&config(), &declared, &row), expected, "{provider} {id:?}");
        }
        let batch = declared("Build", "CodeBuild", json!({ "BatchEnabled": "True" }));
        assert_eq!(log_stream_arn(&config(), &batch, &row(Some("app:1-2"), json!({}))), None);
    }

    #[test]
    fn a_page_of_the_provider_needs_what_it_is_about() {
        let page =
            |declared: &ActionDeclaration, row: Option<&ActionRow>| entity_url(&config(), declared, row);
        let console = "https://console.aws.amazon.com";
        let build = declared("Build", "CodeBuild", json!({ "ProjectName": "app" }));
        let expected = format!("{console}/codebuild/home?region=eu-west-1#/projects/app/view");
        assert_eq!(page(&build, None), Some(expected));
        let chosen = declared("Build", "CodeBuild", json!({ "ProjectName": "#{variables.project}" }));
        assert_eq!(page(&chosen, None), None, "nobody knows the project before the action begins");
        let begun = row(None, json!({ "ProjectName": "site" }));
        let expected = format!("{console}/codebuild/home?region=eu-west-1#/projects/site/view");
        assert_eq!(page(&chosen, Some(&begun)), Some(expected));
        let group = json!({ "ApplicationName": "shop", "DeploymentGroupName": "live" });
        let expected =
            format!("{console}/codedeploy/home?region=eu-west-1#/applications/shop/deployment-groups/live");
        assert_eq!(page(&declared("Deploy", "CodeDeploy", group), None), Some(expected));
        assert_eq!(page(&declared("Approval", "Manual", json!({})), None), None);
    }
}
