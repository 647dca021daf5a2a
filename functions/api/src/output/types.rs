//! `ActionType` and `RuleType`, as far as the catalog knows them: of a key's type, that it is a boolean; of the
//! pages of a provider, those that CodePipeline's documentation shows.
//!
//! The model has room for ten properties and five artifacts. Some action types have more, in CodePipeline's user
//! guide and so here.

use engine::catalog::{ActionType, ConfigurationKey, Count, RuleType, UrlTemplates};
use serde_json::{Value, json};

use super::without_nulls;

pub(crate) fn action_type(entry: &ActionType) -> Value {
    let shown = json!({
        "id": {
            "category": entry.category.as_str(),
            "owner": entry.owner.as_str(),
            "provider": entry.provider,
            "version": entry.version,
        },
        "settings": settings(&entry.url_templates),
        "actionConfigurationProperties": entry.configuration.iter().map(property).collect::<Vec<_>>(),
        "inputArtifactDetails": artifacts(entry.input_artifacts),
        "outputArtifactDetails": artifacts(entry.output_artifacts),
    });
    without_nulls(shown)
}

pub(crate) fn rule_type(rule: &RuleType) -> Value {
    json!({
        "id": { "category": "Rule", "owner": "AWS", "provider": rule.provider, "version": "1" },
        "ruleConfigurationProperties": rule.configuration.iter().map(property).collect::<Vec<_>>(),
        "inputArtifactDetails": artifacts(rule.input_artifacts),
    })
}

fn property(key: &ConfigurationKey) -> Value {
    without_nulls(json!({
        "name": key.name,
        "required": key.required,
        "key": key.is_key(),
        "secret": key.secret,
        // Job workers ask for work by such a key, and none does this work.
        "queryable": false,
        "type": key.is_boolean().then_some("Boolean"),
    }))
}

fn artifacts(count: Count) -> Value {
    json!({ "minimumCount": count.minimum, "maximumCount": count.maximum })
}

/// Null if there is nothing to say.
fn settings(templates: &UrlTemplates) -> Value {
    let shown = without_nulls(json!({
        "entityUrlTemplate": templates.entity,
        "executionUrlTemplate": templates.execution,
        "revisionUrlTemplate": templates.revision,
    }));
    match shown.as_object().is_some_and(|members| members.is_empty()) {
        true => Value::Null,
        false => shown,
    }
}

#[cfg(test)]
mod tests {
    use engine::catalog::{action_types, find_rule, rule_types};

    use super::*;

    /// The sample response of ListActionTypes in the API reference, but for keys that CodePipeline got since.
    #[test]
    fn an_action_type_is_as_codepipeline_shows_it() {
        let property = |name: &str, is_key: bool, is_secret: bool| {
            let (key, secret) = (is_key, is_secret);
            json!({ "name": name, "required": true, "key": key, "secret": secret, "queryable": false })
        };
        let count = |count: usize| json!({ "minimumCount": count, "maximumCount": count });
        let one = |category: &str, provider: &str| {
            let found = action_types()
                .find(|entry| (entry.category.as_str(), entry.provider) == (category, provider));
            action_type(found.expect("it is in the catalog"))
        };
        let github = json!({
            "id": { "category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1" },
            "settings": {
                "entityUrlTemplate": "https://github.com/{Config:Owner}/{Config:Repo}/tree/{Config:Branch}",
                "revisionUrlTemplate": "https://github.com/{Config:Owner}/{Config:Repo}/commit/{RevisionId}",
            },
            "actionConfigurationProperties": [
                property("Owner", true, false),
                property("Repo", true, false),
                property("Branch", true, false),
                property("OAuthToken", false, true),
                { "name": "PollForSourceChanges", "required": false, "key": false, "secret": false,
                    "queryable": false, "type": "Boolean" },
            ],
            "inputArtifactDetails": count(0),
            "outputArtifactDetails": count(1),
        });
        assert_eq!(one("Source", "GitHub"), github);
        let codedeploy = json!({
            "id": { "category": "Deploy", "owner": "AWS", "provider": "CodeDeploy", "version": "1" },
            "settings": {
                "entityUrlTemplate": "https://console.aws.amazon.com/codedeploy/home?#/applications/\
                    {Config:ApplicationName}/deployment-groups/{Config:DeploymentGroupName}",
                "executionUrlTemplate":
                    "https://console.aws.amazon.com/codedeploy/home?#/deployments/{ExternalExecutionId}",
            },
            "actionConfigurationProperties":
                [property("ApplicationName", true, false), property("DeploymentGroupName", true, false)],
            "inputArtifactDetails": count(1),
            "outputArtifactDetails": count(0),
        });
        assert_eq!(one("Deploy", "CodeDeploy"), codedeploy);
        assert_eq!(one("Approval", "Manual").get("settings"), None);
    }

    #[test]
    fn a_rule_type_is_one_of_six() {
        let providers: Vec<_> = rule_types().iter().map(|rule| rule.provider).collect();
        let expected =
            ["CloudWatchAlarm", "CodeBuild", "Commands", "DeploymentWindow", "LambdaInvoke", "VariableCheck"];
        assert_eq!(providers, expected);
        let property = |name: &str| json!({ "name": name, "required": true, "key": true, "secret": false, "queryable": false });
        let expected = json!({
            "id": { "category": "Rule", "owner": "AWS", "provider": "VariableCheck", "version": "1" },
            "ruleConfigurationProperties": [property("Variable"), property("Value"), property("Operator")],
            "inputArtifactDetails": { "minimumCount": 0, "maximumCount": 0 },
        });
        assert_eq!(rule_type(find_rule("VariableCheck").expect("one of the six")), expected);
    }
}
