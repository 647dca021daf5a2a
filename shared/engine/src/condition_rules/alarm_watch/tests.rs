//! What a state means, and what is no configuration.

use super::*;

fn watch(
    states: Option<&str>,
    wait: Option<&str>,
    condition: Option<ConditionType>,
) -> Result<AlarmWatch, String> {
    AlarmWatch::new("errors", states, wait, condition)
}

fn alarm(state: &str) -> Option<Alarm> {
    Some(Alarm { state: state.to_owned(), reason: "Threshold Crossed".to_owned() })
}

/// In a word, so many minutes after the rule began.
fn judged(watch: &AlarmWatch, state: &str, minutes: i64) -> &'static str {
    match watch.judge(alarm(state), Timestamp(7), Timestamp(7 + minutes * MINUTE_MS)) {
        Some(ActionOutcome::Succeeded(_)) => "succeeds",
        Some(ActionOutcome::Failed { failure_type: FailureType::JobFailed, .. }) => "fails",
        Some(ActionOutcome::Failed { .. }) => "errors",
        None => "waits",
    }
}

#[test]
fn what_is_desired_depends_on_the_condition_unless_the_rule_says_it() {
    use ConditionType::{BeforeEntry, OnFailure, OnSuccess};
    // Of OK, INSUFFICIENT_DATA and ALARM, those that succeed.
    for (condition, states, desired) in [
        (BeforeEntry, None, [true, true, false]),
        (OnSuccess, None, [true, true, false]),
        (OnFailure, None, [false, false, true]),
        (OnFailure, Some("OK"), [true, false, false]),
        (OnSuccess, Some("ALARM"), [false, false, true]),
        (OnSuccess, Some(" OK ,ALARM"), [true, false, true]),
        (BeforeEntry, Some("INSUFFICIENT_DATA"), [false, true, false]),
        (BeforeEntry, Some("OK,INSUFFICIENT_DATA,ALARM"), [true, true, true]),
    ] {
        let watch = watch(states, None, Some(condition)).expect("it is understood");
        for (state, succeeds) in [OK, INSUFFICIENT_DATA, ALARM].into_iter().zip(desired) {
            let expected = if succeeds { "succeeds" } else { "fails" };
            assert_eq!(judged(&watch, state, 0), expected, "{state} in {condition:?} with {states:?}");
        }
    }
}

#[test]
fn another_state_is_waited_for_as_long_as_the_rule_says() {
    for (wait, state, minutes, expected) in [
        (None, ALARM, 0, "fails"),
        (Some("0"), ALARM, 0, "fails"),
        (Some("20"), OK, 0, "succeeds"),
        (Some("20"), ALARM, 0, "waits"),
        (Some("20"), ALARM, 19, "waits"),
        (Some("20"), OK, 19, "succeeds"),
        (Some("20"), ALARM, 20, "fails"),
        (Some("20"), OK, 21, "succeeds"),
        (Some(" 86400 "), ALARM, 86_399, "waits"),
    ] {
        let watch = watch(Some("OK"), wait, None).expect("it is understood");
        assert_eq!(judged(&watch, state, minutes), expected, "{wait:?}: {state} after {minutes}");
    }
}

#[test]
fn a_failure_names_the_state_and_its_reason() {
    let failed = |watch: &AlarmWatch, alarm| match watch.judge(alarm, Timestamp(0), Timestamp(60 * MINUTE_MS))
    {
        Some(ActionOutcome::Failed { failure_type, message }) => (failure_type, message),
        other => panic!("{other:?}"),
    };
    for (wait, message) in [
        (None, "The alarm 'errors' is in the state ALARM, not in OK or INSUFFICIENT_DATA: Threshold Crossed"),
        (
            Some("2"),
            "The alarm 'errors' is in the state ALARM after 2 minutes, not in OK or INSUFFICIENT_DATA: Threshold Crossed",
        ),
    ] {
        let watch = watch(None, wait, None).expect("it is understood");
        assert_eq!(failed(&watch, alarm(ALARM)), (FailureType::JobFailed, message.to_owned()));
        let (failure_type, message) = failed(&watch, None);
        assert_eq!(failure_type, FailureType::ConfigurationError);
        assert!(message.contains("no metric or composite alarm 'errors'"), "{message}");
    }
}

#[test]
fn what_is_no_configuration_is_refused_with_what_is_allowed() {
    for (states, wait, says) in [
        (Some("ok"), None, "'ok', which is no state of an alarm. Write OK, ALARM or INSUFFICIENT_DATA"),
        (Some("OK,"), None, "''"),
        (Some("OK ALARM"), None, "'OK ALARM'"),
        (
            None,
            Some("soon"),
            "The WaitTime 'soon' is not understood. Write minutes, a whole number up to 86400",
        ),
        (None, Some("-1"), "'-1'"),
        (None, Some("1.5"), "'1.5'"),
        (None, Some("86401"), "'86401'"),
    ] {
        let refused = watch(states, wait, None).expect_err("it is wrong");
        assert!(refused.contains(says), "{refused}");
    }
}
