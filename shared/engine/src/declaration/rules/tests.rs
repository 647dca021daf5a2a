//! One bad declaration for each rule, and exactly what is said about it.

use serde_json::{Value, json};

use crate::declaration::{Circumstances, PipelineType, check, first_rejection};

mod conditions;
mod custom;
mod stack_action;
mod structure;
mod work;

/// A declaration that breaks nothing, with every kind of action that runs.
pub(super) fn good() -> Value {
    json!({
        "name": "release", "roleArn": "arn:aws:iam::111122223333:role/release", "pipelineType": "V2",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "variables": [{"name": "target", "defaultValue": "test"}, {"name": "ticket"}],
        "stages": [
            {"name": "Source", "actions": [
                {"name": "Fetch", "namespace": "Code", "outputArtifacts": [{"name": "Tree"}],
                 "actionTypeId": type_id("Source", "CodeStarSourceConnection"),
                 "configuration": {"ConnectionArn": "arn:aws:codeconnections:eu-west-1:111122223333:connection/x",
                                   "FullRepositoryId": "us/app", "BranchName": "main"}},
                {"name": "Data", "outputArtifacts": [{"name": "Data"}], "actionTypeId": type_id("Source", "S3"),
                 "configuration": {"S3Bucket": "data", "S3ObjectKey": "data.zip"}}]},
            {"name": "Build", "actions": [
                {"name": "Compile", "namespace": "Built", "inputArtifacts": [{"name": "Tree"}],
                 "outputArtifacts": [{"name": "App"}], "actionTypeId": type_id("Build", "CodeBuild"),
                 "configuration": {"ProjectName": "app", "EnvironmentVariables":
                     "[{\"name\":\"COMMIT\",\"value\":\"#{Code.CommitId}\"}]"}},
                {"name": "Check", "runOrder": 2, "inputArtifacts": [{"name": "App"}, {"name": "Tree"}],
                 "actionTypeId": type_id("Test", "CodeBuild"),
                 "configuration": {"ProjectName": "check", "PrimarySource": "Tree"}},
                {"name": "Stamp", "namespace": "Stamped", "runOrder": 3, "inputArtifacts": [{"name": "App"}],
                 "outputArtifacts": [{"name": "Stamp", "files": ["stamp.txt"]}],
                 "actionTypeId": type_id("Compute", "Commands"), "outputVariables": ["STAMP"],
                 "environmentVariables": [{"name": "WHO", "value": "#{variables.ticket}"}],
                 "commands": ["./stamp #{Built.VERSION} #{codepipeline.PipelineExecutionId}"]}]},
            {"name": "Deploy", "actions": [
                {"name": "Ask", "actionTypeId": type_id("Approval", "Manual"), "timeoutInMinutes": 60,
                 "configuration": {"CustomData": "Deploy #{Stamped.STAMP} to #{variables.target}?",
                                   "NotificationArn": "arn:aws:sns:eu-west-1:111122223333:ask"}},
                {"name": "Files", "runOrder": 2, "inputArtifacts": [{"name": "App"}],
                 "actionTypeId": type_id("Deploy", "S3"),
                 "configuration": {"BucketName": "site", "Extract": "true"}},
                {"name": "Fleet", "runOrder": 2, "inputArtifacts": [{"name": "App"}],
                 "actionTypeId": type_id("Deploy", "CodeDeploy"),
                 "configuration": {"ApplicationName": "app", "DeploymentGroupName": "fleet"}}]}
        ]
    })
}

pub(super) fn type_id(category: &str, provider: &str) -> Value {
    json!({"category": category, "owner": "AWS", "provider": provider, "version": "1"})
}

/// What is changed in the good declaration: a JSON pointer and a value; null removes.
pub(super) type Change = (&'static str, Value);

pub(super) fn changed(changes: &[Change]) -> Value {
    let mut document = good();
    for (pointer, value) in changes {
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap_or_else(|| panic!("{parent}")) {
            Value::Object(members) if value.is_null() => _ = members.remove(last),
            Value::Object(members) => _ = members.insert(last.to_string(), value.clone()),
            Value::Array(items) if last == "-" => items.push(value.clone()),
            Value::Array(items) if value.is_null() => _ = items.remove(last.parse().unwrap()),
            Value::Array(items) => items[last.parse::<usize>().unwrap()] = value.clone(),
            other => panic!("{pointer}: {other}"),
        }
    }
    document
}

/// A rule: a sentence, the changes that break it, and the violations as `path: exception: message`.
pub(super) type Case = (&'static str, Vec<Change>, Vec<&'static str>);

pub(super) fn verify(cases: Vec<Case>) {
    for (sentence, changes, expected) in cases {
        let checked = check(&changed(&changes), &Circumstances::default());
        let broken: Vec<String> = checked
            .violations
            .iter()
            .map(|violation| {
                assert!(!violation.help.is_empty(), "{sentence}");
                format!("{}: {}: {}", violation.path, violation.exception.name(), violation.message)
            })
            .collect();
        assert_eq!(broken, expected, "{sentence}");
    }
}

#[test]
fn the_good_declaration_breaks_nothing() {
    verify(vec![("nothing is changed", vec![], vec![])]);
    for region in ["eu-west-1", "eu-central-1"] {
        let circumstances = Circumstances { region: Some(region.to_string()), ..Circumstances::default() };
        let violations = check(&good(), &circumstances).violations;
        // The topic of the approval is in eu-west-1.
        assert_eq!(violations.len(), usize::from(region == "eu-central-1"), "{violations:?}");
    }
}

#[test]
fn a_pipeline_without_a_type_is_of_the_type_that_the_installation_says() {
    let document = changed(&[("/pipelineType", Value::Null), ("/executionMode", json!("QUEUED"))]);
    assert_eq!(check(&document, &Circumstances::default()).violations, []);
    let v1 = Circumstances { default_pipeline_type: PipelineType::V1, ..Circumstances::default() };
    let rejection = first_rejection(&check(&document, &v1).violations).unwrap();
    assert_eq!(
        rejection.to_string(),
        "InvalidStructureException: QUEUED or PARALLEL mode can only be used with V2 pipelines"
    );
}

#[test]
fn the_api_reports_all_constraints_in_one_message_and_of_the_rules_the_first() {
    let rejection = |changes: &[Change]| {
        first_rejection(&check(&changed(changes), &Circumstances::default()).violations).unwrap().to_string()
    };
    let stage = ("/stages/2/name", json!("Build"));
    assert_eq!(
        rejection(&[("/name", json!("a b")), ("/roleArn", Value::Null), stage.clone()]),
        "ValidationException: 2 validation errors detected: Value at 'pipeline.name' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+; Value at \
         'pipeline.roleArn' failed to satisfy constraint: Member must not be null"
    );
    assert_eq!(
        rejection(&[stage, ("/stages/1/actions/0/configuration/ProjectName", Value::Null)]),
        "InvalidStageDeclarationException: Stage name 'Build' is used more than once"
    );
    assert_eq!(
        rejection(&[("/stages/0/actions/0/runOrder", json!("1")), ("/name", Value::Null)]),
        "SerializationException: stages[0].actions[0].runOrder: a String can not be converted to an Integer"
    );
    assert_eq!(first_rejection(&[]), None);
}

#[test]
fn what_to_do_is_said_for_each_kind_of_mistake() {
    let helps: Vec<String> = [
        ("/stagess", json!([])),
        ("/executionMode", json!("SUPERCEDED")),
        ("/stages/1/actions/0/configuration/ProjctName", json!("x")),
        ("/stages/1/actions/0/actionTypeId/provider", json!("Codebuild")),
        ("/stages/1/actions/0/actionTypeId/owner", json!("Custom")),
        ("/stages/1/actions/1/inputArtifacts/0/name", json!("Ap")),
        ("/stages/1/actions/0/configuration/X", json!("#{Cod.CommitId}")),
        ("/stages/2/actions/0/configuration/CustomData", json!("#{Code.CommitID}")),
        ("/stages/2/actions/0/configuration/CustomData", json!("#{variables.tiket}")),
        ("/stages/2/actions/0/configuration/CustomData", json!("#{Stamped.WHEN}")),
        ("/stages/2/actions/1/configuration/Extract", json!(true)),
        ("/stages/2/actions/1/configuration/Extract", json!("yes")),
        ("/stages/2/actions/2/actionTypeId/provider", json!("ECS")),
        ("/stages/1/actions/2/commands/0", json!("bash -c 'echo #{Code.BranchName}'")),
    ]
    .into_iter()
    .flat_map(|change| check(&changed(&[change]), &Circumstances::default()).violations)
    .map(|violation| format!("{}: {}", violation.path, violation.help))
    .collect();
    expect_test::expect![[r#"
        stagess: did you mean `stages`?
        executionMode: did you mean `SUPERSEDED`?
        stages[1].actions[0].configuration.ProjctName: did you mean `ProjectName`?
        stages[1].actions[0].actionTypeId: did you mean category `Build`, owner `AWS`, provider `CodeBuild`, version `1`?
        stages[1].actions[0].actionTypeId: did you mean category `Build`, owner `AWS`, provider `CodeBuild`, version `1`?
        stages[1].actions[1].inputArtifacts[0].name: did you mean `App`?
        stages[1].actions[0].configuration.X: Build CodeBuild takes: ProjectName, PrimarySource, BatchEnabled, CombineArtifacts, BuildspecOverride, EnvironmentVariables
        stages[1].actions[0].configuration.X: did you mean `Code`?
        stages[2].actions[0].configuration.CustomData: did you mean `CommitId`?
        stages[2].actions[0].configuration.CustomData: did you mean `ticket`?
        stages[2].actions[0].configuration.CustomData: add `WHEN` to `outputVariables` of action 'Stamp'
        stages[2].actions[1].configuration.Extract: put it in quotes: "true"
        stages[2].actions[1].configuration.Extract: use true or false
        stages[2].actions[2].actionTypeId.provider: remove the action, or do its work in a CodeBuild or Commands action
        stages[1].actions[2].commands[0]: give it in the environment: VALUE=#{Code.BranchName} bash …, and read VALUE in the program"#]].assert_eq(&helps.join("\n"));
}
