//! Conditions of stages and their rules.

use serde_json::{Value, json};

use super::{Change, verify};

fn rule(provider: &str, more: Value) -> Value {
    let mut rule = json!({
        "name": "r",
        "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"}
    });
    rule.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    rule
}

fn condition(result: &str, rules: &[Value]) -> Value {
    json!({"conditions": [{"result": result, "rules": rules}]})
}

fn lambda(more: Value) -> Value {
    let mut rule = rule("LambdaInvoke", json!({"configuration": {"FunctionName": "f"}}));
    rule.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    rule
}

fn variable_is(text: &str) -> Value {
    rule("VariableCheck", json!({"configuration": {"Variable": text, "Value": "x", "Operator": "EQ"}}))
}

fn at(member: &str, value: Value) -> Vec<Change> {
    let pointer = match member {
        "beforeEntry" => "/stages/2/beforeEntry",
        "onSuccess" => "/stages/2/onSuccess",
        _ => "/stages/2/onFailure",
    };
    vec![(pointer, value)]
}

const FIRST_RULE: &str = "conditions[0].rules[0]";

fn refused(place: &str, message: &str) -> Vec<&'static str> {
    vec![format!("stages[2].{place}: InvalidStageDeclarationException: {message}").leak()]
}

#[test]
fn conditions_that_run_are_accepted() {
    let window = rule("DeploymentWindow", json!({"configuration": {"Cron": "* * 9-17 ? * MON-FRI"}}));
    let alarm = rule("CloudWatchAlarm", json!({"configuration": {"AlarmName": "errors", "WaitTime": "5"}}));
    let commands = rule("Commands", json!({"commands": ["./healthy"], "inputArtifacts": [{"name": "App"}]}));
    let build = rule("CodeBuild", json!({"configuration": {"ProjectName": "smoke"}, "timeoutInMinutes": 30}));
    verify(vec![
        (
            "a variable and a window",
            at("beforeEntry", condition("FAIL", &[variable_is("#{Code.BranchName}")])),
            vec![],
        ),
        ("a stage may be skipped", at("beforeEntry", condition("SKIP", &[lambda(json!({}))])), vec![]),
        ("a window", at("beforeEntry", condition("FAIL", &[window])), vec![]),
        ("an alarm", at("onFailure", condition("ROLLBACK", &[alarm])), vec![]),
        ("commands", at("onSuccess", condition("ROLLBACK", &[commands])), vec![]),
        ("a build", at("onFailure", condition("ROLLBACK", &[build])), vec![]),
        ("a rollback at once", at("onFailure", json!({"result": "ROLLBACK"})), vec![]),
        (
            "a retry",
            at("onFailure", json!({"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}})),
            vec![],
        ),
    ]);
}

#[test]
fn results_are_of_their_condition() {
    let rollback = || condition("ROLLBACK", &[lambda(json!({}))]);
    let alarm = rule("DeploymentWindow", json!({"configuration": {"Cron": "* * * * * ?"}}));
    let both = json!({"result": "RETRY", "conditions": rollback()["conditions"]});
    let parallel = ("/executionMode", json!("PARALLEL"));
    let not_parallel = "Failure conditions with rollback result type cannot be added to a PARALLEL pipeline.";
    verify(vec![
        (
            "nothing is rolled back before it begins",
            at("beforeEntry", rollback()),
            refused("beforeEntry.conditions[0].result", "The result ROLLBACK cannot be used here"),
        ),
        (
            "few rules may skip",
            at("beforeEntry", condition("SKIP", &[alarm])),
            refused(
                &format!("beforeEntry.{FIRST_RULE}.ruleTypeId.provider"),
                "The result SKIP cannot be used with the rule DeploymentWindow",
            ),
        ),
        (
            "a result at once, or conditions",
            at("onFailure", both),
            refused(
                "onFailure.result",
                "The following stage cannot have a failure exit gate configured with both top level result and \
                 conditions: 'Deploy'",
            ),
        ),
        (
            "a parallel pipeline does not roll back after a failure",
            vec![parallel.clone(), ("/stages/2/onFailure", json!({"result": "ROLLBACK"}))],
            refused("onFailure", not_parallel),
        ),
        (
            "nor after a success",
            vec![parallel, ("/stages/2/onSuccess", rollback())],
            refused("onSuccess", not_parallel),
        ),
        (
            "the source stage is not rolled back",
            vec![("/stages/0/onFailure", json!({"result": "ROLLBACK"}))],
            vec![
                "stages[0].onFailure: InvalidStageDeclarationException: The source stage 'Source' cannot be rolled back",
            ],
        ),
    ]);
}

#[test]
fn rules_work_where_their_pipeline_does() {
    let check = |member: &str, value: &str| {
        let mut rule = variable_is("x");
        rule[member] = json!(value);
        at("onSuccess", condition("FAIL", &[rule]))
    };
    let place = |member: &str| format!("onSuccess.{FIRST_RULE}.{member}");
    let in_ireland = |mut changes: Vec<Change>| {
        changes.push(("/stages/0/actions/0/region", json!("eu-west-1")));
        changes
    };
    let abroad = refused(
        &place("region"),
        "Rule 'r' is in Region 'us-east-1'. Pipewright does not run rules in another Region than the pipeline yet",
    );
    let no_stores = "artifactStore: InvalidStructureException: Your pipeline contains actions in more than one region. Use \
                     'pipeline.artifactStores' instead of 'pipeline.artifactStore' to declare an artifact store, such as \
                     an artifact bucket, for each region where you have an action.";
    verify(vec![
        ("another Region", in_ireland(check("region", "us-east-1")), [vec![no_stores], abroad].concat()),
        ("the Region of the pipeline", in_ireland(check("region", "eu-west-1")), vec![]),
        (
            "a role of another account",
            check("roleArn", "arn:aws:iam::444455556666:role/check"),
            refused(
                &place("roleArn"),
                "Rule 'r' has a role of account 444455556666, and the pipeline is of account 111122223333. Pipewright \
                 does not run rules in another account yet",
            ),
        ),
        ("a role of the same account", check("roleArn", "arn:aws:iam::111122223333:role/check"), vec![]),
    ]);
}

#[test]
fn rules_are_checked_as_actions_are() {
    let check = |rule: Value| at("onSuccess", condition("FAIL", &[rule]));
    let place = |member: &str| format!("onSuccess.{FIRST_RULE}{member}");
    let lost = json!({"inputArtifacts": [{"name": "Lost"}]});
    verify(vec![
        (
            "a rule says what it needs",
            check(rule("DeploymentWindow", json!({}))),
            refused(
                &place(".configuration.Cron"),
                "Rule configuration for rule 'r' is missing required configuration 'Cron'",
            ),
        ),
        (
            "a rule is known",
            check(rule("Alarm", json!({}))),
            refused(&place(".ruleTypeId.provider"), "Rule 'r' has an unknown provider 'Alarm'"),
        ),
        (
            "an alarm has a name",
            check(rule("CloudWatchAlarm", json!({"configuration": {"WaitTime": "5"}}))),
            refused(
                &place(".configuration.AlarmName"),
                "Rule configuration for rule 'r' is missing required configuration 'AlarmName'",
            ),
        ),
        (
            "what a rule reads was made",
            check(lambda(lost)),
            refused(
                &place(".inputArtifacts[0].name"),
                "Rule 'r' has an input artifact 'Lost' that is not an output artifact of any action in the pipeline",
            ),
        ),
        (
            "a window reads no files",
            check(rule(
                "DeploymentWindow",
                json!({"configuration": {"Cron": "* * * * * ?"}, "inputArtifacts": [{"name": "App"}]}),
            )),
            refused(&place(".inputArtifacts"), "Rule 'r' declares 1 input artifacts"),
        ),
        (
            "a variable is of an earlier action",
            check(variable_is("#{Nobody.Value}")),
            refused(
                &place(".configuration.Variable"),
                "Valid format for a pipeline execution variable reference is a namespace and a key separated by a \
                 period (.). The following pipeline execution variables are referencing a namespace that does not \
                 exist.\nStageName=[Deploy], RuleName=[r], RuleConfigurationKey=[Variable], \
                 VariableReferenceText=[Nobody.Value]",
            ),
        ),
        (
            "a condition has rules",
            at("onSuccess", condition("FAIL", &[])),
            vec![
                "stages[2].onSuccess.conditions[0].rules: ValidationException: Value at \
                 'pipeline.stages.3.member.onSuccess.conditions.1.member.rules' failed to satisfy constraint: Member must \
                 have length greater than or equal to 1",
            ],
        ),
        (
            "and says which",
            at("onSuccess", json!({"conditions": [{"result": "FAIL"}]})),
            refused("onSuccess.conditions[0]", "A condition must have at least one rule"),
        ),
    ]);
}

#[test]
fn values_that_are_written_out_are_read_before_they_are_used() {
    let check = |provider: &str, key: &'static str, value: &str, more: Value| {
        let mut configuration = more;
        configuration[key] = json!(value);
        at("onSuccess", condition("FAIL", &[rule(provider, json!({ "configuration": configuration }))]))
    };
    let matches = || json!({"Variable": "#{Code.BranchName}", "Operator": "MATCHES"});
    let always = || json!({"Cron": "* * * * * ?"});
    let alarm = || json!({"AlarmName": "errors"});
    let wrong = |key: &str, problem: &str| {
        refused(
            &format!("onSuccess.{FIRST_RULE}.configuration.{key}"),
            &format!(
                "Rule configuration for rule 'r' contains an invalid value for configuration '{key}': {problem}.\n\
                 StageName=[Deploy], Condition=[onSuccess], RuleName=[r], RuleConfigurationKey=[{key}]"
            ),
        )
    };
    let unclosed = "The regular expression '(main' could not be used: Parsing error at position 5: Opening parenthesis \
                    without closing parenthesis";
    let five_fields = "The Cron expression '* 9-17 ? * MON-FRI' is not understood: it needs six fields (seconds minutes \
                       hours day-of-month month day-of-week), and the year as a seventh if wanted";
    let nowhere = "The TimeZone 'Mars/Olympus' is unknown. Write Region/City, UTC+02:00 or an abbreviation";
    let no_state = "AlarmStates has 'BROKEN', which is no state of an alarm. Write OK, ALARM or INSUFFICIENT_DATA, or \
                    several of them with commas between";
    let no_time = "The WaitTime 'soon' is not understood. Write minutes, a whole number up to 86400";
    verify(vec![
        ("an expression", check("VariableCheck", "Value", "(main", matches()), wrong("Value", unclosed)),
        ("a readable one", check("VariableCheck", "Value", "(?!.*skip).*", matches()), vec![]),
        ("one with a variable", check("VariableCheck", "Value", "(#{variables.target}", matches()), vec![]),
        (
            "text that is compared as it is",
            check("VariableCheck", "Value", "(main", json!({"Variable": "x", "Operator": "CONTAINS"})),
            vec![],
        ),
        (
            "a window",
            check("DeploymentWindow", "Cron", "* 9-17 ? * MON-FRI", json!({})),
            wrong("Cron", five_fields),
        ),
        (
            "a window of a variable",
            check("DeploymentWindow", "Cron", "#{variables.target}", json!({})),
            vec![],
        ),
        (
            "a time zone",
            check("DeploymentWindow", "TimeZone", "Mars/Olympus", always()),
            wrong("TimeZone", nowhere),
        ),
        ("one that is known", check("DeploymentWindow", "TimeZone", "Europe/Berlin", always()), vec![]),
        (
            "states of an alarm",
            check("CloudWatchAlarm", "AlarmStates", "OK,BROKEN", alarm()),
            wrong("AlarmStates", no_state),
        ),
        ("a time to wait", check("CloudWatchAlarm", "WaitTime", "soon", alarm()), wrong("WaitTime", no_time)),
    ]);
}

/// Nothing is known then but what the execution was started with.
#[test]
fn the_first_stage_may_have_an_entry_condition_too() {
    let entry = |text: &str| vec![("/stages/0/beforeEntry", condition("FAIL", &[variable_is(text)]))];
    let too_early = "stages[0].beforeEntry.conditions[0].rules[0].configuration.Variable: \
                     InvalidStageDeclarationException: The referenced variables are not of an earlier action: 'Fetch' in \
                     stage 'Source' gives them.\nStageName=[Source], RuleName=[r], RuleConfigurationKey=[Variable], \
                     VariableReferenceText=[Code.BranchName]";
    verify(vec![
        ("it asks for a pipeline's variable", entry("#{variables.target}"), vec![]),
        ("it cannot ask for the source's", entry("#{Code.BranchName}"), vec![too_early]),
    ]);
}
