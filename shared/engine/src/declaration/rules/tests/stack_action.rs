//! Rules of CloudFormation actions.

use serde_json::{Value, json};

use super::{Case, type_id, verify};

/// The pipeline's third action of the last stage, with this configuration.
fn case(sentence: &'static str, configuration: Value, expected: &[&'static str]) -> Case {
    let action = json!({
        "name": "Stack",
        "actionTypeId": type_id("Deploy", "CloudFormation"),
        "inputArtifacts": [{ "name": "App" }],
        "configuration": configuration,
    });
    (sentence, vec![("/stages/2/actions/2", action)], expected.to_vec())
}

#[test]
fn what_a_mode_needs() {
    let role = "arn:aws:iam::111122223333:role/stacks";
    verify(vec![
        case(
            "a stack is made of a template, with a role",
            json!({ "ActionMode": "CREATE_UPDATE", "StackName": "shop" }),
            &[
                "stages[2].actions[2].configuration.TemplatePath: InvalidActionDeclarationException: Action \
                 configuration for action 'Stack' is missing required configuration 'TemplatePath'",
                "stages[2].actions[2].configuration.RoleArn: InvalidActionDeclarationException: Action configuration \
                 for action 'Stack' is missing required configuration 'RoleArn'",
            ],
        ),
        case(
            "a change set has a name",
            json!({ "ActionMode": "CHANGE_SET_EXECUTE", "StackName": "shop" }),
            &["stages[2].actions[2].configuration.ChangeSetName: InvalidActionDeclarationException: Action \
               configuration for action 'Stack' is missing required configuration 'ChangeSetName'"],
        ),
        case(
            "a stack is deleted without a template",
            json!({ "ActionMode": "DELETE_ONLY", "StackName": "shop", "RoleArn": role }),
            &[],
        ),
        case(
            "the template is in an input artifact",
            json!({ "ActionMode": "CREATE_UPDATE", "StackName": "shop", "RoleArn": role,
                    "TemplatePath": "Other::shop.yml", "TemplateConfiguration": "shop.json" }),
            &[
                "stages[2].actions[2].configuration.TemplatePath: InvalidActionDeclarationException: Action 'Stack': \
                 TemplatePath names 'Other', which is not an input artifact of the action",
                "stages[2].actions[2].configuration.TemplateConfiguration: InvalidActionDeclarationException: Action \
                 'Stack': TemplateConfiguration 'shop.json' is not of the form Artifact::file",
            ],
        ),
        case(
            "overrides are a JSON object whose functions are known",
            json!({ "ActionMode": "CREATE_UPDATE", "StackName": "shop", "RoleArn": role,
                    "TemplatePath": "App::shop.yml", "ParameterOverrides": "Size=small" }),
            &[
                "stages[2].actions[2].configuration.ParameterOverrides: InvalidActionDeclarationException: Action \
               'Stack': ParameterOverrides is no JSON object: expected value at line 1 column 1",
            ],
        ),
    ]);
}
