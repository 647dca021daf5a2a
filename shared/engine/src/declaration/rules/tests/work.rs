//! Rules of actions: types, configuration, commands, artifacts, variables.

use serde_json::{Value, json};

use super::{Case, changed, type_id, verify};
use crate::declaration::{Circumstances, check};

#[test]
fn action_types() {
    let case =
        |sentence, pointer, value, expected| -> Case { (sentence, vec![(pointer, value)], vec![expected]) };
    verify(vec![
        case(
            "an unknown provider is not available",
            "/stages/1/actions/0/actionTypeId/provider",
            json!("Make"),
            "stages[1].actions[0].actionTypeId: InvalidActionDeclarationException: ActionType (Category: 'Build', \
             Provider: 'Make', Owner: 'AWS', Version: '1') in action 'Compile' is not available",
        ),
        case(
            "an unknown version is not available",
            "/stages/1/actions/0/actionTypeId/version",
            json!("2"),
            "stages[1].actions[0].actionTypeId: InvalidActionDeclarationException: ActionType (Category: 'Build', \
             Provider: 'CodeBuild', Owner: 'AWS', Version: '2') in action 'Compile' is not available",
        ),
        case(
            "a provider that does not run yet is named",
            "/stages/2/actions/2",
            json!({"name": "Stack", "actionTypeId": type_id("Deploy", "CloudFormationStackInstances"),
                   "configuration": {"StackSetName": "shop", "Regions": "eu-west-1"}}),
            "stages[2].actions[2].actionTypeId.provider: InvalidActionDeclarationException: Action 'Stack': Deploy \
             CloudFormationStackInstances is a CodePipeline action type that Pipewright does not run yet. It runs: Source \
             CodeStarSourceConnection, Source CodeCommit, Source S3, Build CodeBuild, Compute Commands, Build Commands, \
             Test CodeBuild, Approval Manual, Invoke Lambda, Invoke StepFunctions, Invoke CodePipeline, Deploy S3, Deploy \
             CodeDeploy, Deploy CloudFormation",
        ),
        case(
            "only an approval has a timeout",
            "/stages/1/actions/0/timeoutInMinutes",
            json!(10),
            "stages[1].actions[0].timeoutInMinutes: InvalidActionDeclarationException: Action 'Compile' declares \
             timeoutInMinutes, which is available only to the manual approval ActionType",
        ),
    ]);
    let circumstances = Circumstances { region: Some("us-east-1".to_string()), ..Circumstances::default() };
    let document = changed(&[("/stages/1/actions/0/actionTypeId/provider", json!("Make"))]);
    let message = &check(&document, &circumstances).violations[0].message;
    assert!(message.ends_with("in action 'Compile' is not available in region 'US_EAST_1'"), "{message}");
}

#[test]
fn configuration() {
    let case =
        |sentence, pointer, value, expected| -> Case { (sentence, vec![(pointer, value)], vec![expected]) };
    verify(vec![
        case("required keys are there", "/stages/1/actions/0/configuration/ProjectName", Value::Null,
            "stages[1].actions[0].configuration.ProjectName: InvalidActionDeclarationException: Action configuration for \
             action 'Compile' is missing required configuration 'ProjectName'"),
        case("unknown keys are not ignored", "/stages/1/actions/0/configuration/Project", json!("x"),
            "stages[1].actions[0].configuration.Project: InvalidActionDeclarationException: Action configuration for \
             action 'Compile' contains unknown configuration 'Project'"),
        case("a word is one of those of the provider", "/stages/2/actions/1/configuration/Extract", json!("perhaps"),
            "stages[2].actions[1].configuration.Extract: InvalidActionDeclarationException: Action configuration for \
             action 'Files' contains an invalid value 'perhaps' for configuration 'Extract'"),
        case("truth is written in any case", "/stages/2/actions/1/configuration/Extract", json!("True"), ""),
        case("a word may come from a variable", "/stages/2/actions/1/configuration/Extract",
            json!("#{variables.target}"), ""),
        case("an object that is not extracted has a key", "/stages/2/actions/1/configuration/Extract", json!("false"),
            "stages[2].actions[1].configuration.ObjectKey: InvalidActionDeclarationException: Action configuration for \
             action 'Files' is missing required configuration 'ObjectKey'"),
        case("a batch of builds", "/stages/1/actions/0/configuration/BatchEnabled", json!("TRUE"), ""),
        case("no batch build is a build", "/stages/1/actions/0/configuration/BatchEnabled", json!("false"), ""),
        case("a source may be the whole clone", "/stages/0/actions/0/configuration/OutputArtifactFormat",
            json!("CODEBUILD_CLONE_REF"), ""),
        case("commands run on Linux", "/stages/1/actions/2/configuration",
            json!({"EnvironmentType": "WINDOWS_SERVER_2022_CONTAINER"}),
            "stages[1].actions[2].configuration.EnvironmentType: InvalidActionDeclarationException: Action 'Stamp': \
             Pipewright does not honour EnvironmentType 'WINDOWS_SERVER_2022_CONTAINER' yet"),
        case("commands run in no private network", "/stages/1/actions/2/configuration", json!({"VpcId": "vpc-1"}),
            "stages[1].actions[2].configuration.VpcId: InvalidActionDeclarationException: Action 'Stamp': Pipewright \
             does not honour the configuration 'VpcId' yet"),
        case("several inputs have a primary one", "/stages/1/actions/1/configuration/PrimarySource", Value::Null,
            "stages[1].actions[1].configuration.PrimarySource: InvalidActionDeclarationException: Action configuration \
             for action 'Check' is missing required configuration 'PrimarySource'"),
        case("the primary input is an input", "/stages/1/actions/1/configuration/PrimarySource", json!("Data"),
            "stages[1].actions[1].configuration.PrimarySource: InvalidActionDeclarationException: Action 'Check': \
             PrimarySource 'Data' is not an input artifact of the action"),
        case("environment variables are JSON", "/stages/1/actions/0/configuration/EnvironmentVariables", json!("A=b"),
            "stages[1].actions[0].configuration.EnvironmentVariables: InvalidActionDeclarationException: Action \
             configuration for action 'Compile' contains an invalid value for configuration 'EnvironmentVariables': it \
             is not JSON (expected value at line 1 column 1)"),
        case("environment variables have a known type", "/stages/1/actions/0/configuration/EnvironmentVariables",
            json!("[{\"name\":\"A\",\"value\":\"b\",\"type\":\"SECRET\"}]"),
            "stages[1].actions[0].configuration.EnvironmentVariables: InvalidActionDeclarationException: Action \
             configuration for action 'Compile' contains an invalid value for configuration 'EnvironmentVariables': the \
             type of item 1 is none of PLAINTEXT, PARAMETER_STORE, SECRETS_MANAGER"),
        case("a topic is an ARN", "/stages/2/actions/0/configuration/NotificationArn", json!("ask"),
            "stages[2].actions[0].configuration.NotificationArn: InvalidActionDeclarationException: The ARN ask you \
             specified for sending notifications for the approval action Ask contains a format error."),
        case("a topic is of SNS", "/stages/2/actions/0/configuration/NotificationArn",
            json!("arn:aws:sqs:eu-west-1:111122223333:ask"),
            "stages[2].actions[0].configuration.NotificationArn: InvalidActionDeclarationException: The ARN \
             arn:aws:sqs:eu-west-1:111122223333:ask has been specified for sending notifications for the approval action \
             Ask, but the AWS service for this ARN cannot be used to send approval requests."),
    ]
    .into_iter()
    .map(|(sentence, changes, expected)| {
        (sentence, changes, expected.into_iter().filter(|text| !text.is_empty()).collect())
    })
    .collect());
}

#[test]
fn commands() {
    let case =
        |sentence, pointer, value, expected| -> Case { (sentence, vec![(pointer, value)], vec![expected]) };
    verify(vec![
        case(
            "a Commands action has commands",
            "/stages/1/actions/2/commands",
            Value::Null,
            "stages[1].actions[2].commands: InvalidActionDeclarationException: Action Stamp must have a non-empty \
             commands field",
        ),
        case(
            "a command is one line",
            "/stages/1/actions/2/commands/0",
            json!("a\nb"),
            "stages[1].actions[2].commands[0]: InvalidActionDeclarationException: Action Stamp: command 1 has several \
             lines",
        ),
        case(
            "a value never becomes a program",
            "/stages/1/actions/2/commands/0",
            json!("eval #{Built.VERSION}"),
            "stages[1].actions[2].commands[0]: InvalidActionDeclarationException: Action Stamp: command 1: \
             #{Built.VERSION} at character 6 stands in an argument of eval, which reads it as a program",
        ),
        case(
            "an environment variable is declared once",
            "/stages/1/actions/2/environmentVariables/-",
            json!({"name": "WHO", "value": "x"}),
            "stages[1].actions[2].environmentVariables[1].name: InvalidActionDeclarationException: Action Stamp: \
             environment variable 'WHO' is declared more than once",
        ),
        case(
            "an output variable is declared once",
            "/stages/1/actions/2/outputVariables/-",
            json!("STAMP"),
            "stages[1].actions[2].outputVariables[1]: InvalidActionDeclarationException: Action Stamp: output variable \
             'STAMP' is declared more than once",
        ),
        case(
            "other actions have no commands",
            "/stages/1/actions/0/commands",
            json!(["make"]),
            "stages[1].actions[0].commands: InvalidActionDeclarationException: Action Compile: `commands` can only be \
             used with the Commands action",
        ),
        case(
            "other actions select no files",
            "/stages/1/actions/0/outputArtifacts/0/files",
            json!(["*"]),
            "stages[1].actions[0].outputArtifacts[0].files: InvalidActionDeclarationException: Action Compile: `files` \
             can only be used with the Commands action",
        ),
    ]);
}

#[test]
fn artifacts() {
    let build = |name: &str, input: &str, output: &str| {
        json!({"name": name, "actionTypeId": type_id("Build", "CodeBuild"),
               "configuration": {"ProjectName": name},
               "inputArtifacts": [{"name": input}], "outputArtifacts": [{"name": output}]})
    };
    verify(vec![
        (
            "a build has an input",
            vec![("/stages/1/actions/0/inputArtifacts", json!([]))],
            vec![
                "stages[1].actions[0].inputArtifacts: InvalidActionDeclarationException: Action Compile declares 0 \
                  input artifacts which is less than the minimum count (1)",
            ],
        ),
        (
            "an approval has no input",
            vec![("/stages/2/actions/0/inputArtifacts", json!([{"name": "App"}]))],
            vec![
                "stages[2].actions[0].inputArtifacts: InvalidActionDeclarationException: Action Ask declares 1 input \
                  artifacts which is more than the maximum count (0)",
            ],
        ),
        (
            "output artifacts have different names",
            vec![("/stages/1/actions/2/outputArtifacts/0/name", json!("App"))],
            vec![
                "stages[1].actions[2].outputArtifacts[0].name: InvalidActionDeclarationException: Output artifact names \
                  must be unique within a pipeline. The following output artifact name is used more than once: 'App'",
            ],
        ),
        (
            "an input is made by somebody",
            vec![("/stages/2/actions/1/inputArtifacts/0/name", json!("Site"))],
            vec![
                "stages[2].actions[1].inputArtifacts[0].name: InvalidActionDeclarationException: Action 'Files' has an \
                  input artifact 'Site' that is not an output artifact of any action in the pipeline",
            ],
        ),
        (
            "an input is made before it is read",
            vec![("/stages/1/actions/1/runOrder", Value::Null)],
            vec![
                "stages[1].actions[1].inputArtifacts[0].name: InvalidActionDeclarationException: Action 'Check' has an \
                  input artifact 'App' that is not an output artifact of an earlier action: 'Compile' in stage 'Build' \
                  makes it",
            ],
        ),
        (
            "no action waits for itself",
            vec![("/stages/1/actions/-", build("Loop", "Loop", "Loop"))],
            vec![
                "stages[1].actions[3].inputArtifacts: InvalidActionDeclarationException: Actions wait in a circle for \
                  each other's artifacts: 'Loop' needs 'Loop' of 'Loop'",
            ],
        ),
        (
            "actions do not wait in a circle",
            vec![
                ("/stages/1/actions/-", build("One", "c", "a")),
                ("/stages/1/actions/-", build("Two", "a", "b")),
                ("/stages/1/actions/-", build("Three", "b", "c")),
            ],
            vec![
                "stages[1].actions[3].inputArtifacts: InvalidActionDeclarationException: Actions wait in a circle for \
                  each other's artifacts: 'One' needs 'c' of 'Three', 'Three' needs 'b' of 'Two', 'Two' needs 'a' of \
                  'One'",
            ],
        ),
    ]);
}

#[test]
fn a_long_chain_of_artifacts_does_not_exhaust_the_stack() {
    let actions: Vec<Value> = (0..900)
        .map(|n| {
            json!({"name": format!("a{n}"), "actionTypeId": type_id("Build", "CodeBuild"),
                   "configuration": {"ProjectName": "p"},
                   "inputArtifacts": [{"name": format!("x{}", (n + 1) % 900)}],
                   "outputArtifacts": [{"name": format!("x{n}")}]})
        })
        .collect();
    let document = changed(&[("/stages/-", json!({"name": "Long", "actions": actions}))]);
    let violations = check(&document, &Circumstances::default()).violations;
    assert!(violations.iter().any(|violation| violation.message.contains("wait in a circle")));
    let empty = json!({"name": "Wide", "actions": vec![json!({"name": "a"}); 1000]});
    let violations = check(&changed(&[("/stages/-", empty)]), &Circumstances::default()).violations;
    assert!(violations.iter().any(|violation| violation.message.contains("up to 1000 actions")));
}

#[test]
fn variables() {
    const NO_NAMESPACE: &str = "Valid format for a pipeline execution variable reference is a namespace and a key \
                                separated by a period (.). The following pipeline execution variables are referencing a \
                                namespace that does not exist.\n";
    let at = |text: &str| -> &'static str { text.replace("NO_NAMESPACE", NO_NAMESPACE).leak() };
    let case = |sentence, pointer, value: &str, expected: &str| -> Case {
        (sentence, vec![(pointer, json!(value))], vec![at(expected)])
    };
    let custom_data = "/stages/2/actions/0/configuration/CustomData";
    verify(vec![
        case("a namespace exists", custom_data, "#{Nowhere.X}",
            "stages[2].actions[0].configuration.CustomData: InvalidActionDeclarationException: \
             NO_NAMESPACEStageName=[Deploy], ActionName=[Ask], ActionConfigurationKey=[CustomData], \
             VariableReferenceText=[Nowhere.X]"),
        case("a reference has a namespace and a key", custom_data, "#{X}",
            "stages[2].actions[0].configuration.CustomData: InvalidActionDeclarationException: \
             NO_NAMESPACEStageName=[Deploy], ActionName=[Ask], ActionConfigurationKey=[CustomData], \
             VariableReferenceText=[X]"),
        case("a variable is of an earlier action", "/stages/1/actions/0/configuration/BuildspecOverride",
            "#{Stamped.STAMP}",
            "stages[1].actions[0].configuration.BuildspecOverride: InvalidActionDeclarationException: The referenced \
             variables are not of an earlier action: 'Stamp' in stage 'Build' gives them.\nStageName=[Build], \
             ActionName=[Compile], ActionConfigurationKey=[BuildspecOverride], VariableReferenceText=[Stamped.STAMP]"),
        case("a source gives known variables", custom_data, "#{Code.Author}",
            "stages[2].actions[0].configuration.CustomData: InvalidActionDeclarationException: The namespace 'Code' has \
             no variable 'Author'.\nStageName=[Deploy], ActionName=[Ask], ActionConfigurationKey=[CustomData], \
             VariableReferenceText=[Code.Author]"),
        case("commands give the variables that are declared", custom_data, "#{Stamped.WHEN}",
            "stages[2].actions[0].configuration.CustomData: InvalidActionDeclarationException: The namespace 'Stamped' \
             has no variable 'WHEN'.\nStageName=[Deploy], ActionName=[Ask], ActionConfigurationKey=[CustomData], \
             VariableReferenceText=[Stamped.WHEN]"),
        case("of an execution only its id is known", custom_data, "#{codepipeline.Id}",
            "stages[2].actions[0].configuration.CustomData: InvalidActionDeclarationException: The namespace \
             'codepipeline' has no variable 'Id'.\nStageName=[Deploy], ActionName=[Ask], \
             ActionConfigurationKey=[CustomData], VariableReferenceText=[codepipeline.Id]"),
        case("a pipeline variable is declared", custom_data, "#{variables.other}",
            "stages[2].actions[0].configuration.CustomData: InvalidActionDeclarationException: The referenced variables \
             haven't been declared.\nStageName=[Deploy], ActionName=[Ask], ActionConfigurationKey=[CustomData], \
             VariableReferenceText=[variables.other]"),
        case("a source takes no pipeline variables", "/stages/0/actions/0/configuration/BranchName",
            "#{variables.target}",
            "stages[0].actions[0].configuration.BranchName: InvalidStructureException: Variables at the pipeline level \
             cannot be used in source actions.\nStageName=[Source], ActionName=[Fetch], \
             ActionConfigurationKey=[BranchName], VariableReferenceText=[variables.target]"),
        case("namespaces are unique", "/stages/1/actions/0/namespace", "Code",
            "stages[1].actions[0].namespace: InvalidActionDeclarationException: Namespaces must be unique across the \
             pipeline definition. The following occur more than once in the pipeline. StageName=[Build], \
             ActionName=[Compile], Namespace=[Code]"),
        case("a namespace is no artifact", "/stages/1/actions/1/namespace", "App",
            "stages[1].actions[1].namespace: InvalidActionDeclarationException: A namespace cannot have the name of an \
             artifact. StageName=[Build], ActionName=[Check], Namespace=[App]"),
        case("some namespaces are reserved", "/stages/1/actions/1/namespace", "variables",
            "stages[1].actions[1].namespace: InvalidActionDeclarationException: The namespace 'variables' is reserved. \
             StageName=[Build], ActionName=[Check], Namespace=[variables]"),
    ]
    .into_iter()
    .map(|mut case| {
        // Without its own namespace the build gives no variables to the stamp.
        if case.0 == "namespaces are unique" {
            case.2.push(at("stages[1].actions[2].commands[0]: InvalidActionDeclarationException: \
                            NO_NAMESPACEStageName=[Build], ActionName=[Stamp], ActionConfigurationKey=[commands], \
                            VariableReferenceText=[Built.VERSION]"));
        }
        case
    })
    .collect());
}
