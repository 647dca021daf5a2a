//! What sources told, and connections.

use serde_json::{Value, json};

use super::run::run;
use super::service::{Answer, Service};

fn events() -> Value {
    let judged = |pipeline: &str, more: Value| {
        let mut judged = json!({ "pipelineName": pipeline, "actionName": "Source" });
        judged.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        judged
    };
    let event = |id: &str, pipelines: Value| {
        json!({
            "id": id, "toldAt": "2026-11-22T11:59:00.000Z", "source": "arn:c", "detail": {},
            "summary": "push to branch main of me/app at 59b20b8d", "pipelines": pipelines,
        })
    };
    let mut first = event(
        "72d3162e-cc78",
        json!([
            judged("shop", json!({ "pipelineExecutionId": "4f1c2d3e", "message": "started" })),
            judged(
                "docs",
                json!({
                    "message": "push[0].branches.includes says no: 'main' is none of 'dev'",
                    "denials": [{ "reason": "NotIncluded" }],
                })
            ),
            judged("gone", json!({ "error": "no", "message": "the start was refused: no\u{1b}[2J" })),
        ]),
    );
    first["changedFiles"] = json!(3);
    let mut second = event("72d30000", json!([]));
    second["filesUnknown"] = json!("the host is away");
    json!({ "triggerEvents": [first, second] })
}

fn service() -> Service {
    Service::start(|operation, input| match operation {
        // The second page has what the first has not.
        "ListTriggerEvents" if input["nextToken"] == "2" => Answer::Of(json!({ "triggerEvents": [] })),
        "ListTriggerEvents" => {
            let mut events = events();
            events["nextToken"] = json!("2");
            Answer::Of(events)
        }
        "PutConnection" => Answer::Of(input.clone()),
        "ListConnections" => Answer::Of(json!({ "connections": [{
            "connectionArn": "arn:c", "url": "https://h/{FullRepositoryId}", "webhookUrl": "https://s/connections/t",
        }] })),
        other => Answer::Exception("UnknownOperationException", format!("there is no {other}")),
    })
}

#[tokio::test]
async fn an_event_is_explained_by_its_id_or_its_beginning() {
    let service = service();
    let ran = run(&service, "explain 72d3162e").await;
    let expected = "2026-11-22T11:59:00.000Z 72d3162e-cc78\n\
        push to branch main of me/app at 59b20b8d, told of arn:c\n\
        changed files: 3\n\
        ✔ shop/Source: started 4f1c2d3e\n\
        ■ docs/Source: push[0].branches.includes says no: 'main' is none of 'dev'\n\
        ✘ gone/Source: the start was refused: no\n";
    assert_eq!(ran.output, expected, "{ran:?}");
    assert_eq!(run(&service, "explain 72d3162e --quiet").await.output, "4f1c2d3e\n");
    assert_eq!(run(&service, "explain 72d3162e-cc78 --json").await.json(), events()["triggerEvents"][0]);
    let unknown = run(&service, "explain 72d30000").await.output;
    assert!(
        unknown.contains("is not known, so filters on files let it through: the host is away"),
        "{unknown}"
    );
    assert!(unknown.contains("no pipeline has a source action of this"), "{unknown}");
    for (id, exit, said) in [("72d3", 2, "several events"), ("nothing", 3, "no event nothing is known")] {
        let ran = run(&service, &format!("explain {id}")).await;
        assert_eq!(ran.exit.code(), exit, "{ran:?}");
        assert!(ran.errors.contains(said), "{ran:?}");
    }
}

#[tokio::test]
async fn the_last_events_are_listed_with_what_they_started() {
    let service = service();
    let listed = run(&service, "explain").await.output;
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(lines[1].contains("72d3162e-cc78") && lines[1].trim_end().ends_with("shop"), "{listed}");
    assert!(lines[2].trim_end().ends_with("nothing"), "{listed}");
    assert_eq!(run(&service, "explain --last 1 --quiet").await.output, "72d3162e-cc78\n");
    assert_eq!(run(&service, "explain --json").await.json(), events());
    let older = Service::start(|_, _| Answer::Exception("UnknownOperationException", "no".into()));
    let ran = run(&older, "explain").await;
    assert!(ran.errors.contains("needs this version"), "{ran:?}");
}

#[tokio::test]
async fn connections_are_made_and_shown_with_their_webhooks() {
    let service = service();
    let line =
        "connect arn:c --url https://h/{FullRepositoryId} --provider-type GitHub --secret pipewright/h";
    let made = run(&service, line).await;
    let expected = json!({
        "connectionArn": "arn:c", "url": "https://h/{FullRepositoryId}", "providerType": "GitHub",
        "secret": "pipewright/h",
    });
    assert_eq!(service.input_of("PutConnection"), expected);
    assert_eq!(made.output, "arn:c\n  leads to: https://h/{FullRepositoryId}\n  secret: pipewright/h\n");
    let listed = run(&service, "connections").await.output;
    let expected = "arn:c\n  leads to: https://h/{FullRepositoryId}\n  webhook: https://s/connections/t\n";
    assert_eq!(listed, expected);
    assert_eq!(run(&service, "connections --quiet").await.output, "arn:c\n");
}
