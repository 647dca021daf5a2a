//! The whole way from text to stack, and the real template.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::*;
use crate::permissions::{Decision, Permission, evaluate};

const REAL: &str = include_str!("../../../../template.yaml");

fn surroundings() -> Surroundings {
    Surroundings {
        stack_name: "pipewright".into(),
        account: Account { id: "123456789012".into(), region: "us-east-1".into() },
        parameters: BTreeMap::new(),
        api_endpoint: None,
    }
}

fn real() -> Stack {
    load(REAL, &surroundings()).expect("template.yaml is understood")
}

#[test]
fn a_small_stack_is_resolved() {
    let text = "
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: test}
Conditions:
  IsProduction: !Equals [!Ref Stage, prod]
Globals:
  Function:
    Timeout: 10
    Environment: {Variables: {TABLE: !Ref Orders, STAGE: !Ref Stage}}
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: at, AttributeType: N}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: byTime
          KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]
          Projection: {ProjectionType: ALL}
      TimeToLiveSpecification: {AttributeName: gone, Enabled: true}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  OnlyInProduction:
    Type: AWS::S3::Bucket
    Condition: IsProduction
  WorkFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: work}}
    Properties:
      FunctionName: !Sub ${AWS::StackName}-work
      MemorySize: 512
      Environment: {Variables: {STAGE: other}}
      Policies:
        - Statement: {Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt Orders.Arn}
      Events:
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Pushed: {Type: EventBridgeRule, Properties: {Pattern: {source: [git]}}}
        Written:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Orders.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 7
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: {Filters: [{Pattern: '{\"dynamodb\": {\"NewImage\": {\"sum\": {\"S\": [{\"exists\": true}]}}}}'}]}
";
    let stack = load(text, &surroundings()).expect("understood");
    let key = |attribute: &str, kind: &str| Key { attribute: attribute.into(), attribute_type: kind.into() };
    assert_eq!(
        stack.tables,
        [Table {
            logical_id: "Orders".into(),
            name: "pipewright-Orders".into(),
            partition_key: key("id", "S"),
            sort_key: None,
            indexes: vec![Index {
                name: "byTime".into(),
                partition_key: key("id", "S"),
                sort_key: Some(key("at", "N")),
            }],
            time_to_live_attribute: Some("gone".into()),
            stream_arn: Some(
                "arn:aws:dynamodb:us-east-1:123456789012:table/pipewright-Orders/stream/local".into()
            ),
        }]
    );
    assert_eq!(stack.buckets, []);
    let [function] = &stack.functions[..] else { panic!("one function") };
    assert_eq!((function.name.as_str(), function.binary.as_str()), ("pipewright-work", "work"));
    assert_eq!((function.timeout_seconds, function.memory_mb), (10, 512));
    assert_eq!(
        function.environment,
        BTreeMap::from([
            ("TABLE".to_owned(), "pipewright-Orders".to_owned()),
            ("STAGE".to_owned(), "other".to_owned()),
        ])
    );
    assert_eq!(
        function.policies[0].resources,
        [
            "arn:aws:dynamodb:us-east-1:123456789012:table/pipewright-Orders",
            "arn:aws:dynamodb:us-east-1:123456789012:table/pipewright-Orders/leading-key/*",
        ]
    );
    assert_eq!(stack.rules[0].name, "WorkFunctionPushed");
    assert_eq!(stack.rules[0].function, function.arn);
    assert!(stack.rules[0].pattern.matches(&json!({"source": "git"})));
    assert_eq!(stack.schedules[0].schedule.next_after(0), Some(86_400_000));
    let [stream] = &stack.streams[..] else { panic!("one stream") };
    assert_eq!((stream.name.as_str(), &stream.function), ("WorkFunctionWritten", &function.arn));
    assert_eq!((stream.batch_size, stream.window_seconds), (7, 0));
    assert_eq!(Some(&stream.stream_arn), stack.tables[0].stream_arn.as_ref());
    assert_eq!(stream.attributes, BTreeSet::from(["sum".to_owned()]));
    assert!(stream.filters[0].matches(&json!({"dynamodb": {"NewImage": {"sum": {"S": "1"}}}})));
}

#[test]
fn what_is_outside_of_the_subset_is_refused_with_its_path() {
    let function = |properties: &str| {
        format!(
            "Resources: {{F: {{Type: AWS::Serverless::Function, Metadata: {{BuildProperties: {{Binary: f}}}}, Properties: {{{properties}}}}}}}"
        )
    };
    for (text, expected) in [
        ("Resources: {Foo: {Type: AWS::X::Y}}".into(), "Resources.Foo: AWS::X::Y is not supported locally"),
        ("Mappings: {}".into(), "Mappings: this property is not supported locally"),
        ("Transform: Other".into(), "Transform: Other (only AWS::Serverless-2016-10-31) is not supported"),
        ("Globals: {Api: {}}".into(), "Globals.Api: this property is not supported locally"),
        ("Resources: {Q: {Type: AWS::S3::Bucket, CreationPolicy: {}}}".into(), "Resources.Q.CreationPolicy"),
        (
            "Resources: {Q: {Type: AWS::S3::Bucket, Properties: {WebsiteConfiguration: {}}}}".into(),
            "Resources.Q.Properties.WebsiteConfiguration: this property is not supported locally",
        ),
        ("Resources: {Q: {Type: AWS::S3::Bucket, Condition: C}}".into(), "there is no condition C"),
        (
            "Resources: {Q: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Q}}}".into(),
            "Resources.Q.Properties.BucketName: there is no parameter or resource Q",
        ),
        (
            "Resources: {T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: a, KeyType: HASH}]}}}".into(),
            "Resources.T.Properties.KeySchema[0].AttributeName: a has no AttributeDefinition",
        ),
        (
            function("Events: {E: {Type: DynamoDB, Properties: {Stream: s, FunctionResponseTypes: [ReportBatchItemFailures]}}}"),
            "Resources.F.Properties.Events.E.Properties.FilterCriteria: is missing",
        ),
        (
            function("Events: {E: {Type: DynamoDB, Properties: {Stream: s, StartingPosition: LATEST}}}"),
            "E.Properties.StartingPosition: LATEST (only TRIM_HORIZON) is not supported locally",
        ),
        (
            function("Events: {E: {Type: DynamoDB, Properties: {Stream: s, FilterCriteria: {Filters: [{Pattern: '{\"eventName\": [\"INSERT\"]}'}]}}}}"),
            "Filters[0].Pattern: has to name attributes of dynamodb.NewImage",
        ),
        (function("VpcConfig: {}"), "Resources.F.Properties.VpcConfig: this property"),
        (function("Runtime: nodejs22.x"), "Resources.F.Properties.Runtime: nodejs22.x (only provided.al2023)"),
        (function("Policies: AWSLambdaExecute"), "Policies[0]: AWSLambdaExecute is not a managed policy of this stack"),
        (function("Policies: [{S3ReadPolicy: {BucketName: b}}]"), "Policies[0].S3ReadPolicy"),
        (
            function("Policies: [{Statement: [{Effect: Allow, Action: a, Resource: b, Condition: {}}]}]"),
            "Resources.F.Properties.Policies[0].Statement[0]: Condition is not supported",
        ),
        (function("Events: {E: {Type: SQS}}"), "Properties.Events.E.Type: the event type SQS is not supported"),
        (
            function("Events: {E: {Type: Schedule, Properties: {Schedule: never}}}"),
            "Properties.Events.E.Properties.Schedule: never: a schedule is",
        ),
        (
            function("Events: {E: {Type: EventBridgeRule, Properties: {Pattern: {source: x}}}}"),
            "Events.E.Properties.Pattern: source: values are written as a list",
        ),
        (function("Timeout: soon"), "Resources.F.Properties.Timeout: must be a whole number"),
        ("Parameters: {P: {Type: String}}".into(), "Parameters.P.Default: is missing"),
        (
            "Resources: {S: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: x}}}".into(),
            "Resources.S.Properties.GenerateSecretString: is missing",
        ),
        ("Resources: {A: {Type: AWS::ApiGatewayV2::Authorizer}}".into(), "AWS::ApiGatewayV2::Authorizer is not supported"),
        (
            "Resources: {A: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET}}}".into(),
            "Resources.A.Properties.ProtocolType: WEBSOCKET (only HTTP) is not supported locally",
        ),
        (
            "Resources: {A: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, CorsConfiguration: {}}}}".into(),
            "Resources.A.Properties.CorsConfiguration: this property is not supported locally",
        ),
        (
            "Parameters: {P: {Type: String, AllowedValues: [a], Default: b}}".into(),
            "Parameters.P.AllowedValues: b is not allowed",
        ),
        (
            "Parameters: {P: {Type: Number, AllowedValues: [7, 30], Default: 8}}".into(),
            "Parameters.P.AllowedValues: 8 is not allowed",
        ),
        (
            "Parameters: {P: {Type: Number, MinValue: 2, Default: 1}}".into(),
            "Parameters.P.MinValue: 1 is less than 2",
        ),
        ("Outputs: {O: {Value: !Ref Missing}}".into(), "Outputs.O.Value: there is no parameter or resource Missing"),
    ] {
        let text: String = text;
        let error = load(&text, &surroundings()).expect_err(&text).to_string();
        assert!(error.starts_with("template.yaml: ") && error.contains(expected), "{text}\n{error}");
    }
    let mut unknown = surroundings();
    unknown.parameters.insert("Unknown".into(), "1".into());
    let error = load("Resources: {}", &unknown).expect_err("refused").to_string();
    assert_eq!(error, "template.yaml: Parameters: there is no parameter Unknown to give a value");
}

#[test]
fn the_real_template_names_each_function_after_its_crate() {
    let stack = real();
    for function in &stack.functions {
        let words = function.binary.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
        assert_eq!(function.logical_id, words.collect::<String>() + "Function");
        assert_eq!(function.name, format!("pipewright-{}", function.binary));
        assert_eq!(
            function.arn,
            format!("{}{}", function.environment["FUNCTION_ARN_PREFIX"], function.binary)
        );
    }
    let folders: BTreeSet<String> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions"))
            .expect("the functions")
            .map(|entry| entry.expect("a folder").file_name().to_string_lossy().into_owned())
            .collect();
    let binaries: BTreeSet<String> = stack.functions.iter().map(|function| function.binary.clone()).collect();
    assert_eq!(binaries, folders);
}

#[test]
fn the_real_templates_variables_name_its_own_resources() {
    let stack = real();
    let [machine] = &stack.state_machines[..] else { panic!("one state machine") };
    assert_eq!(machine.definition_file, "infra/statemachines/stage-execution.asl.json");
    let names: BTreeSet<&str> = stack.tables.iter().map(|table| table.name.as_str()).collect();
    for function in &stack.functions {
        let variables = &function.environment;
        assert_eq!(variables["STAGE_EXECUTION_STATE_MACHINE_ARN"], machine.arn);
        for table in ["PIPELINES_TABLE", "EXECUTIONS_TABLE", "OUTBOX_TABLE"] {
            assert!(names.contains(variables[table].as_str()), "{table}");
        }
        assert_eq!(variables["ARTIFACT_BUCKET"], stack.buckets[0].name);
        assert_eq!(variables["COMMANDS_PROJECT"], stack.projects[0].name);
    }
    let advance = stack.functions.iter().find(|function| function.binary == "advance-execution");
    assert_eq!(
        machine.substitutions.get("AdvanceExecutionFunctionArn"),
        advance.map(|function| &function.arn)
    );
}

#[test]
fn the_real_templates_permissions_are_what_they_should_be() {
    let stack = real();
    let arn = |service: &str, resource: &str| stack.account.arn(service, resource);
    let table = arn("dynamodb", "table/pipewright-OutboxTable");
    let partition =
        |key: &str| arn("dynamodb", &format!("table/pipewright-PipelinesTable/leading-key/{key}"));
    let artifact = "arn:aws:s3:::pipewright-artifactbucket/p/a/1".to_owned();
    let other_object = "arn:aws:s3:::elsewhere/key".to_owned();
    let execution = arn("states", "execution:pipewright-stage-execution:e");
    let commands = arn("codebuild", "project/pipewright-commands");
    let signing_key = stack.secrets[0].arn.clone();
    let other_project = arn("codebuild", "project/site");
    for (binary, action, resource, is_allowed) in [
        ("api", "dynamodb:ConditionCheckItem", &table, true),
        ("api", "dynamodb:Scan", &table, false),
        ("api", "secretsmanager:GetSecretValue", &signing_key, true),
        ("advance-execution", "secretsmanager:GetSecretValue", &signing_key, false),
        ("api", "s3:GetObject", &artifact, false),
        ("api", "states:StopExecution", &execution, true),
        ("api", "codebuild:BatchGetBuilds", &other_project, false),
        ("dispatch-effects", "codebuild:BatchGetBuilds", &other_project, true),
        ("source-s3", "s3:GetObjectVersion", &other_object, true),
        ("source-s3", "s3:PutObject", &other_object, false),
        ("source-s3", "s3:PutObject", &artifact, true),
        ("deploy-s3", "s3:GetObject", &artifact, true),
        ("deploy-s3", "s3:PutObject", &other_object, true),
        ("deploy-s3", "s3:GetObject", &other_object, false),
        ("source-git", "s3:GetObject", &other_object, false),
        ("build-codebuild", "codebuild:StartBuild", &other_project, true),
        ("compute-commands", "codebuild:StartBuild", &commands, true),
        ("compute-commands", "codebuild:StartBuild", &other_project, false),
        ("provider-events", "codebuild:StartBuild", &other_project, false),
        ("deploy-codedeploy", "codedeploy:CreateDeployment", &arn("codedeploy", "deploymentgroup:a/g"), true),
        ("invoke-lambda", "lambda:InvokeFunction", &arn("lambda", "function:notify"), true),
        ("invoke-lambda", "lambda:InvokeFunction", &arn("lambda", "function:pipewright-api"), false),
        ("invoke-lambda", "s3:GetObject", &artifact, false),
        ("dispatch-effects", "lambda:InvokeFunction", &arn("lambda", "function:notify"), true),
        ("approval-manual", "states:SendTaskSuccess", &"*".to_owned(), true),
        ("publish-events", "events:PutEvents", &arn("events", "event-bus/default"), true),
        ("publish-events", "dynamodb:UpdateItem", &arn("dynamodb", "table/pipewright-PipelinesTable"), false),
        ("publish-events", "dynamodb:GetItem", &partition("PIPELINE#shop"), true),
        ("publish-events", "dynamodb:GetItem", &partition("ROLES"), false),
        ("api", "dynamodb:PutItem", &partition("WEBHOOKS"), true),
        ("api", "dynamodb:PutItem", &partition("ROLES"), false),
        ("trigger-webhook", "dynamodb:GetItem", &partition("WEBHOOKS"), true),
        ("trigger-webhook", "dynamodb:GetItem", &partition("ROLES"), false),
        ("deploy-s3", "dynamodb:GetItem", &partition("WEBHOOKS"), false),
        ("deploy-s3", "dynamodb:UpdateItem", &partition("PIPELINE#shop"), true),
        ("provider-events", "events:PutEvents", &arn("events", "event-bus/default"), false),
    ] {
        let function = stack.functions.iter().find(|function| function.binary == binary).expect(binary);
        let decision = evaluate(&function.policies, &Permission::new(action, resource));
        assert_eq!(decision == Decision::Allowed, is_allowed, "{binary}: {action} on {resource}");
    }
    let machine = &stack.state_machines[0];
    for function in &stack.functions {
        let invoke = Permission::new("lambda:InvokeFunction", &function.arn);
        let binary = function.binary.as_str();
        let is_edge = matches!(binary, "api" | "dispatch-effects" | "provider-events" | "publish-events")
            || binary.starts_with("trigger-");
        assert_eq!(
            evaluate(&machine.policies, &invoke) == Decision::Allowed,
            !is_edge,
            "{}",
            function.binary
        );
    }
}

/// An API with a route to a function, of which some part may be left out or changed.
fn http_api(change: impl Fn(&str) -> String) -> Result<Stack, TemplateError> {
    let text = "
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn, PayloadFormatVersion: '2.0'}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: POST /, Target: !Sub 'integrations/${Integration}'}
  Other:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: $default, Target: !Sub 'integrations/${Integration}'}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true}}
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref F
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub arn:aws:execute-api:us-east-1:123456789012:${Api}/*
  F: {Type: AWS::Serverless::Function, Metadata: {BuildProperties: {Binary: f}}}
";
    load(&change(text), &surroundings())
}

#[test]
fn a_request_goes_to_the_function_of_its_route_or_of_the_default_one() {
    let stack = http_api(str::to_owned).expect("understood");
    let function = stack.functions[0].arn.clone();
    for (method, path, key) in [("POST", "/", "POST /"), ("GET", "/", "$default"), ("POST", "/x", "$default")]
    {
        let route = stack.route(method, path).expect("a route");
        assert_eq!((route.key.to_string().as_str(), &route.function), (key, &function), "{method} {path}");
    }
    let exact =
        http_api(|text| text.replace("RouteKey: $default", "RouteKey: GET /health")).expect("understood");
    assert!(exact.route("GET", "/").is_none(), "nobody answers, as API Gateway does not");
    let variable =
        http_api(|text| text.replace("RouteKey: POST /,", "RouteKey: 'POST /x/{id}',")).expect("understood");
    for (method, path, expected) in [
        ("POST", "/x/a.b%20c", Some("a.b%20c")),
        ("GET", "/x/a", None),
        ("POST", "/x/", None),
        ("POST", "/x", None),
        ("POST", "/x/a/b", None),
        ("POST", "/y/a", None),
        ("POST", "/x/a/", None),
    ] {
        let route = variable.route(method, path).expect("a route");
        let parameters = route.key.path_parameters(method, path).unwrap_or_default();
        assert_eq!(parameters.get("id").copied(), expected, "{method} {path}");
        assert_eq!(route.key == RouteKey::Default, expected.is_none(), "{method} {path}");
    }
    let both = http_api(|text| {
        text.replace("RouteKey: POST /,", "RouteKey: 'POST /{id}',")
            .replace("RouteKey: $default", "RouteKey: POST /x")
    });
    let both = both.expect("understood");
    let key = |path| both.route("POST", path).map(|route| route.key.to_string());
    assert_eq!(key("/x").as_deref(), Some("POST /x"), "the one for exactly this path comes first");
    assert_eq!(key("/y").as_deref(), Some("POST /{id}"));
}

#[test]
fn a_route_that_would_lead_nowhere_on_aws_is_refused() {
    for (given, changed, expected) in [
        (
            "StageName: $default",
            "StageName: prod",
            "Resources.Stage.Properties.StageName: prod (only $default)",
        ),
        (
            "PayloadFormatVersion: '2.0'",
            "PayloadFormatVersion: '1.0'",
            "PayloadFormatVersion: 1.0 (only 2.0)",
        ),
        ("AutoDeploy: true", "AutoDeploy: false", "AutoDeploy: false (only true)"),
        ("IntegrationUri: !GetAtt F.Arn", "IntegrationUri: arn", "Resources.Other: there is no function arn"),
        ("Sub 'integrations/${Integration}'", "Sub 'x/${Integration}'", "Target: must be integrations/<id>"),
        ("Sub 'integrations/${Integration}'", "Sub 'integrations/y'", "has no integration y"),
        ("RouteKey: POST /,", "RouteKey: 'POST /{x+}',", "POST /{x+} is not supported locally"),
        ("RouteKey: POST /,", "RouteKey: 'POST /a{x}',", "POST /a{x} is not supported locally"),
        ("RouteKey: POST /,", "RouteKey: ANY /,", "ANY / is not supported locally"),
        ("FunctionName: !Ref F", "FunctionName: other", "no AWS::Lambda::Permission lets the API a invoke F"),
        ("${Api}/*", "another/*", "no AWS::Lambda::Permission lets the API"),
        ("RouteKey: POST /,", "RouteKey: POST /, AuthorizationType: AWS_IAM,", "AWS_IAM (only NONE)"),
    ] {
        let error = http_api(|text| text.replace(given, changed)).expect_err(changed).to_string();
        assert!(error.contains(expected), "{changed}: {error}");
    }
}

#[test]
fn the_real_template_leads_requests_to_their_functions_and_gives_the_api_the_signing_key() {
    let stack = real();
    let function = |binary: &str| {
        let function = stack.functions.iter().find(|function| function.binary == binary);
        function.map(|function| &function.arn)
    };
    for (method, path, binary) in [
        ("POST", "/", "api"),
        ("GET", "/anything", "api"),
        ("POST", "/webhooks/push.abc", "trigger-webhook"),
        ("GET", "/webhooks/push.abc", "api"),
        ("POST", "/webhooks/a/b", "api"),
    ] {
        let route = stack.route(method, path).map(|route| &route.function);
        assert_eq!(route, function(binary), "{method} {path}");
    }
    let [secret] = &stack.secrets[..] else { panic!("one secret: {:?}", stack.secrets) };
    assert_eq!((secret.logical_id.as_str(), secret.name.as_str()), ("SigningKey", "SigningKey"));
    for function in &stack.functions {
        let variable = function.environment.get("SIGNING_KEY_SECRET_ARN");
        assert_eq!(variable, Some(&secret.arn).filter(|_| function.binary == "api"), "{}", function.binary);
    }
}
