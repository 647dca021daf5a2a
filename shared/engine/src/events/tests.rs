//! Scenes, and the events that tell of them.

mod details;
mod stories;

use serde_json::{Value, json};

use super::derive::{states_of_action, states_of_execution, states_of_stage};
use super::*;
use crate::decide::*;
use crate::declaration::{ActionTypeId, ExecutionMode};
use crate::execution::{
    ActionPlan, ActionRef, ActionStatus, ExecutionStatus, PipelineState, Plan, StagePlan, StageStatus,
    StateKey, Timestamp, Trigger,
};

/// Stages Source and Build, of one action each.
fn plan() -> Plan {
    let stage = |name: &str, action: &str| StagePlan {
        name: name.into(),
        conditions: Default::default(),
        actions: vec![ActionPlan {
            name: action.into(),
            run_order: 1,
            function: "build-codebuild".into(),
            timeout_seconds: 60,
        }],
    };
    Plan { stages: vec![stage("Source", "Fetch"), stage("Build", "Compile")] }
}

/// A pipeline, a clock of seconds, and what was told.
struct Scene {
    state: PipelineState,
    retries: RetriedExecutions,
    now: i64,
    changes: Vec<StateChange>,
}

impl Scene {
    fn new(mode: ExecutionMode) -> Self {
        let state = PipelineState::new("shop", 3, mode, plan());
        Self { state, retries: RetriedExecutions::default(), now: 0, changes: Vec::new() }
    }

    fn tell(&mut self, kind: EventKind) -> Decision {
        self.now += 1000;
        let now = Timestamp(self.now);
        let event = Event { key: self.state.key.clone(), kind };
        let decision = decide(&self.state, &event, now).expect("the event is accepted");
        self.retries = self.retries.after(Some(&self.state), &decision, now);
        self.changes.extend(state_changes(Some(&self.state), &decision, &self.retries, now));
        self.retries = self.retries.clone().of_known(&decision.state);
        self.state = decision.state.clone();
        decision
    }

    fn start(&mut self, id: &str) -> Decision {
        self.tell(EventKind::ExecutionRequested(request(id)))
    }

    fn action(&self, id: &str, name: &str) -> ActionRef {
        let execution = &self.state.executions[&id.into()];
        let actions = &execution.stage.as_ref().expect("the execution is in a stage").actions;
        let action = actions.iter().rfind(|action| action.name == name).expect("the action has begun");
        ActionRef {
            key: self.state.key.clone(),
            pipeline_execution_id: id.into(),
            stage_index: execution.stage_index,
            action_name: name.into(),
            action_execution_id: action.id.clone(),
            condition: None,
        }
    }

    fn run(&mut self, id: &str, name: &str) -> ActionRef {
        let action = self.action(id, name);
        let input = ActionInput { input_artifacts: vec![artifact("App")], ..ActionInput::default() };
        let started =
            ActionStarted { action: action.clone(), task_token: "t".into(), approval_token: None, input };
        self.tell(EventKind::ActionStarted(started));
        action
    }

    fn finish(&mut self, id: &str, name: &str, outcome: ActionOutcome) {
        let action = self.run(id, name);
        self.tell(EventKind::ActionFinished(ActionFinished { action, outcome }));
    }

    fn stop(&mut self, id: &str, abandon: bool) {
        let reason = "wrong commit".into();
        self.tell(EventKind::StopRequested(StopRequested { execution_id: id.into(), abandon, reason }));
    }

    fn retry(&mut self, id: &str, stage: &str) {
        let retry_mode = RetryMode::FailedActions;
        let event = StageRetryRequested { execution_id: id.into(), stage_name: stage.into(), retry_mode };
        self.tell(EventKind::StageRetryRequested(event));
    }

    fn update(&mut self) {
        let (version, mode) = (self.state.version + 1, self.state.mode);
        let update = DeclarationUpdated { version, mode, plan: plan(), on_update: OnUpdate::Cancel };
        self.tell(EventKind::DeclarationUpdated(update));
    }

    /// Each as `<execution> <subject> <state>`, and nothing of it twice.
    fn told(&mut self) -> Vec<String> {
        let told = self.changes.drain(..).map(|change| {
            let detail = change.detail(None, written);
            let text = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
            let subject = match &change.subject {
                Subject::Pipeline { .. } => "pipeline".to_owned(),
                Subject::Stage { .. } => text("stage"),
                Subject::Action { .. } => text("action"),
            };
            format!("{} {subject} {}", text("execution-id"), text("state"))
        });
        told.collect()
    }
}

fn request(id: &str) -> ExecutionRequested {
    ExecutionRequested {
        execution_id: id.into(),
        trigger: Trigger { trigger_type: "StartPipelineExecution".into(), trigger_detail: "ann".into() },
        variables: Ok(Vec::new()),
        source_revision_overrides: vec![],
        client_request: None,
    }
}

/// Of scenes, which take no minute.
fn written(at: Timestamp) -> String {
    format!("1970-01-01T00:00:{:02}.{:03}Z", at.0 / 1000, at.0 % 1000)
}

fn artifact(name: &str) -> ArtifactLocation {
    ArtifactLocation {
        name: name.into(),
        bucket: "artifacts".into(),
        key: format!("shop/{name}/1"),
        sha256: String::new(),
        size_bytes: 1,
    }
}

fn succeeded() -> ActionOutcome {
    ActionOutcome::Succeeded(ActionOutput {
        artifacts: vec![artifact("App")],
        external_execution_id: Some("4f1c".into()),
        summary: Some("Add a button".into()),
        ..ActionOutput::default()
    })
}

fn failed() -> ActionOutcome {
    ActionOutcome::Failed { failure_type: FailureType::JobFailed, message: "exit status 1".into() }
}

#[test]
fn an_approval_is_an_action_that_starts_and_ends() {
    for (answer, expected) in [(ApprovalAnswer::Approved, "SUCCEEDED"), (ApprovalAnswer::Rejected, "FAILED")]
    {
        let mut scene = Scene::new(ExecutionMode::Superseded);
        scene.start("a");
        let action = scene.action("a", "Fetch");
        let input = ActionInput::default();
        let started =
            ActionStarted { action, task_token: "t".into(), approval_token: Some("of-ann".into()), input };
        scene.tell(EventKind::ActionStarted(started));
        scene.tell(EventKind::ApprovalAnswered(ApprovalAnswered {
            stage_name: "Source".into(),
            action_name: "Fetch".into(),
            token: "of-ann".into(),
            answer,
            summary: "fine".into(),
            answered_by: "ann".into(),
        }));
        let told = scene.told();
        assert_eq!(told[2], "a Fetch STARTED", "{told:?}");
        assert_eq!(told[3], format!("a Fetch {expected}"), "{told:?}");
    }
}

#[test]
fn a_parallel_execution_starts_once_although_two_states_know_it() {
    let mut pipeline = Scene::new(ExecutionMode::Parallel);
    let decision = pipeline.start("a");
    assert_eq!(pipeline.told(), ["a pipeline STARTED"]);
    let [Effect::Raise(admitted)] = &decision.effects[..] else { panic!("{:?}", decision.effects) };
    let EventKind::ParallelExecutionAdmitted(event) = &admitted.kind else { panic!("{admitted:?}") };
    let mut own = Scene::new(ExecutionMode::Parallel);
    own.state = PipelineState::of_parallel(StateKey::parallel("shop", &"a".into()), event);
    own.tell(admitted.kind.clone());
    own.finish("a", "Fetch", failed());
    assert_eq!(
        own.told(),
        ["a Source STARTED", "a Fetch STARTED", "a Fetch FAILED", "a Source FAILED", "a pipeline FAILED"]
    );
}

#[test]
fn an_event_is_the_same_after_it_was_stored() {
    let mut scene = Scene::new(ExecutionMode::Superseded);
    scene.start("a");
    scene.finish("a", "Fetch", succeeded());
    scene.finish("a", "Compile", failed());
    scene.retry("a", "Build");
    scene.stop("a", true);
    let stored = serde_json::to_string(&scene.changes).expect("it is written");
    assert_eq!(serde_json::from_str::<Vec<StateChange>>(&stored).expect("it is read"), scene.changes);
}

#[test]
fn every_status_that_may_follow_another_is_told_of() {
    use ExecutionStatus::*;
    let all = [InProgress, Stopping, Stopped, Succeeded, Superseded, Failed, Cancelled];
    for was in all {
        for is in all {
            let told = states_of_execution(Some(was), is);
            assert_eq!(told.is_empty(), was == is, "{was:?} to {is:?}: {told:?}");
        }
        assert_eq!(states_of_execution(None, was)[0], ExecutionEventState::Started);
    }
    let told: Vec<_> = all.iter().map(|is| json!(states_of_execution(Some(Stopping), *is).last())).collect();
    let states = ["RESUMED", "", "STOPPED", "SUCCEEDED", "SUPERSEDED", "FAILED", "CANCELED"];
    assert_eq!(told.iter().map(|state| state.as_str().unwrap_or_default()).collect::<Vec<_>>(), states);

    use StageStatus as Stage;
    let all = [
        Stage::InProgress,
        Stage::Stopping,
        Stage::Stopped,
        Stage::Succeeded,
        Stage::Failed,
        Stage::Cancelled,
    ];
    for was in all {
        for is in all {
            let told = states_of_stage(Some(was), is);
            assert_eq!(told.is_empty(), was == is, "{was:?} to {is:?}: {told:?}");
        }
        assert_eq!(states_of_stage(None, was)[0], StageEventState::Started);
        assert!(states_of_stage(Some(was), Stage::Skipped).is_empty(), "no event tells of it");
    }

    use ActionStatus as Action;
    for (is, expected) in [
        (Action::Succeeded, ActionEventState::Succeeded),
        (Action::Failed, ActionEventState::Failed),
        (Action::Abandoned, ActionEventState::Abandoned),
    ] {
        assert_eq!(states_of_action(true, Action::InProgress, is, false), [expected]);
        assert_eq!(
            states_of_action(false, Action::InProgress, is, false),
            [ActionEventState::Started, expected]
        );
    }
    assert_eq!(
        states_of_action(false, Action::InProgress, Action::InProgress, true),
        [ActionEventState::Started]
    );
    assert!(
        states_of_action(false, Action::InProgress, Action::InProgress, false).is_empty(),
        "it has only begun"
    );
    assert!(
        states_of_action(true, Action::InProgress, Action::InProgress, true).is_empty(),
        "it has started before"
    );
}
