//! The members of an event's detail.

use super::*;

/// What there is to be told of a retry that is stopped.
fn scene() -> Scene {
    let mut scene = Scene::new(ExecutionMode::Superseded);
    scene.start("a");
    scene.finish("a", "Fetch", succeeded());
    scene.finish("a", "Compile", failed());
    scene.retry("a", "Build");
    scene.stop("a", false);
    scene
}

/// The detail of the last event of this state that tells of an action, a stage or the pipeline.
fn told(scene: &Scene, state: &str, subject: &str) -> Option<Value> {
    let facts = ActionFacts {
        action_type: ActionTypeId {
            category: "Build".into(),
            owner: "AWS".into(),
            provider: "CodeBuild".into(),
            version: "1".into(),
        },
        region: "eu-west-1".into(),
    };
    let mut details = scene.changes.iter().map(|change| change.detail(Some(&facts), written));
    details.rfind(|detail| {
        let told = [&detail["action"], &detail["stage"]].into_iter().find_map(Value::as_str);
        detail["state"] == state && told.unwrap_or("pipeline") == subject
    })
}

fn common(start_time: &str, attempt: f64) -> Value {
    json!({
        "pipeline": "shop", "execution-id": "a", "start-time": start_time, "version": 3.0,
        "pipeline-execution-attempt": attempt,
    })
}

fn with(mut base: Value, more: Value) -> Value {
    base.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    base
}

fn id(scene: &Scene, name: &str) -> String {
    let mut ids = scene.changes.iter().filter_map(|change| match &change.subject {
        Subject::Action { action_name, action_execution_id, .. } if action_name == name => {
            Some(action_execution_id.clone())
        }
        _ => None,
    });
    ids.next_back().expect("an action")
}

#[test]
fn of_pipelines_and_stages() {
    let scene = scene();
    for (state, subject, expected) in [
        (
            "STARTED",
            "pipeline",
            with(
                common("1970-01-01T00:00:01.000Z", 1.0),
                json!({ "state": "STARTED", "execution-trigger": {
                    "trigger-type": "StartPipelineExecution", "trigger-detail": "ann",
                } }),
            ),
        ),
        (
            "STARTED",
            "Build",
            with(common("1970-01-01T00:00:03.000Z", 1.0), json!({ "state": "STARTED", "stage": "Build" })),
        ),
        (
            "RESUMED",
            "Build",
            with(
                common("1970-01-01T00:00:03.000Z", 2.0),
                json!({
                    "state": "RESUMED", "stage": "Build",
                    "stage-last-retry-attempt-time": "1970-01-01T00:00:06.000Z",
                }),
            ),
        ),
        (
            "STOPPING",
            "pipeline",
            with(
                common("1970-01-01T00:00:01.000Z", 2.0),
                json!({ "state": "STOPPING", "stop-execution-comments": "wrong commit" }),
            ),
        ),
    ] {
        assert_eq!(told(&scene, state, subject), Some(expected), "{subject} {state}");
    }
    // Numbers have a point, as CodePipeline writes them.
    let text = scene.changes[0].detail(None, written).to_string();
    assert!(text.contains("\"version\":3.0"), "{text}");
}

#[test]
fn of_actions() {
    let scene = scene();
    let kind = json!({ "category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1" });
    let app = json!([{ "name": "App", "s3location": { "bucket": "artifacts", "key": "shop/App/1" } }]);
    for (state, subject, expected) in [
        (
            "STARTED",
            "Compile",
            with(
                common("1970-01-01T00:00:03.000Z", 1.0),
                json!({
                    "state": "STARTED", "stage": "Build", "action": "Compile", "region": "eu-west-1", "type": kind,
                    "action-execution-id": id(&scene, "Compile"), "input-artifacts": app,
                }),
            ),
        ),
        (
            "SUCCEEDED",
            "Fetch",
            with(
                common("1970-01-01T00:00:01.000Z", 1.0),
                json!({
                    "state": "SUCCEEDED", "stage": "Source", "action": "Fetch", "region": "eu-west-1", "type": kind,
                    "action-execution-id": id(&scene, "Fetch"), "output-artifacts": app,
                    "execution-result": {
                        "external-execution-id": "4f1c", "external-execution-summary": "Add a button",
                    },
                }),
            ),
        ),
        (
            "FAILED",
            "Compile",
            with(
                common("1970-01-01T00:00:03.000Z", 1.0),
                json!({
                    "state": "FAILED", "stage": "Build", "action": "Compile", "region": "eu-west-1", "type": kind,
                    "action-execution-id": id(&scene, "Compile"),
                    "execution-result": {
                        "external-execution-summary": "exit status 1", "error-code": "JobFailed",
                    },
                }),
            ),
        ),
    ] {
        assert_eq!(told(&scene, state, subject), Some(expected), "{subject} {state}");
    }
}
