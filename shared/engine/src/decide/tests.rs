//! The rules of executions as short scenes: who does what, and what everybody sees afterwards.

mod conditions;
mod deleting;
mod found_by_simulation;
mod groups;
mod quiet_workflows;
mod rolling_back;
mod transitions;

use super::*;
use crate::declaration::ExecutionMode::{self, Parallel, Queued, Superseded};
use crate::execution::*;

/// A pipeline with the stages Source, Build and Deploy; Build has two actions side by side, then a third.
fn plan() -> Plan {
    let action = |name: &str, run_order| ActionPlan {
        name: name.into(),
        run_order,
        function: "build-codebuild".into(),
        timeout_seconds: 60,
    };
    let stage =
        |name: &str, actions| StagePlan { name: name.into(), actions, conditions: Default::default() };
    Plan {
        stages: vec![
            stage("Source", vec![action("Fetch", 1)]),
            stage("Build", vec![action("Compile", 1), action("Lint", 1), action("Package", 2)]),
            stage("Deploy", vec![action("Ship", 1)]),
        ],
    }
}

/// One pipeline and a clock; panics on an event that is refused unless the scene asks for the refusal.
struct Scene {
    state: PipelineState,
    now: i64,
    /// Rows by what they are about, as a user would see them now.
    statuses: std::collections::BTreeMap<String, ExecutionStatus>,
    effects: Vec<Effect>,
}

impl Scene {
    fn new(mode: ExecutionMode) -> Self {
        Self {
            state: PipelineState::new("shop", 1, mode, plan()),
            now: 0,
            statuses: Default::default(),
            effects: vec![],
        }
    }

    fn tell(&mut self, kind: EventKind) -> Result<Decision, Rejection> {
        self.now += 1;
        let event = Event { key: self.state.key.clone(), kind };
        let decision = decide(&self.state, &event, Timestamp(self.now))?;
        for record in &decision.records {
            if let Record::Execution(record) = record {
                self.statuses.insert(record.execution_id.0.clone(), record.status);
            }
        }
        self.effects.extend(decision.effects.clone());
        self.state = decision.state.clone();
        Ok(decision)
    }

    fn start(&mut self, id: &str) {
        self.tell(EventKind::ExecutionRequested(request(id))).expect("the start is accepted");
    }

    fn action(&self, id: &str, name: &str) -> ActionRef {
        let execution = &self.state.executions[&id.into()];
        let stage = execution.stage.as_ref().expect("the execution is in a stage");
        let named = stage.executions().filter(|action| action.name == name);
        let action = named.last().expect("the action has begun");
        ActionRef {
            key: self.state.key.clone(),
            pipeline_execution_id: id.into(),
            stage_index: execution.stage_index,
            action_name: name.into(),
            action_execution_id: action.id.clone(),
            condition: ConditionType::of_run_order(action.run_order),
        }
    }

    fn finish(&mut self, id: &str, name: &str, outcome: ActionOutcome) {
        let action = self.action(id, name);
        self.tell(EventKind::ActionFinished(ActionFinished { action, outcome }))
            .expect("an outcome is accepted");
    }

    /// The group that `id` is in, as the workflow of `attempt` knows it.
    fn group(&self, id: &str, attempt: u32) -> StageRef {
        let execution = &self.state.executions[&id.into()];
        let stage = execution.stage.as_ref().expect("the execution is in a stage");
        StageRef {
            key: self.state.key.clone(),
            pipeline_execution_id: id.into(),
            stage_index: execution.stage_index,
            attempt,
            run_order: stage.run_order,
        }
    }

    /// A workflow asks what follows its group.
    fn ask(&mut self, group: &StageRef) -> StageInput {
        self.tell(EventKind::GroupEnded(group.clone())).expect("the question is accepted");
        group_items(&self.state, group)
    }

    /// Runs the group that `id` is in to its end.
    fn run_group(&mut self, id: &str, succeed: bool) -> StageInput {
        let stage = self.state.executions[&id.into()].stage.clone().expect("the execution is in a stage");
        let group = self.group(id, stage.group_attempt);
        for action in stage.in_progress() {
            self.finish(id, &action.name, if succeed { succeeded() } else { failed() });
        }
        self.ask(&group)
    }

    /// All actions of `id` have ended, and nobody has decided yet what follows.
    fn leave_undecided(&mut self, id: &str) {
        let execution = self.state.executions.get_mut(&id.into()).expect("it runs");
        for action in &mut execution.stage.as_mut().expect("it is in a stage").actions {
            action.status = ActionStatus::Succeeded;
        }
    }

    fn status(&self, id: &str) -> ExecutionStatus {
        self.statuses[id]
    }

    fn occupant(&self, stage: &str) -> Option<&str> {
        self.state.stages.get(stage)?.occupant.as_ref().map(|id| id.0.as_str())
    }

    fn waiting(&self, stage: &str) -> Vec<&str> {
        self.state
            .stages
            .get(stage)
            .map(|s| s.waiting.iter().map(|id| id.0.as_str()).collect())
            .unwrap_or_default()
    }

    fn disable(&mut self, stage: &str) {
        self.change(TransitionKind::Inbound, stage, Some("hold".into()));
    }

    fn enable(&mut self, stage: &str) {
        self.change(TransitionKind::Inbound, stage, None);
    }

    fn change(&mut self, transition: TransitionKind, stage: &str, disabled: Option<String>) {
        let change =
            TransitionChanged { stage_name: stage.into(), transition, disabled, changed_by: "ann".into() };
        self.tell(EventKind::TransitionChanged(change)).expect("the stage exists");
    }

    fn stop(&mut self, id: &str, abandon: bool) -> Result<Decision, Rejection> {
        self.tell(EventKind::StopRequested(StopRequested {
            execution_id: id.into(),
            abandon,
            reason: "no".into(),
        }))
    }

    fn retry(&mut self, id: &str, stage: &str, retry_mode: RetryMode) -> Result<Decision, Rejection> {
        let event = StageRetryRequested { execution_id: id.into(), stage_name: stage.into(), retry_mode };
        self.tell(EventKind::StageRetryRequested(event))
    }

    fn update(&mut self, on_update: OnUpdate) {
        self.update_to(plan(), on_update);
    }

    fn update_to(&mut self, plan: Plan, on_update: OnUpdate) {
        let (version, mode) = (self.state.version + 1, self.state.mode);
        let event = DeclarationUpdated { version, mode, plan, on_update };
        self.tell(EventKind::DeclarationUpdated(event)).expect("an update is accepted");
    }
}

fn request(id: &str) -> ExecutionRequested {
    ExecutionRequested {
        execution_id: id.into(),
        trigger: Trigger { trigger_type: "StartPipelineExecution".into(), trigger_detail: String::new() },
        variables: Ok(Default::default()),
        source_revision_overrides: vec![],
        client_request: None,
    }
}

fn succeeded() -> ActionOutcome {
    ActionOutcome::Succeeded(ActionOutput::default())
}

fn failed() -> ActionOutcome {
    ActionOutcome::Failed { failure_type: FailureType::JobFailed, message: "exit status 1".into() }
}

fn names(input: &StageInput) -> Vec<&str> {
    input.actions.iter().map(|item| item.action.action_name.as_str()).collect()
}

fn stage_ref(id: &str, attempt: u32, run_order: u32) -> StageRef {
    StageRef {
        key: StateKey::pipeline("shop"),
        pipeline_execution_id: id.into(),
        stage_index: 0,
        attempt,
        run_order,
    }
}

#[test]
fn superseded_keeps_only_the_newest_in_front_of_a_stage_and_never_interrupts_one_inside() {
    let mut scene = Scene::new(Superseded);
    for id in ["a", "b", "c"] {
        scene.start(id);
    }
    assert_eq!((scene.occupant("Source"), scene.waiting("Source")), (Some("a"), vec!["c"]));
    assert_eq!(scene.status("b"), ExecutionStatus::Superseded);
    scene.run_group("a", true);
    assert_eq!((scene.occupant("Source"), scene.occupant("Build")), (Some("c"), Some("a")));
}

#[test]
fn queued_lets_them_in_in_the_order_of_arrival() {
    let mut scene = Scene::new(Queued);
    for id in ["a", "b", "c"] {
        scene.start(id);
    }
    assert_eq!((scene.occupant("Source"), scene.waiting("Source")), (Some("a"), vec!["b", "c"]));
    scene.run_group("a", true);
    assert_eq!((scene.occupant("Source"), scene.waiting("Source")), (Some("b"), vec!["c"]));
}

#[test]
fn the_51st_concurrent_execution_is_refused_in_queued_and_parallel_mode() {
    for mode in [Queued, Parallel] {
        let mut scene = Scene::new(mode);
        for n in 0..50 {
            scene.start(&format!("e{n}"));
        }
        let refused = scene.tell(EventKind::ExecutionRequested(request("one-more")));
        assert!(matches!(refused, Err(Rejection::ConcurrentPipelineExecutionsLimitExceeded(_))), "{mode:?}");
    }
}

#[test]
fn a_parallel_execution_gets_a_state_of_its_own_and_gives_its_place_back() {
    let mut pipeline = Scene::new(Parallel);
    pipeline.start("a");
    let Some(Effect::Raise(admitted)) = pipeline.effects.pop() else { panic!("the execution is admitted") };
    let EventKind::ParallelExecutionAdmitted(event) = &admitted.kind else {
        panic!("the execution is admitted")
    };
    let mut own = Scene::new(Parallel);
    own.state = PipelineState::of_parallel(admitted.key.clone(), event);
    own.tell(admitted.kind.clone()).expect("the admission is accepted");
    own.tell(admitted.kind.clone()).expect("a second admission changes nothing");
    own.run_group("a", true);
    own.run_group("a", false);
    assert_eq!(own.status("a"), ExecutionStatus::Failed);
    let Some(Effect::Raise(ended)) = own.effects.pop() else { panic!("its end is announced") };
    pipeline.tell(ended.kind).expect("the end is accepted");
    assert!(pipeline.state.parallel_executions.is_empty());
    own.retry("a", "Build", RetryMode::FailedActions).expect("it can be retried all the same");
}

#[test]
fn a_shut_transition_holds_and_the_newest_enters_when_it_opens() {
    let mut scene = Scene::new(Superseded);
    scene.disable("Build");
    for id in ["a", "b"] {
        scene.start(id);
        scene.run_group(id, true);
    }
    assert_eq!((scene.occupant("Build"), scene.waiting("Build")), (None, vec!["b"]));
    assert_eq!(scene.status("a"), ExecutionStatus::Superseded);
    scene.enable("Build");
    assert_eq!(scene.occupant("Build"), Some("b"));
}

#[test]
fn a_failed_stage_gives_its_lock_up_and_can_be_retried_until_somebody_enters() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", true);
    scene.run_group("a", false);
    assert_eq!((scene.status("a"), scene.occupant("Build")), (ExecutionStatus::Failed, None));
    scene.retry("a", "Build", RetryMode::FailedActions).expect("nobody overtook it");
    assert_eq!((scene.status("a"), scene.occupant("Build")), (ExecutionStatus::InProgress, Some("a")));
    scene.run_group("a", false);
    scene.start("b");
    scene.run_group("b", true);
    let refused = scene.retry("a", "Build", RetryMode::FailedActions);
    assert!(matches!(refused, Err(Rejection::NotLatestPipelineExecution(_))));
}

#[test]
fn a_retry_runs_only_what_failed_while_the_rest_goes_on() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", true);
    let group = scene.group("a", 1);
    scene.finish("a", "Compile", failed());
    let all = scene.retry("a", "Build", RetryMode::AllActions);
    assert!(matches!(all, Err(Rejection::StageNotRetryable(_))), "Lint is still in progress");
    let decision = scene.retry("a", "Build", RetryMode::FailedActions).expect("one action has failed");
    let [Effect::StartStateMachine { name, input }] = &decision.effects[..] else {
        panic!("one workflow starts")
    };
    assert_eq!((name.as_str(), names(input)), ("a-1-2", vec!["Compile"]));
    // The retry's workflow ends first: it has nothing more to do, and the first one goes on.
    scene.finish("a", "Compile", succeeded());
    assert!(scene.ask(&StageRef { attempt: 2, ..group.clone() }).actions.is_empty());
    scene.finish("a", "Lint", succeeded());
    assert_eq!(names(&scene.ask(&group)), ["Package"]);
    scene.run_group("a", true);
    assert_eq!(scene.occupant("Deploy"), Some("a"));
}

#[test]
fn stop_and_wait_keeps_the_lock_until_running_actions_end_and_starts_no_other() {
    let mut scene = Scene::new(Queued);
    scene.start("a");
    scene.start("b");
    scene.stop("a", false).expect("it is in progress");
    assert_eq!((scene.status("a"), scene.occupant("Source")), (ExecutionStatus::Stopping, Some("a")));
    assert!(matches!(scene.stop("a", false), Err(Rejection::DuplicatedStopRequest(_))));
    assert!(scene.run_group("a", true).actions.is_empty());
    assert_eq!((scene.status("a"), scene.occupant("Source")), (ExecutionStatus::Stopped, Some("b")));
    assert!(matches!(scene.stop("a", false), Err(Rejection::PipelineExecutionNotStoppable(_))));
}

#[test]
fn abandon_unlocks_at_once_and_late_results_are_ignored() {
    let mut scene = Scene::new(Queued);
    scene.start("a");
    scene.start("b");
    let late = scene.action("a", "Fetch");
    let decision = scene.stop("a", true).expect("it is in progress");
    assert!(
        decision
            .effects
            .iter()
            .any(|e| matches!(e, Effect::StopStateMachine { name, .. } if name == "a-0-1"))
    );
    assert_eq!((scene.status("a"), scene.occupant("Source")), (ExecutionStatus::Stopped, Some("b")));
    let before = scene.state.clone();
    let outcome = ActionFinished { action: late, outcome: succeeded() };
    let decision = scene.tell(EventKind::ActionFinished(outcome)).expect("a late result is normal");
    assert!(decision.changes_nothing(&before));
}

#[test]
fn a_waiting_execution_that_is_stopped_never_enters() {
    let mut scene = Scene::new(Queued);
    scene.start("a");
    scene.start("b");
    scene.stop("b", false).expect("it is in progress");
    assert_eq!((scene.status("b"), scene.waiting("Source")), (ExecutionStatus::Stopped, vec![]));
    assert!(scene.retry("b", "Source", RetryMode::AllActions).is_err());
}

#[test]
fn an_edit_lets_running_executions_end_unless_the_pipeline_asks_for_their_end() {
    for (on_update, running, waiting) in [
        (OnUpdate::Continue, ExecutionStatus::InProgress, ExecutionStatus::InProgress),
        (OnUpdate::Cancel, ExecutionStatus::Cancelled, ExecutionStatus::Cancelled),
    ] {
        let mut scene = Scene::new(Queued);
        scene.start("a");
        scene.start("b");
        scene.update(on_update);
        assert_eq!(scene.status("b"), waiting, "{on_update:?}");
        scene.run_group("a", true);
        assert_eq!(scene.status("a"), running, "{on_update:?}");
    }
}

#[test]
fn a_retry_after_an_edit_is_refused() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", false);
    scene.update(OnUpdate::Continue);
    let refused = scene.retry("a", "Source", RetryMode::AllActions);
    assert!(matches!(refused, Err(Rejection::StageNotRetryable(_))));
}

#[test]
fn an_execution_without_its_required_variables_gets_an_id_and_fails() {
    let mut scene = Scene::new(Superseded);
    let missing = "Values for required variables haven't been provided: ENV".to_owned();
    let event = ExecutionRequested { variables: Err(missing.clone()), ..request("a") };
    let decision = scene.tell(EventKind::ExecutionRequested(event)).expect("the start is accepted");
    let Some(Record::Execution(record)) = decision.records.first() else { panic!("there is a row") };
    assert_eq!((record.status, record.status_summary.clone()), (ExecutionStatus::Failed, Some(missing)));
    assert_eq!(scene.occupant("Source"), None);
}

#[test]
fn an_approval_counts_once_and_only_with_its_own_token() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    let started = ActionStarted {
        action: scene.action("a", "Fetch"),
        task_token: "task".into(),
        approval_token: Some("approval".into()),
        input: ActionInput::default(),
    };
    scene.tell(EventKind::ActionStarted(started)).expect("a start is accepted");
    let answer = |token: &str| {
        EventKind::ApprovalAnswered(ApprovalAnswered {
            stage_name: "Source".into(),
            action_name: "Fetch".into(),
            token: token.into(),
            answer: ApprovalAnswer::Approved,
            summary: "looks right".into(),
            answered_by: "ann".into(),
        })
    };
    assert!(matches!(scene.tell(answer("stale")), Err(Rejection::InvalidApprovalToken(_))));
    let decision = scene.tell(answer("approval")).expect("the token is right");
    assert!(
        matches!(&decision.effects[..], [.., Effect::CompleteTask { task_token, .. }] if task_token == "task")
    );
    let approved = |record: &Record| match record {
        Record::Action(record) => record.execution.updated_by.as_deref() == Some("ann"),
        _ => false,
    };
    assert!(decision.records.iter().any(approved), "its row tells who answered when the stage is over");
}

#[test]
fn a_timeout_fails_the_action_without_a_task_to_complete() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    let action = scene.action("a", "Fetch");
    let lost = ActionLost { action, error: "States.Timeout".into(), cause: String::new() };
    let decision = scene.tell(EventKind::ActionLost(lost)).expect("a loss is accepted");
    assert!(decision.effects.is_empty());
    assert_eq!(scene.status("a"), ExecutionStatus::Failed);
}

fn lose(scene: &mut Scene, id: &str, stage_index: usize, attempt: u32) {
    let lost = WorkflowLost { execution_id: id.into(), stage_index, attempt, error: "FAILED".into() };
    scene.tell(EventKind::WorkflowLost(lost)).expect("a loss is accepted");
}

#[test]
fn a_stage_whose_state_machine_died_fails_and_can_be_retried() {
    for dies_before_asking in [false, true] {
        let mut scene = Scene::new(Superseded);
        scene.start("a");
        scene.run_group("a", true);
        if dies_before_asking {
            scene.finish("a", "Compile", succeeded());
            scene.finish("a", "Lint", succeeded());
        }
        lose(&mut scene, "a", 1, 1);
        assert_eq!((scene.status("a"), scene.occupant("Build")), (ExecutionStatus::Failed, None));
        scene.retry("a", "Build", RetryMode::AllActions).expect("nobody overtook it");
        lose(&mut scene, "a", 1, 1);
        assert_eq!(scene.status("a"), ExecutionStatus::InProgress, "the news was old");
    }
}

#[test]
fn a_state_machine_that_dies_leaves_the_actions_of_a_retry_alone() {
    let mut scene = Scene::new(Superseded);
    scene.start("a");
    scene.run_group("a", true);
    scene.finish("a", "Compile", failed());
    scene.retry("a", "Build", RetryMode::FailedActions).expect("one action has failed");
    lose(&mut scene, "a", 1, 1);
    assert_eq!(scene.status("a"), ExecutionStatus::InProgress, "the retry still runs");
    scene.finish("a", "Compile", succeeded());
    assert_eq!(scene.status("a"), ExecutionStatus::Failed, "Lint was lost with its state machine");
}
