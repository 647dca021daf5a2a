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

/// With every variable in its value's place, if the action has begun.
fn configured(declared: &ActionDeclaration, row: &ActionRow, key: &str) -> Option<String> {
    let resolved = row.input.as_ref().and_then(|input| input.resolved_configuration.get(key));
    resolved.cloned().or_else(|| declared_value(declared, key))
}

fn declared_value(declared: &ActionDeclaration, key: &str) -> Option<String> {
    declared.configuration(key).filter(|value| !value.contains("#{")).map(str::to_owned)
}
