//! Which changes outside start a pipeline: those of the source actions that detect changes.

use serde::{Deserialize, Serialize};

use super::{ActionDeclaration, GitConfiguration, PipelineDeclaration};

/// Where a change can happen, as an event about it tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WatchedSource {
    /// A branch of whichever repository it leads to, as versions before trigger filters kept it.
    Connection {
        connection_arn: String,
        branch_name: String,
    },
    /// Whatever happens in any repository that a connection leads to.
    Repositories {
        connection_arn: String,
    },
    CodeCommit {
        repository_name: String,
        branch_name: String,
    },
    S3 {
        bucket: String,
        object_key: String,
    },
}

/// A source action that waits for changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    pub source: WatchedSource,
    pub action_name: String,
    /// Of a connection, the repository: one connection leads to many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_repository_id: Option<String>,
    /// Of a connection, what has to happen in it; without it what the source names is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<WaitsFor>,
}

/// What has to happen in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WaitsFor {
    /// A push to this branch.
    Branch(String),
    /// What the filters of the action's trigger let through; its branch and `DetectChanges` then mean nothing.
    Filters(GitConfiguration),
    /// Nothing starts it. It is kept so that whoever wonders can be told.
    Nothing,
}

impl PipelineDeclaration {
    /// What changes start an execution: `DetectChanges` of a connection and `PollForSourceChanges` of CodeCommit
    /// and S3 are on unless a declaration says otherwise (user guide, "Action structure reference").
    pub fn watches(&self) -> Vec<Watch> {
        self.sources().filter_map(|action| self.watch(action)).collect()
    }

    /// Where versions before trigger filters kept what waits for the branch of a connection.
    pub fn former_sources(&self) -> Vec<WatchedSource> {
        let connections = self.sources().filter(|action| is_connection(action));
        let sources = connections.filter_map(|action| {
            Some(WatchedSource::Connection {
                connection_arn: action.configuration("ConnectionArn")?.to_owned(),
                branch_name: action.configuration("BranchName")?.to_owned(),
            })
        });
        sources.collect()
    }

    fn sources(&self) -> impl Iterator<Item = &ActionDeclaration> {
        let actions = self.stages.iter().flat_map(|stage| &stage.actions);
        actions.filter(|action| action.is_source())
    }

    fn watch(&self, action: &ActionDeclaration) -> Option<Watch> {
        let value = |key: &str| action.configuration(key).map(str::to_owned);
        let polls = is_on(action, "PollForSourceChanges");
        let source = match action.action_type_id.provider.as_str() {
            "CodeStarSourceConnection" => {
                WatchedSource::Repositories { connection_arn: value("ConnectionArn")? }
            }
            "CodeCommit" if polls => WatchedSource::CodeCommit {
                repository_name: value("RepositoryName")?,
                branch_name: value("BranchName")?,
            },
            "S3" if polls => {
                WatchedSource::S3 { bucket: value("S3Bucket")?, object_key: value("S3ObjectKey")? }
            }
            _ => return None,
        };
        let connection = is_connection(action);
        Some(Watch {
            source,
            action_name: action.name.clone(),
            full_repository_id: if connection { value("FullRepositoryId") } else { None },
            waits_for: if connection { Some(self.waits_for(action)?) } else { None },
        })
    }

    fn waits_for(&self, action: &ActionDeclaration) -> Option<WaitsFor> {
        let mut configurations = self.triggers().iter().map(|trigger| &trigger.git_configuration);
        if let Some(filters) = configurations.find(|filters| filters.source_action_name == action.name) {
            return Some(WaitsFor::Filters(filters.clone()));
        }
        if !is_on(action, "DetectChanges") {
            return Some(WaitsFor::Nothing);
        }
        Some(WaitsFor::Branch(action.configuration("BranchName")?.to_owned()))
    }
}

fn is_connection(action: &ActionDeclaration) -> bool {
    action.action_type_id.provider == "CodeStarSourceConnection"
}

fn is_on(action: &ActionDeclaration, key: &str) -> bool {
    action.configuration(key).is_none_or(|value| value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn declaration_of(category: &str, provider: &str, configuration: Value) -> PipelineDeclaration {
        serde_json::from_value(json!({
            "name": "p",
            "stages": [{ "name": "S", "actions": [{
                "name": "Get",
                "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
                "configuration": configuration,
            }] }],
        }))
        .expect("a declaration")
    }

    fn watches_of(category: &str, provider: &str, configuration: Value) -> Vec<Watch> {
        declaration_of(category, provider, configuration).watches()
    }

    #[test]
    fn a_source_action_waits_for_changes_unless_it_says_otherwise() {
        let codecommit = |poll: Value| {
            let mut configuration = json!({ "RepositoryName": "shop", "BranchName": "main" });
            if !poll.is_null() {
                configuration["PollForSourceChanges"] = poll;
            }
            watches_of("Source", "CodeCommit", configuration)
        };
        let source = WatchedSource::CodeCommit { repository_name: "shop".into(), branch_name: "main".into() };
        let watch = Watch { source, action_name: "Get".into(), full_repository_id: None, waits_for: None };
        for (poll, expected) in
            [(json!(null), 1), (json!("true"), 1), (json!("TRUE"), 1), (json!("false"), 0), (json!("no"), 0)]
        {
            assert_eq!(codecommit(poll.clone()), vec![watch.clone(); expected], "{poll}");
        }

        let object = json!({ "S3Bucket": "b", "S3ObjectKey": "k", "BucketName": "b" });
        let s3 = WatchedSource::S3 { bucket: "b".into(), object_key: "k".into() };
        assert_eq!(watches_of("Source", "S3", object.clone())[0].source, s3);
        assert_eq!(watches_of("Deploy", "S3", object), [], "a target is no source");
    }

    #[test]
    fn a_connection_waits_for_what_its_trigger_says_or_else_for_its_branch() {
        let trigger = |action: &str| {
            json!({
                "providerType": "CodeStarSourceConnection",
                "gitConfiguration": { "sourceActionName": action, "push": [{ "tags": { "includes": ["v*"] } }] },
            })
        };
        let filters = serde_json::from_value(trigger("Get")["gitConfiguration"].clone()).expect("filters");
        let branch = WaitsFor::Branch("main".into());
        for (detect, trigger, expected) in [
            ("true", None, branch.clone()),
            ("false", None, WaitsFor::Nothing),
            ("true", Some(trigger("Other")), branch),
            ("true", Some(trigger("Get")), WaitsFor::Filters(filters)),
        ] {
            let mut declaration = declaration_of(
                "Source",
                "CodeStarSourceConnection",
                json!({
                    "ConnectionArn": "arn", "FullRepositoryId": "me/app", "BranchName": "main", "DetectChanges": detect,
                }),
            );
            declaration.triggers =
                trigger.map(|trigger| vec![serde_json::from_value(trigger).expect("a trigger")]);
            let watch = Watch {
                source: WatchedSource::Repositories { connection_arn: "arn".into() },
                action_name: "Get".into(),
                full_repository_id: Some("me/app".into()),
                waits_for: Some(expected),
            };
            assert_eq!(declaration.watches(), [watch], "{detect} {:?}", declaration.triggers);
            let former =
                WatchedSource::Connection { connection_arn: "arn".into(), branch_name: "main".into() };
            assert_eq!(declaration.former_sources(), [former]);
        }
    }
}
