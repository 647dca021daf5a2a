//! Which changes outside start a pipeline: those of the source actions that detect changes.

use serde::{Deserialize, Serialize};

use super::{ActionDeclaration, PipelineDeclaration};

/// Where a change can happen, as an event about it tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WatchedSource {
    /// Whichever repository it leads to.
    Connection {
        connection_arn: String,
        branch_name: String,
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
}

impl PipelineDeclaration {
    /// What changes start an execution: `DetectChanges` of a connection and `PollForSourceChanges` of CodeCommit
    /// and S3 are on unless a declaration says otherwise (user guide, "Action structure reference").
    pub fn watches(&self) -> Vec<Watch> {
        let actions = self.stages.iter().flat_map(|stage| &stage.actions);
        actions.filter(|action| action.is_source()).filter_map(watch).collect()
    }
}

fn watch(action: &ActionDeclaration) -> Option<Watch> {
    let value = |key: &str| action.configuration(key).map(str::to_owned);
    let is_on = |key: &str| action.configuration(key).is_none_or(|value| value.eq_ignore_ascii_case("true"));
    let (source, full_repository_id) = match action.action_type_id.provider.as_str() {
        "CodeStarSourceConnection" if is_on("DetectChanges") => {
            let connection_arn = value("ConnectionArn")?;
            let source = WatchedSource::Connection { connection_arn, branch_name: value("BranchName")? };
            (source, value("FullRepositoryId"))
        }
        "CodeCommit" if is_on("PollForSourceChanges") => {
            let repository_name = value("RepositoryName")?;
            (WatchedSource::CodeCommit { repository_name, branch_name: value("BranchName")? }, None)
        }
        "S3" if is_on("PollForSourceChanges") => {
            (WatchedSource::S3 { bucket: value("S3Bucket")?, object_key: value("S3ObjectKey")? }, None)
        }
        _ => return None,
    };
    Some(Watch { source, action_name: action.name.clone(), full_repository_id })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn watches_of(category: &str, provider: &str, configuration: Value) -> Vec<Watch> {
        let declaration: PipelineDeclaration = serde_json::from_value(json!({
            "name": "p",
            "stages": [{ "name": "S", "actions": [{
                "name": "Get",
                "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
                "configuration": configuration,
            }] }],
        }))
        .expect("a declaration");
        declaration.watches()
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
        let watch = Watch { source, action_name: "Get".into(), full_repository_id: None };
        for (poll, expected) in
            [(json!(null), 1), (json!("true"), 1), (json!("TRUE"), 1), (json!("false"), 0), (json!("no"), 0)]
        {
            assert_eq!(codecommit(poll.clone()), vec![watch.clone(); expected], "{poll}");
        }

        let connection = |detect: &str| {
            let configuration = json!({
                "ConnectionArn": "arn", "FullRepositoryId": "me/app", "BranchName": "main", "DetectChanges": detect,
            });
            watches_of("Source", "CodeStarSourceConnection", configuration)
        };
        let source = WatchedSource::Connection { connection_arn: "arn".into(), branch_name: "main".into() };
        let watch = Watch { source, full_repository_id: Some("me/app".into()), ..watch };
        assert_eq!(connection("true"), [watch]);
        assert_eq!(connection("false"), []);

        let object = json!({ "S3Bucket": "b", "S3ObjectKey": "k", "BucketName": "b" });
        let s3 = WatchedSource::S3 { bucket: "b".into(), object_key: "k".into() };
        assert_eq!(watches_of("Source", "S3", object.clone())[0].source, s3);
        assert_eq!(watches_of("Deploy", "S3", object), [], "a target is no source");
    }
}
