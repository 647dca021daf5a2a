//! What is published to the SNS topic of a manual approval.
//!
//! The members are those of CodePipeline's user guide, page "JSON data format for manual approval notifications". Its
//! links lead to AWS's console, as CodePipeline's do.

use jiff::Timestamp as Instant;
use serde_json::{Value, json};

use crate::execution::Timestamp;

/// SNS takes no longer subject (API reference, Publish).
const SUBJECT_CHARACTERS_MAX: usize = 100;

/// An approval that waits for somebody.
#[derive(Debug, Clone, Copy)]
pub struct WaitingApproval<'a> {
    pub region: &'a str,
    pub pipeline_name: &'a str,
    pub stage_name: &'a str,
    pub action_name: &'a str,
    pub token: &'a str,
    pub expires: Timestamp,
    pub external_entity_link: Option<&'a str>,
    pub custom_data: Option<&'a str>,
}

impl WaitingApproval<'_> {
    /// A line of ASCII, as SNS demands.
    pub fn subject(&self) -> String {
        let whole = format!(
            "APPROVAL NEEDED: AWS CodePipeline {} for action {}",
            self.pipeline_name, self.action_name
        );
        if whole.chars().count() <= SUBJECT_CHARACTERS_MAX {
            return whole;
        }
        let kept: String = whole.chars().take(SUBJECT_CHARACTERS_MAX - 3).collect();
        format!("{kept}...")
    }

    pub fn message(&self) -> Value {
        let Self { region, pipeline_name, stage_name, action_name, token, .. } = self;
        let pipeline =
            format!("https://console.aws.amazon.com/codepipeline/home?region={region}#/view/{pipeline_name}");
        let mut approval = json!({
            "pipelineName": pipeline_name,
            "stageName": stage_name,
            "actionName": action_name,
            "token": token,
            "expires": minute(self.expires),
            "approvalReviewLink": format!("{pipeline}/{stage_name}/{action_name}/approve/{token}"),
        });
        let optional = [("externalEntityLink", self.external_entity_link), ("customData", self.custom_data)];
        for (name, value) in optional {
            if let Some(value) = value {
                approval[name] = json!(value);
            }
        }
        json!({ "region": region, "consoleLink": pipeline, "approval": approval })
    }
}

/// `2016-07-07T20:22Z`
fn minute(at: Timestamp) -> String {
    let instant = Instant::from_millisecond(at.0).unwrap_or_default();
    instant.strftime("%Y-%m-%dT%H:%MZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPROVAL: WaitingApproval<'_> = WaitingApproval {
        region: "us-east-2",
        pipeline_name: "MyFirstPipeline",
        stage_name: "MyApprovalStage",
        action_name: "MyApprovalAction",
        token: "1a2b3c4d-573f-4ea7-a67E-XAMPLETOKEN",
        expires: Timestamp(1_467_922_979_000),
        external_entity_link: Some("http://example.com"),
        custom_data: Some("Review the latest changes and approve or reject within seven days."),
    };

    #[test]
    fn the_message_is_the_example_of_the_guide() {
        let view = "https://console.aws.amazon.com/codepipeline/home?region=us-east-2#/view/MyFirstPipeline";
        let review =
            format!("{view}/MyApprovalStage/MyApprovalAction/approve/1a2b3c4d-573f-4ea7-a67E-XAMPLETOKEN");
        let expected = json!({
            "region": "us-east-2",
            "consoleLink": view,
            "approval": {
                "pipelineName": "MyFirstPipeline",
                "stageName": "MyApprovalStage",
                "actionName": "MyApprovalAction",
                "token": "1a2b3c4d-573f-4ea7-a67E-XAMPLETOKEN",
                "expires": "2016-07-07T20:22Z",
                "externalEntityLink": "http://example.com",
                "approvalReviewLink": review,
                "customData": "Review the latest changes and approve or reject within seven days.",
            },
        });
        assert_eq!(APPROVAL.message(), expected);
        let bare = WaitingApproval { external_entity_link: None, custom_data: None, ..APPROVAL }.message();
        assert_eq!(bare["approval"].as_object().map(serde_json::Map::len), Some(6), "{bare}");
    }

    #[test]
    fn a_subject_is_as_long_as_sns_takes_it() {
        assert_eq!(
            APPROVAL.subject(),
            "APPROVAL NEEDED: AWS CodePipeline MyFirstPipeline for action MyApprovalAction"
        );
        let name = "p".repeat(100);
        let subject = WaitingApproval { pipeline_name: &name, ..APPROVAL }.subject();
        assert_eq!((subject.len(), subject.ends_with("...")), (100, true));
    }
}
