//! Events about executions that have ended.

use serde_json::json;

use crate::stack::Stack;

#[tokio::test]
async fn an_end_is_an_event_and_one_without_success_comes_again_after_a_restart() {
    let mut stack = Stack::open();
    let fail =
        json!({ "StartAt": "A", "States": { "A": { "Type": "Fail", "Error": "Bad", "Cause": "it is" } } });
    let succeed = json!({ "StartAt": "A", "States": { "A": { "Type": "Succeed" } } });
    for (name, definition) in [("fails", &fail), ("succeeds", &succeed)] {
        let machine = stack.create(name, definition).await;
        let execution = stack.start_execution(&machine, "e", &json!({ "stage": 1 })).await;
        stack.ended(&execution).await;
    }
    let told: Vec<_> = stack
        .events
        .take()
        .iter()
        .map(|event| {
            (
                event["detail"]["status"].clone(),
                event["detail"]["error"].clone(),
                event["detail"]["input"].clone(),
            )
        })
        .collect();
    let input = json!({ "stage": 1 }).to_string();
    assert_eq!(
        told,
        [(json!("FAILED"), json!("Bad"), json!(input)), (json!("SUCCEEDED"), json!(null), json!(input))]
    );

    stack.restart();
    let again: Vec<_> = stack.events.take().iter().map(|event| event["detail"]["name"].clone()).collect();
    assert_eq!(again, [json!("e")], "only the failed one");
    stack.clock.advance(std::time::Duration::from_secs(25 * 3600));
    stack.restart();
    assert!(stack.events.take().is_empty(), "a day later nobody is told any more");
}
