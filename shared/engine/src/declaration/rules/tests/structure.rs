//! Rules of the whole: the model, stages, features, regions, conditions, triggers.

use serde_json::{Value, json};

use super::{Case, Change, type_id, verify};

fn approval(name: &str) -> Value {
    json!({"name": name, "actionTypeId": type_id("Approval", "Manual")})
}

#[test]
fn constraints_of_the_service_model() {
    let long = |length: usize| json!("x".repeat(length));
    let case =
        |sentence, pointer, value, expected| -> Case { (sentence, vec![(pointer, value)], vec![expected]) };
    verify(vec![
        case("a name is required", "/name", Value::Null,
            "name: ValidationException: Value at 'pipeline.name' failed to satisfy constraint: Member must not be null"),
        case("a name has at most 100 characters", "/name", long(101),
            "name: ValidationException: Value at 'pipeline.name' failed to satisfy constraint: Member must have length \
             less than or equal to 100"),
        case("a role is an IAM role", "/roleArn", json!("arn:aws:iam::1:role/x"),
            "roleArn: ValidationException: Value at 'pipeline.roleArn' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: arn:aws(-[\\w]+)*:iam::[0-9]{12}:role/.*"),
        case("a mode is one of three words", "/executionMode", json!("SERIAL"),
            "executionMode: ValidationException: Value at 'pipeline.executionMode' failed to satisfy constraint: Member \
             must satisfy enum value set: [QUEUED, SUPERSEDED, PARALLEL]"),
        case("a category is one of seven words", "/stages/1/actions/1/actionTypeId/category", json!("Tests"),
            "stages[1].actions[1].actionTypeId.category: ValidationException: Value at \
             'pipeline.stages.2.member.actions.2.member.actionTypeId.category' failed to satisfy constraint: Member must \
             satisfy enum value set: [Source, Build, Deploy, Test, Invoke, Approval, Compute]"),
        case("a runOrder is at most 999", "/stages/2/actions/2/runOrder", json!(1000),
            "stages[2].actions[2].runOrder: ValidationException: Value at \
             'pipeline.stages.3.member.actions.3.member.runOrder' failed to satisfy constraint: Member must have value \
             less than or equal to 999"),
        case("a configuration value is not empty", "/stages/2/actions/0/configuration/CustomData", json!(""),
            "stages[2].actions[0].configuration.CustomData: ValidationException: Value at \
             'pipeline.stages.3.member.actions.1.member.configuration' failed to satisfy constraint: Map value must \
             satisfy constraint: [Member must have length less than or equal to 50000, Member must have length greater \
             than or equal to 1]"),
        case("a command has at most 1000 characters", "/stages/1/actions/2/commands/0", long(1001),
            "stages[1].actions[2].commands[0]: ValidationException: Value at \
             'pipeline.stages.2.member.actions.3.member.commands' failed to satisfy constraint: Member must satisfy \
             constraint: [Member must have length less than or equal to 1000, Member must have length greater than or \
             equal to 1]"),
        case("files are not an empty list", "/stages/1/actions/2/outputArtifacts/0/files", json!([]),
            "stages[1].actions[2].outputArtifacts[0].files: ValidationException: Value at \
             'pipeline.stages.2.member.actions.3.member.outputArtifacts.1.member.files' failed to satisfy constraint: \
             Member must have length greater than or equal to 1"),
        case("a timeout is at least five minutes", "/stages/2/actions/0/timeoutInMinutes", json!(4),
            "stages[2].actions[0].timeoutInMinutes: ValidationException: Value at \
             'pipeline.stages.3.member.actions.1.member.timeoutInMinutes' failed to satisfy constraint: Member must have \
             value greater than or equal to 5"),
        case("a bucket has at least three characters", "/artifactStore/location", json!("ab"),
            "artifactStore.location: ValidationException: Value at 'pipeline.artifactStore.location' failed to satisfy \
             constraint: Member must have length greater than or equal to 3"),
        case("a misspelled member is not ignored", "/stages/0/actons", json!([]),
            "stages[0].actons: ValidationException: Unknown parameter in pipeline.stages[0]: \"actons\", must be one of: \
             name, blockers, actions, onFailure, onSuccess, beforeEntry"),
        case("a number is no text", "/stages/1/actions/0/configuration/ProjectName", json!(7),
            "stages[1].actions[0].configuration.ProjectName: SerializationException: \
             stages[1].actions[0].configuration.ProjectName: a Number can not be converted to a String"),
        case("a list is no structure", "/artifactStore", json!([]),
            "artifactStore: SerializationException: artifactStore: a list can not be converted to a structure or map"),
    ]
    .into_iter()
    .map(|mut case| {
        // Without its store the declaration also lacks one.
        if case.0 == "a list is no structure" {
            case.2.push("artifactStore: InvalidStructureException: The pipeline declares neither \
                         'pipeline.artifactStore' nor 'pipeline.artifactStores'");
        }
        case
    })
    .collect());
}

#[test]
fn stages_and_what_stands_in_them() {
    let stages = |count: usize| -> Vec<Change> {
        (0..count)
            .map(|n| ("/stages/-", json!({"name": format!("s{n}"), "actions": [approval("a")]})))
            .collect()
    };
    verify(vec![
        (
            "a pipeline has two stages or more",
            vec![("/stages", json!([]))],
            vec![
                "stages: InvalidStructureException: Pipeline has only 0 stage(s). There should be a minimum of 2 \
                  stages in a pipeline",
            ],
        ),
        (
            "a pipeline has 50 stages or fewer",
            stages(48),
            vec![
                "stages[50]: InvalidStructureException: Pipeline has too many stages. There can only be up to 50 \
                  stages in a pipeline",
            ],
        ),
        (
            "the first stage has only sources",
            vec![("/stages/0/actions/-", approval("Ask"))],
            vec![
                "stages[0].actions[2].actionTypeId.category: InvalidStructureException: Pipeline should start with a \
                  stage that only contains source actions",
            ],
        ),
        (
            "sources stand in the first stage only",
            vec![(
                "/stages/2/actions/-",
                json!({
                "name": "Late", "actionTypeId": type_id("Source", "S3"), "outputArtifacts": [{"name": "Late"}],
                "configuration": {"S3Bucket": "b", "S3ObjectKey": "k"}}),
            )],
            vec![
                "stages[2].actions[3].actionTypeId.category: InvalidStructureException: Source actions can only be \
                  included in the first stage of the pipeline",
            ],
        ),
        (
            "something is done with the source",
            vec![
                ("/stages/2", Value::Null),
                (
                    "/stages/1/actions",
                    json!([{
                "name": "Late", "actionTypeId": type_id("Source", "S3"), "outputArtifacts": [{"name": "Late"}],
                "configuration": {"S3Bucket": "b", "S3ObjectKey": "k"}}]),
                ),
            ],
            vec![
                "stages[1].actions[0].actionTypeId.category: InvalidStructureException: Source actions can only be \
                  included in the first stage of the pipeline",
                "stages: InvalidStructureException: Pipeline should contain at least 1 action whose category is not \
                  Source",
            ],
        ),
    ]);
}

#[test]
fn names_and_sizes_of_stages() {
    let many = |count: usize| -> Value { (0..count).map(|n| approval(&format!("a{n}"))).collect() };
    verify(vec![
        (
            "stage names are unique",
            vec![("/stages/2/name", json!("Build"))],
            vec![
                "stages[2].name: InvalidStageDeclarationException: Stage name 'Build' is used more than once",
            ],
        ),
        (
            "a stage has an action",
            vec![("/stages/-", json!({"name": "Empty", "actions": []}))],
            vec![
                "stages[3].actions: InvalidStageDeclarationException: Stage 'Empty' should contain at least 1 action",
            ],
        ),
        (
            "action names are unique in a stage",
            vec![("/stages/2/actions/2/name", json!("Ask"))],
            vec![
                "stages[2].actions[2].name: InvalidActionDeclarationException: Action name 'Ask' is used more than \
                  once in stage 'Deploy'",
            ],
        ),
        (
            "forty actions run in parallel",
            vec![("/stages/-", json!({"name": "Wide", "actions": many(41)}))],
            vec![
                "stages[3].actions[40]: InvalidStageDeclarationException: Stage 'Wide' has 41 actions of runOrder 1. \
                  Up to 40 run in parallel",
            ],
        ),
        (
            "blockers are reserved",
            vec![("/stages/2/blockers", json!([{"name": "b", "type": "Schedule"}]))],
            vec![
                "stages[2].blockers: InvalidBlockerDeclarationException: Stage 'Deploy' declares blockers, which are \
                  reserved for future use",
            ],
        ),
        ("no blockers are no blockers", vec![("/stages/2/blockers", json!([]))], vec![]),
        (
            "variable names are unique",
            vec![("/variables/-", json!({"name": "target"}))],
            vec![
                "variables[2].name: InvalidStructureException: Variable names must be unique. The following variable \
                  name is already in use: target",
            ],
        ),
    ]);
}

#[test]
fn what_a_v1_pipeline_does_not_have() {
    verify(vec![(
        "modes, variables and Commands are of V2",
        vec![("/pipelineType", json!("V1")), ("/executionMode", json!("PARALLEL"))],
        vec![
            "executionMode: InvalidStructureException: QUEUED or PARALLEL mode can only be used with V2 pipelines",
            "variables: InvalidStructureException: Pipeline variable can only be used with V2 pipelines",
            "stages[1].actions[2].actionTypeId.provider: InvalidActionDeclarationException: Commands Action can only be \
             used with V2 pipelines.",
        ],
    )]);
}

#[test]
fn stores_regions_and_accounts() {
    let store = || json!({"type": "S3", "location": "artifacts"});
    verify(vec![
        (
            "a store is needed",
            vec![("/artifactStore", Value::Null)],
            vec![
                "artifactStore: InvalidStructureException: The pipeline declares neither 'pipeline.artifactStore' nor \
                  'pipeline.artifactStores'",
            ],
        ),
        (
            "one kind of store is enough",
            vec![("/artifactStores", json!({"eu-west-1": store()}))],
            vec![
                "artifactStores: InvalidStructureException: The pipeline declares both 'pipeline.artifactStore' and \
                  'pipeline.artifactStores'. Only one of them can be used",
            ],
        ),
        (
            "a store for the only Region is a store",
            vec![("/artifactStore", Value::Null), ("/artifactStores", json!({"eu-west-1": store()}))],
            vec![],
        ),
        (
            "actions in two Regions need two stores",
            vec![
                ("/stages/0/actions/0/region", json!("eu-west-1")),
                ("/stages/2/actions/1/region", json!("us-east-1")),
            ],
            vec![
                "artifactStore: InvalidStructureException: Your pipeline contains actions in more than one region. Use \
                  'pipeline.artifactStores' instead of 'pipeline.artifactStore' to declare an artifact store, such as \
                  an artifact bucket, for each region where you have an action.",
                "stages[2].actions[1].region: InvalidActionDeclarationException: Action 'Files' is in Region \
                  'us-east-1'. Pipewright does not run actions in another Region than the pipeline yet",
            ],
        ),
        (
            "each Region needs its store",
            vec![
                ("/artifactStore", Value::Null),
                ("/artifactStores", json!({"eu-west-1": store()})),
                ("/stages/0/actions/0/region", json!("eu-west-1")),
                ("/stages/2/actions/1/region", json!("us-east-1")),
            ],
            vec![
                "artifactStores: InvalidStructureException: Your pipeline must have an artifact store, such as an \
                  artifact bucket, for each region where you have an action. The following region is missing in \
                  'pipeline.artifactStores': us-east-1.",
                "stages[2].actions[1].region: InvalidActionDeclarationException: Action 'Files' is in Region \
                  'us-east-1'. Pipewright does not run actions in another Region than the pipeline yet",
            ],
        ),
        (
            "a role of another account is another account",
            vec![("/stages/2/actions/1/roleArn", json!("arn:aws:iam::444455556666:role/deploy"))],
            vec![
                "stages[2].actions[1].roleArn: InvalidActionDeclarationException: Action 'Files' has a role of account \
                  444455556666, and the pipeline is of account 111122223333. Pipewright does not run actions in another \
                  account yet",
            ],
        ),
        (
            "a role of the same account is accepted",
            vec![("/stages/2/actions/1/roleArn", json!("arn:aws:iam::111122223333:role/deploy"))],
            vec![],
        ),
    ]);
}

#[test]
fn triggers() {
    const WRONG_ACTION: &str = "Triggers for connections must reference a CodeStarSourceConnection action. Note that \
                                when you specify a trigger, you cant specify more than one trigger per source action.";
    let trigger = |action: &str, push: Value| {
        json!({"providerType": "CodeStarSourceConnection",
               "gitConfiguration": {"sourceActionName": action, "push": push}})
    };
    let main = || json!({"includes": ["main"]});
    let wrong_action: &'static str =
        format!("triggers[0].gitConfiguration.sourceActionName: InvalidStructureException: {WRONG_ACTION}")
            .leak();
    let twice: &'static str =
        format!("triggers[1].gitConfiguration.sourceActionName: InvalidStructureException: {WRONG_ACTION}")
            .leak();
    let wrong_filters = "triggers[0].gitConfiguration.push[0]: InvalidStructureException: The trigger configuration for \
                         the source action is not valid. Make sure to choose valid filter combinations.";
    let wrong_pattern = "triggers[0].gitConfiguration.push[0].branches.excludes[1]: InvalidStructureException: The \
                         trigger configuration for the source action is not valid. Make sure to choose valid filter \
                         combinations.";
    verify(vec![
        (
            "a trigger of a connection is accepted",
            vec![("/triggers", json!([trigger("Fetch", json!([{"branches": main()}]))]))],
            vec![],
        ),
        ("no triggers are no triggers", vec![("/triggers", json!([]))], vec![]),
        (
            "a trigger is of a connection",
            vec![("/triggers", json!([trigger("Data", json!([{"branches": main()}]))]))],
            vec![wrong_action],
        ),
        (
            "a source action has one trigger",
            vec![(
                "/triggers",
                json!([
                    trigger("Fetch", json!([{"branches": main()}])),
                    trigger("Fetch", json!([{"tags": main()}]))
                ]),
            )],
            vec![twice],
        ),
        (
            "tags and branches do not mix",
            vec![("/triggers", json!([trigger("Fetch", json!([{"tags": main(), "branches": main()}]))]))],
            vec![wrong_filters],
        ),
        (
            "file paths need branches",
            vec![("/triggers", json!([trigger("Fetch", json!([{"filePaths": main()}]))]))],
            vec![wrong_filters],
        ),
        (
            "a pattern has to be one",
            vec![("/triggers", json!([trigger("Fetch", json!([{"branches": {"excludes": ["a", "[b"]}}]))]))],
            vec![wrong_pattern],
        ),
    ]);
}
