//! The largest decisions still fit one DynamoDB transaction of 100 items.

use engine::decide::{
    ActionFinished, ActionInput, ActionOutcome, ActionOutput, ActionStarted, Decision, DeclarationUpdated,
    Event, EventKind, ExecutionRequested, OnUpdate, TransitionChanged, decide,
};
use engine::declaration::ExecutionMode::{self, Parallel, Queued};
use engine::execution::{
    ActionPlan, ActionRef, PipelineExecutionId, PipelineState, Plan, StagePlan, Timestamp, TransitionKind,
    Trigger,
};

/// So many actions of one `runOrder` a declaration may have, and so many executions run at once.
const ACTIONS_MAX: usize = 40;
const EXECUTIONS_MAX: usize = 50;

struct Pipeline {
    state: PipelineState,
}

impl Pipeline {
    fn of_two_wide_stages(mode: ExecutionMode) -> Self {
        let action = |index: usize| ActionPlan {
            name: format!("action{index}"),
            run_order: 1,
            function: "build-codebuild".to_owned(),
            timeout_seconds: 60,
        };
        let stage = |name: &str| StagePlan {
            name: name.to_owned(),
            actions: (0..ACTIONS_MAX).map(action).collect(),
            conditions: Default::default(),
        };
        let plan = Plan { stages: vec![stage("Build"), stage("Deploy")] };
        Self { state: PipelineState::new("shop", 1, mode, plan) }
    }

    /// The decision's number of items: the state, the pointer to a new execution's row, outside work that is
    /// forgotten with its action, rows, effects.
    fn tell(&mut self, kind: EventKind) -> usize {
        let event = Event { key: self.state.key.clone(), kind };
        let Ok(Decision { state, records, effects }) = decide(&self.state, &event, Timestamp(0)) else {
            panic!("{event:?} is refused")
        };
        self.state = state;
        3 + records.len() + effects.len()
    }

    fn start(&mut self, number: usize) -> usize {
        self.tell(EventKind::ExecutionRequested(ExecutionRequested {
            execution_id: PipelineExecutionId(format!("e{number}")),
            trigger: Trigger { trigger_type: String::new(), trigger_detail: String::new() },
            variables: Ok(Default::default()),
            source_revision_overrides: Vec::new(),
            client_request: None,
        }))
    }

    /// How many items the end of the last one has.
    fn run_all_actions(&mut self, id: &str) -> usize {
        let id = PipelineExecutionId(id.to_owned());
        let Some(stage) = self.state.executions[&id].stage.clone() else { panic!("{id} is in no stage") };
        let mut items = 0;
        for running in stage.in_progress() {
            let action = ActionRef {
                key: self.state.key.clone(),
                pipeline_execution_id: id.clone(),
                stage_index: self.state.executions[&id].stage_index,
                action_name: running.name.clone(),
                action_execution_id: running.id.clone(),
                condition: None,
            };
            self.tell(EventKind::ActionStarted(ActionStarted {
                action: action.clone(),
                task_token: running.id.clone(),
                approval_token: None,
                input: ActionInput::default(),
            }));
            let outcome = ActionOutcome::Succeeded(ActionOutput::default());
            items = self.tell(EventKind::ActionFinished(ActionFinished { action, outcome }));
        }
        items
    }
}

#[test]
fn one_execution_leaves_a_wide_stage_for_another_and_the_next_enters() {
    let mut pipeline = Pipeline::of_two_wide_stages(Queued);
    pipeline.start(0);
    pipeline.start(1);
    let items = pipeline.run_all_actions("e0");
    assert!((2 * ACTIONS_MAX..=100).contains(&items), "{items} items");
}

#[test]
fn an_edit_cancels_a_full_queue() {
    let mut pipeline = Pipeline::of_two_wide_stages(Queued);
    for number in 0..EXECUTIONS_MAX {
        pipeline.start(number);
    }
    let (plan, on_update) = (pipeline.state.plans[&1].clone(), OnUpdate::Cancel);
    let update = DeclarationUpdated { version: 2, mode: Queued, plan, on_update };
    let items = pipeline.tell(EventKind::DeclarationUpdated(update));
    assert!((EXECUTIONS_MAX..=100).contains(&items), "{items} items");
}

#[test]
fn a_transition_is_shut_for_every_parallel_execution() {
    let mut pipeline = Pipeline::of_two_wide_stages(Parallel);
    for number in 0..EXECUTIONS_MAX {
        pipeline.start(number);
    }
    let change = TransitionChanged {
        stage_name: "Deploy".to_owned(),
        transition: TransitionKind::Inbound,
        disabled: Some("not now".to_owned()),
        changed_by: "ann".to_owned(),
    };
    let items = pipeline.tell(EventKind::TransitionChanged(change));
    assert!((EXECUTIONS_MAX..=100).contains(&items), "{items} items");
}
