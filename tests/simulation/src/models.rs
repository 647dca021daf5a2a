//! Small scopes of the real `decide` for an exhaustive search: few executions, few faults, every order.
//!
//! A state of the model is the pipeline's state, the workflows that Step Functions runs for it, what a
//! crash left undelivered, and what may still happen. Time stands still, so that histories meet again.

use std::collections::{BTreeMap, BTreeSet};

use engine::decide::{
    ActionFinished, ActionOutcome, ActionOutput, ConditionOverridden, DeclarationUpdated, Effect, Event,
    EventKind, ExecutionRequested, FailureType, OnUpdate, Record, RetryMode, StageRetryRequested,
    StageRollbackRequested, StopRequested, TransitionChanged, decide,
};
use engine::declaration::ExecutionMode;
use engine::execution::{
    ActionRef, ConditionType, ExecutionStatus, PipelineExecutionId, PipelineState, Plan, RollbackTarget,
    StageInput, StageRef, StageStatus, Timestamp, TransitionKind, Trigger, group_items,
};
use stateright::{Model, Property};

use crate::invariants::{Invariants, Transition};

/// What may happen, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    pub starts: u8,
    pub failures: u8,
    pub stops: u8,
    pub abandons: u8,
    pub retries: u8,
    /// Of entry conditions.
    pub overrides: u8,
    /// The last stage is rolled back to the first execution.
    pub rollbacks: u8,
    /// The pipeline is edited, and what runs is cancelled.
    pub cancels: u8,
    /// The way into the last stage is shut; it can always be opened.
    pub shuts: u8,
    /// An event is told once more, at any later time.
    pub repetitions: u8,
    /// A writer dies after its commit, before it delivers any effect.
    pub crashes: u8,
}

pub struct Scope {
    pub mode: ExecutionMode,
    pub plan: Plan,
    pub budget: Budget,
    pub properties: Vec<Property<Scope>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Moment {
    pub pipeline: PipelineState,
    pub statuses: BTreeMap<PipelineExecutionId, ExecutionStatus>,
    pub workflows: BTreeMap<String, Running>,
    undelivered: BTreeMap<String, Undelivered>,
    /// Told before; may be told again.
    told: BTreeSet<Told>,
    left: Budget,
    /// An invariant that one of the steps has broken.
    pub broken: Option<String>,
}

/// A workflow: the tasks it waits for; with none left it asks what follows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Running {
    stage: StageRef,
    waits_for: BTreeSet<ActionRef>,
    pub has_ended: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Undelivered {
    Start(StageInput),
    Stop(String),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Told {
    Finished(ActionRef, bool),
    Asked(StageRef),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    Start,
    Finish { workflow: String, action: ActionRef, succeeds: bool },
    Ask { workflow: String },
    Stop { id: PipelineExecutionId, abandon: bool },
    Retry { id: PipelineExecutionId, retry_mode: RetryKind },
    Override { id: PipelineExecutionId },
    RollBack,
    Cancel,
    Shut,
    Open,
    Repeat(Told),
    Deliver(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetryKind {
    Failed,
    All,
}

/// The id of the execution that starts first.
const FIRST: &str = "e1";

/// A step, and whether its writer dies after the commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Action {
    pub step: Step,
    crashes: bool,
}

impl Model for Scope {
    type State = Moment;
    type Action = Action;

    fn init_states(&self) -> Vec<Moment> {
        vec![Moment {
            pipeline: PipelineState::new("shop", 1, self.mode, self.plan.clone()),
            statuses: BTreeMap::new(),
            workflows: BTreeMap::new(),
            undelivered: BTreeMap::new(),
            told: BTreeSet::new(),
            left: self.budget.clone(),
            broken: None,
        }]
    }

    fn actions(&self, moment: &Moment, actions: &mut Vec<Action>) {
        let mut steps = Vec::new();
        moment.steps_of_people(&mut steps);
        moment.steps_of_machines(&mut steps);
        for step in steps {
            if moment.left.crashes > 0 && !matches!(step, Step::Deliver(_)) {
                actions.push(Action { step: step.clone(), crashes: true });
            }
            actions.push(Action { step, crashes: false });
        }
    }

    fn next_state(&self, last: &Moment, action: Action) -> Option<Moment> {
        let mut moment = last.clone();
        moment.take(self, action)?;
        Some(moment)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always("no step breaks an invariant", |_, moment: &Moment| moment.broken.is_none()),
            Property::always("nothing is stuck", |scope: &Scope, moment: &Moment| {
                let mut actions = Vec::new();
                scope.actions(moment, &mut actions);
                !actions.is_empty() || moment.is_over()
            }),
            Property::eventually("everything ends", |_, moment: &Moment| moment.is_over()),
        ];
        properties.extend(self.properties.iter().cloned());
        properties
    }
}

impl Moment {
    /// All have started, all have ended, and nothing is under way.
    fn is_over(&self) -> bool {
        self.left.starts == 0
            && self.statuses.values().all(|status| status.is_ended())
            && self.workflows.values().all(|workflow| workflow.has_ended)
            && self.undelivered.is_empty()
    }

    pub fn has(&self, status: ExecutionStatus) -> bool {
        self.statuses.values().any(|known| *known == status)
    }

    fn steps_of_people(&self, steps: &mut Vec<Step>) {
        if self.left.starts > 0 {
            steps.push(Step::Start);
        }
        for (id, execution) in &self.pipeline.executions {
            let live = !execution.status.is_ended();
            if self.left.stops > 0 && live {
                steps.push(Step::Stop { id: id.clone(), abandon: false });
            }
            if self.left.abandons > 0 && live {
                steps.push(Step::Stop { id: id.clone(), abandon: true });
            }
            if self.left.retries > 0 && execution.stage.is_some() {
                for retry_mode in [RetryKind::Failed, RetryKind::All] {
                    steps.push(Step::Retry { id: id.clone(), retry_mode });
                }
            }
        }
        if self.left.overrides > 0 {
            let ids = self.pipeline.executions.keys();
            steps.extend(ids.map(|id| Step::Override { id: id.clone() }));
        }
        if self.left.rollbacks > 0 && self.first_has_succeeded() {
            steps.push(Step::RollBack);
        }
        if self.left.cancels > 0 {
            steps.push(Step::Cancel);
        }
        let shut = !self.pipeline.transitions.inbound.is_empty();
        if self.left.shuts > 0 && !shut {
            steps.push(Step::Shut);
        }
        if shut {
            steps.push(Step::Open);
        }
    }

    fn steps_of_machines(&self, steps: &mut Vec<Step>) {
        for (name, workflow) in self.workflows.iter().filter(|(_, workflow)| !workflow.has_ended) {
            if workflow.waits_for.is_empty() {
                steps.push(Step::Ask { workflow: name.clone() });
            }
            for action in &workflow.waits_for {
                let finish =
                    |succeeds| Step::Finish { workflow: name.clone(), action: action.clone(), succeeds };
                steps.push(finish(true));
                if self.left.failures > 0 {
                    steps.push(finish(false));
                }
            }
        }
        if self.left.repetitions > 0 {
            steps.extend(self.told.iter().cloned().map(Step::Repeat));
        }
        steps.extend(self.undelivered.keys().cloned().map(Step::Deliver));
    }

    /// `None` for a step that is refused: nothing has happened.
    fn take(&mut self, scope: &Scope, Action { step, crashes }: Action) -> Option<()> {
        if let Step::Deliver(key) = step {
            let effect = self.undelivered.remove(&key)?;
            self.deliver(effect);
            return Some(());
        }
        self.spend(&step);
        let kind = self.event_of(scope, &step);
        self.tell(kind, crashes)?;
        match step {
            Step::Finish { workflow, action, succeeds } => {
                self.workflows.get_mut(&workflow)?.waits_for.remove(&action);
                self.remember(Told::Finished(action, succeeds));
            }
            // A writer that dies is asked again.
            Step::Ask { workflow } if !crashes => {
                let asked = self.workflows.get(&workflow)?.stage.clone();
                self.answer(&workflow);
                self.remember(Told::Asked(asked));
            }
            Step::Repeat(told) => {
                self.told.remove(&told);
            }
            _ => {}
        }
        if self.left.repetitions == 0 {
            self.told.clear();
        }
        Some(())
    }

    fn spend(&mut self, step: &Step) {
        match step {
            Step::Start => self.left.starts -= 1,
            Step::Finish { succeeds: false, .. } => self.left.failures -= 1,
            Step::Stop { abandon: false, .. } => self.left.stops -= 1,
            Step::Stop { abandon: true, .. } => self.left.abandons -= 1,
            Step::Retry { .. } => self.left.retries -= 1,
            Step::Override { .. } => self.left.overrides -= 1,
            Step::RollBack => self.left.rollbacks -= 1,
            Step::Cancel => self.left.cancels -= 1,
            Step::Shut => self.left.shuts -= 1,
            Step::Repeat(_) => self.left.repetitions -= 1,
            Step::Finish { .. } | Step::Ask { .. } | Step::Open | Step::Deliver(_) => {}
        }
    }

    fn remember(&mut self, told: Told) {
        if self.left.repetitions > 0 {
            self.told.insert(told);
        }
    }

    fn event_of(&self, scope: &Scope, step: &Step) -> EventKind {
        let finished = |action: &ActionRef, succeeds: bool| {
            let outcome = if succeeds {
                ActionOutcome::Succeeded(ActionOutput::default())
            } else {
                ActionOutcome::Failed { failure_type: FailureType::JobFailed, message: String::new() }
            };
            EventKind::ActionFinished(ActionFinished { action: action.clone(), outcome })
        };
        let last_stage = scope.plan.stages.last().map(|stage| stage.name.clone()).unwrap_or_default();
        let transition = |disabled: Option<String>| {
            EventKind::TransitionChanged(TransitionChanged {
                stage_name: last_stage.clone(),
                transition: TransitionKind::Inbound,
                disabled,
                changed_by: String::new(),
            })
        };
        match step {
            Step::Start => EventKind::ExecutionRequested(self.request(scope)),
            Step::Finish { action, succeeds, .. } | Step::Repeat(Told::Finished(action, succeeds)) => {
                finished(action, *succeeds)
            }
            Step::Ask { workflow } => EventKind::GroupEnded(self.workflows[workflow].stage.clone()),
            Step::Repeat(Told::Asked(stage)) => EventKind::GroupEnded(stage.clone()),
            Step::Stop { id, abandon } => EventKind::StopRequested(StopRequested {
                execution_id: id.clone(),
                abandon: *abandon,
                reason: String::new(),
            }),
            Step::Retry { id, retry_mode } => {
                let index = self.pipeline.executions.get(id).map_or(0, |execution| execution.stage_index);
                EventKind::StageRetryRequested(StageRetryRequested {
                    execution_id: id.clone(),
                    stage_name: scope.plan.stages[index].name.clone(),
                    retry_mode: match retry_mode {
                        RetryKind::Failed => RetryMode::FailedActions,
                        RetryKind::All => RetryMode::AllActions,
                    },
                })
            }
            Step::Override { id } => {
                let index = self.pipeline.executions.get(id).map_or(0, |execution| execution.stage_index);
                EventKind::ConditionOverridden(ConditionOverridden {
                    execution_id: id.clone(),
                    stage_name: scope.plan.stages[index].name.clone(),
                    condition: ConditionType::BeforeEntry,
                    overridden_by: String::new(),
                })
            }
            Step::RollBack => EventKind::StageRollbackRequested(self.rollback(scope, last_stage)),
            Step::Cancel => EventKind::DeclarationUpdated(DeclarationUpdated {
                version: self.pipeline.version + 1,
                mode: scope.mode,
                plan: scope.plan.clone(),
                on_update: OnUpdate::Cancel,
            }),
            Step::Shut => transition(Some(String::new())),
            Step::Open | Step::Deliver(_) => transition(None),
        }
    }

    fn first_has_succeeded(&self) -> bool {
        self.statuses.get(&FIRST.into()) == Some(&ExecutionStatus::Succeeded)
    }

    fn rollback(&self, scope: &Scope, stage_name: String) -> StageRollbackRequested {
        let number = scope.budget.rollbacks - self.left.rollbacks;
        let target = RollbackTarget { execution_id: FIRST.into(), version: 1, source_revisions: Vec::new() };
        StageRollbackRequested {
            execution_id: PipelineExecutionId(format!("r{number}")),
            stage_name,
            target,
            target_is_rollback: false,
            target_status: Some(StageStatus::Succeeded),
            requested_by: String::new(),
        }
    }

    fn request(&self, scope: &Scope) -> ExecutionRequested {
        let number = scope.budget.starts - self.left.starts;
        ExecutionRequested {
            execution_id: PipelineExecutionId(format!("e{number}")),
            trigger: Trigger { trigger_type: String::new(), trigger_detail: String::new() },
            variables: Ok(Default::default()),
            source_revision_overrides: Vec::new(),
            client_request: None,
        }
    }

    fn tell(&mut self, kind: EventKind, crashes: bool) -> Option<()> {
        let event = Event { key: self.pipeline.key.clone(), kind };
        let decision = decide(&self.pipeline, &event, Timestamp(0)).ok()?;
        let transition =
            Transition { before: &self.pipeline, after: &decision.state, event: &event, decision: &decision };
        if let Err(violation) = Invariants::check_alone(transition) {
            self.broken = Some(violation.to_string());
        }
        for record in &decision.records {
            let Record::Execution(row) = record else { continue };
            let last = self.statuses.insert(row.execution_id.clone(), row.status);
            let revives = last.is_some_and(ExecutionStatus::is_ended) && last != Some(row.status);
            let may_revive =
                matches!(event.kind, EventKind::StageRetryRequested(_) | EventKind::ConditionOverridden(_));
            if revives && !may_revive {
                self.broken = Some(format!("{} was {last:?}, is {:?}", row.execution_id, row.status));
            }
        }
        self.pipeline = decision.state;
        if crashes && !decision.effects.is_empty() {
            self.left.crashes -= 1;
        }
        for effect in decision.effects {
            let key = effect.idempotency_key();
            let effect = match effect {
                Effect::StartStateMachine { input, .. } => Undelivered::Start(input),
                Effect::StopStateMachine { name, .. } => Undelivered::Stop(name),
                Effect::CompleteTask { .. } | Effect::Raise(_) => continue,
            };
            if crashes {
                self.undelivered.insert(key, effect);
            } else {
                self.deliver(effect);
            }
        }
        Some(())
    }

    fn deliver(&mut self, effect: Undelivered) {
        match effect {
            Undelivered::Start(input) => {
                let name = input.stage.workflow_name();
                if self.workflows.contains_key(&name) {
                    self.broken = Some(format!("{name} is started twice"));
                }
                let waits_for = input.actions.into_iter().map(|item| item.action).collect();
                self.workflows.insert(name, Running { stage: input.stage, waits_for, has_ended: false });
            }
            Undelivered::Stop(name) => {
                if let Some(workflow) = self.workflows.get_mut(&name) {
                    workflow.has_ended = true;
                    workflow.waits_for.clear();
                }
            }
        }
    }

    fn answer(&mut self, name: &str) {
        let Some(workflow) = self.workflows.get_mut(name) else { return };
        let next = group_items(&self.pipeline, &workflow.stage);
        workflow.has_ended = next.actions.is_empty();
        workflow.stage = next.stage;
        workflow.waits_for = next.actions.into_iter().map(|item| item.action).collect();
    }
}
