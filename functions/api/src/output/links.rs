//! Where more is to be seen of an action: its log, and its provider's page.

use engine::catalog::{CustomActionType, filled_in};
use engine::declaration::ActionDeclaration;
use platform::Config;
use platform::store::ActionRow;

/// What links are made of.
pub(crate) struct Links<'a> {
    pub config: &'a Config,
    /// Those that the account or a provider made.
    pub action_types: &'a [CustomActionType],
}

impl Links<'_> {
    /// The log stream of a build or a deployment, under the names that these have by default: CodeBuild writes to
    /// `/aws/codebuild/<project>` and names the stream after the build (user guide, "Build projects: logs"). Whoever
    /// gives a project another log group finds the log by the build's id.
    pub(super) fn log_stream_arn(&self, declared: &ActionDeclaration, row: &ActionRow) -> Option<String> {
        let id = row.execution.external_execution_id.as_deref()?;
        let (group, stream) = match declared.action_type_id.provider.as_str() {
            _ if declared.action_type_id.owner != "AWS" => return None,
            // Each build of a batch has a log of its own, the batch itself has none.
            "CodeBuild" if is_batch(declared, row) => return None,
            "CodeBuild" | "Commands" => {
                let (project, build) = id.split_once(':')?;
                (format!("/aws/codebuild/{project}"), build)
            }
            "CodeDeploy" => {
                (format!("/aws/codedeploy/{}", configured(declared, row, "ApplicationName")?), id)
            }
            _ => return None,
        };
        let (region, account) = (&self.config.region, &self.config.account_id);
        Some(format!("arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{stream}"))
    }

    /// `entityUrl`: the page of what the action works on: of the provider in AWS's console, as CodePipeline gives it,
    /// or by the template of the action type.
    pub(super) fn entity_url(&self, declared: &ActionDeclaration, row: Option<&ActionRow>) -> Option<String> {
        if let Some(made) = self.made(declared) {
            let template = made.settings.as_ref()?.entity_url_template.as_deref()?;
            return filled_in(template, |name| place(declared, row, name));
        }
        let value = |key: &str| value(declared, row, key);
        let region = &self.config.region;
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

    /// `externalExecutionUrl`: what whoever did the work told, or by the template of the action type.
    pub(super) fn execution_url(
        &self,
        declared: Option<&ActionDeclaration>,
        row: &ActionRow,
    ) -> Option<String> {
        let told = row.execution.external_execution_url.clone();
        told.or_else(|| {
            let made = self.made(declared?)?;
            let template = made.settings.as_ref()?.execution_url_template.as_deref()?;
            filled_in(template, |name| place(declared?, Some(row), name))
        })
    }

    /// `revisionUrl` of the revision that an action's worker told.
    pub(super) fn revision_url(&self, declared: &ActionDeclaration, row: &ActionRow) -> Option<String> {
        let template = self.made(declared)?.settings.as_ref()?.revision_url_template.as_deref()?;
        filled_in(template, |name| place(declared, Some(row), name))
    }

    fn made(&self, declared: &ActionDeclaration) -> Option<&CustomActionType> {
        self.action_types.iter().find(|made| made.id == declared.action_type_id)
    }
}

/// What stands between braces in a template.
fn place(declared: &ActionDeclaration, row: Option<&ActionRow>, name: &str) -> Option<String> {
    match name {
        "ExternalExecutionId" => row?.execution.external_execution_id.clone(),
        "RevisionId" => Some(row?.output.as_ref()?.current_revision.as_ref()?.revision_id.clone()),
        name => value(declared, row, name.strip_prefix("Config:")?),
    }
}

fn value(declared: &ActionDeclaration, row: Option<&ActionRow>, key: &str) -> Option<String> {
    match row {
        Some(row) => configured(declared, row, key),
        None => declared_value(declared, key),
    }
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

    fn links(config: &Config) -> Links<'_> {
        Links { config, action_types: &[] }
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
            assert_eq!(links(&config()).log_stream_arn(&declared, &row), expected, "{provider} {id:?}");
        }
        let batch = declared("Build", "CodeBuild", json!({ "BatchEnabled": "True" }));
        assert_eq!(links(&config()).log_stream_arn(&batch, &row(Some("app:1-2"), json!({}))), None);
    }

    #[test]
    fn a_page_of_the_provider_needs_what_it_is_about() {
        let page = |declared: &ActionDeclaration, row: Option<&ActionRow>| {
            links(&config()).entity_url(declared, row)
        };
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

    #[test]
    fn the_pages_of_a_made_action_type_are_those_of_its_templates() {
        let forge: CustomActionType = serde_json::from_value(json!({
            "id": { "category": "Build", "owner": "Custom", "provider": "S3", "version": "1" },
            "settings": {
                "entityUrlTemplate": "https://forge/{Config:Project}",
                "executionUrlTemplate": "https://forge/{Config:Project}/{ExternalExecutionId}",
                "revisionUrlTemplate": "https://forge/{Config:Project}/at/{RevisionId}",
            },
            "actionConfigurationProperties": [],
            "inputArtifactDetails": { "minimumCount": 0, "maximumCount": 1 },
            "outputArtifactDetails": { "minimumCount": 0, "maximumCount": 1 },
        }))
        .expect("an action type");
        let (config, types) = (config(), [forge]);
        let links = Links { config: &config, action_types: &types };
        let mut declared = declared("Build", "S3", json!({ "Project": "#{variables.project}" }));
        declared.action_type_id.owner = "Custom".into();
        let mut row = row(Some("7"), json!({ "Project": "shop" }));
        assert_eq!(links.entity_url(&declared, None), None, "nobody knows the project yet");
        assert_eq!(links.entity_url(&declared, Some(&row)).as_deref(), Some("https://forge/shop"));
        assert_eq!(links.execution_url(Some(&declared), &row).as_deref(), Some("https://forge/shop/7"));
        assert_eq!(links.revision_url(&declared, &row), None, "no worker told a revision");
        row.execution.external_execution_url = Some("https://elsewhere".into());
        assert_eq!(links.execution_url(Some(&declared), &row).as_deref(), Some("https://elsewhere"));
        let revision = json!({ "revisionId": "abc", "revisionChangeId": "1", "createdAt": 0 });
        row.output = serde_json::from_value(json!({ "currentRevision": revision })).expect("an output");
        assert_eq!(links.revision_url(&declared, &row).as_deref(), Some("https://forge/shop/at/abc"));
        declared.action_type_id.version = "2".into();
        assert_eq!(
            links.execution_url(Some(&declared), &ActionRow { output: None, ..row.clone() }).as_deref(),
            Some("https://elsewhere")
        );
        assert_eq!(links.revision_url(&declared, &row), None, "it is another type");
    }
}
