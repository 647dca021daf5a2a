//! Users: they start, stop, retry, answer, edit, shut and open; too late, twice, and in the middle of it all.

use std::collections::BTreeSet;

use engine::Rejection;
use engine::decide::{
    ApprovalAnswer, ApprovalAnswered, ClientRequest, ConditionOverridden, DeclarationUpdated, Event,
    EventKind, ExecutionRequested, OnUpdate, RetryMode, StageRetryRequested, StageRollbackRequested,
    StopRequested, TransitionChanged,
};
use engine::declaration::ExecutionMode;
use engine::execution::{
    ActionRef, ConditionType, PipelineExecutionId, PipelineState, RollbackTarget, StateKey, TransitionKind,
    Trigger,
};
use rand::Rng;

use crate::plans::{draw_mode, draw_plan, edit_plan};
use crate::seen::Path;
use crate::store::Deleted;
use crate::world::{PIPELINE, Step, World};
use crate::writer::Caller;

/// What a person wants; asked again, it is the same request.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    /// Whatever comes to mind when the time has come.
    Something,
    Start {
        client_token: Option<u64>,
    },
    Stop {
        id: PipelineExecutionId,
        abandon: bool,
    },
    Retry {
        id: PipelineExecutionId,
        retry_mode: RetryMode,
    },
    Override {
        id: PipelineExecutionId,
        condition: ConditionType,
    },
    /// The rollback's id is drawn once, as a request's id is.
    RollBack {
        id: PipelineExecutionId,
        target: PipelineExecutionId,
        stage_index: usize,
    },
    Transition {
        stage_name: String,
        transition: TransitionKind,
        disable: bool,
    },
    Answer {
        action: ActionRef,
        stage_name: String,
        token: String,
    },
    /// The event is drawn once: an edit that is told again is the same edit.
    Edit(Box<DeclarationUpdated>),
    Delete,
}

#[derive(Default)]
pub(crate) struct People {
    started: Vec<PipelineExecutionId>,
    last_version: u32,
    asked_for_approval: BTreeSet<String>,
    delete_pipelines: bool,
}

impl World {
    pub(crate) fn people_arrive(&mut self, queue_is_crowded: bool, delete_pipelines: bool) {
        self.people.last_version = 1;
        self.people.delete_pipelines = delete_pipelines;
        let visits = if queue_is_crowded { 60 } else { self.rng.random_range(2..14) };
        for visit in 0..visits {
            let begins_something = visit == 0 || queue_is_crowded;
            let request =
                if begins_something { Request::Start { client_token: None } } else { Request::Something };
            let latest = if queue_is_crowded { 2_000 } else { 120_000 };
            let at = self.rng.random_range(0..latest);
            self.schedule(at, Step::Person(request));
        }
    }

    pub(crate) fn person_acts(&mut self, request: Request) {
        let request = match request {
            Request::Something => self.something(),
            definite => Some(definite),
        };
        let Some(request) = request else { return };
        let Some(event) = self.event_of(&request) else { return };
        self.tell(Caller::Person(request), event);
    }

    /// Under the name of a pipeline that was deleted. Versions go on, so that an edit of the old pipeline is
    /// none of the new one: the row of the pipeline itself sees to that.
    fn create_again(&mut self) {
        let (plan, mode) = (draw_plan(&mut self.rng), draw_mode(&mut self.rng));
        self.people.last_version += 1;
        let begin = PipelineState::new(PIPELINE, self.people.last_version, mode, plan);
        let latency = self.latency();
        self.schedule(latency, Step::Create(Box::new(begin), self.store.deleted));
        for _ in 0..self.rng.random_range(1..4) {
            let at = self.rng.random_range(10..20_000);
            self.schedule(at, Step::Person(Request::Start { client_token: None }));
        }
    }

    pub(crate) fn create(&mut self, begin: &PipelineState, left: Option<Deleted>) {
        let write_id = self.new_id();
        let created = self.store.create(begin.clone(), left, write_id).is_ok();
        self.trace.step(self.now, "create", u64::from(created), || format!("{left:?}"));
        self.mark(if created { Path::CreatedAgain } else { Path::CreatedTwice });
    }

    fn something(&mut self) -> Option<Request> {
        if self.people.delete_pipelines && self.chance(if self.pipeline().is_some() { 15 } else { 80 }) {
            if self.pipeline().is_some() {
                return Some(Request::Delete);
            }
            self.create_again();
            return None;
        }
        let what = self.rng.random_range(0..100);
        if what < 42 {
            let client_token = self.chance(30).then(|| self.rng.random_range(0..3));
            return Some(Request::Start { client_token });
        }
        if (42..50).contains(&what) {
            return self.edit();
        }
        if (50..66).contains(&what) {
            return self.transition();
        }
        if (66..72).contains(&what) {
            return self.stale_answer();
        }
        let index = self.rng.random_range(0..self.people.started.len().max(1));
        let id = self.people.started.get(index)?.clone();
        Some(match what {
            72..75 => self.roll_back(id),
            75..77 => Request::Override { id, condition: ConditionType::ALL[self.rng.random_range(0..3)] },
            77..82 => Request::Stop { id, abandon: false },
            82..92 => Request::Stop { id, abandon: true },
            _ => {
                let all = self.chance(50);
                Request::Retry {
                    id,
                    retry_mode: if all { RetryMode::AllActions } else { RetryMode::FailedActions },
                }
            }
        })
    }

    /// To a stage that the target has left behind, or is in.
    fn roll_back(&mut self, target: PipelineExecutionId) -> Request {
        let rows = &self.store.rows.stages;
        let last = rows.range((target.clone(), 0)..=(target.clone(), usize::MAX)).next_back();
        let stages = last.map_or(1, |((_, stage_index), _)| stage_index + 1);
        let stage_index = self.rng.random_range(0..stages);
        let id = PipelineExecutionId(format!("r{}", self.new_id()));
        self.people.started.push(id.clone());
        Request::RollBack { id, target, stage_index }
    }

    fn edit(&mut self) -> Option<Request> {
        let state = self.pipeline()?;
        let (plan, mode) = (state.plans.get(&state.version)?.clone(), state.mode);
        let plan = edit_plan(&mut self.rng, &plan);
        let mode = if self.chance(40) { draw_mode(&mut self.rng) } else { mode };
        let on_update = if self.chance(50) { OnUpdate::Continue } else { OnUpdate::Cancel };
        self.people.last_version += 1;
        let version = self.people.last_version;
        Some(Request::Edit(Box::new(DeclarationUpdated { version, mode, plan, on_update })))
    }

    fn transition(&mut self) -> Option<Request> {
        let inbound = self.chance(50);
        let transition = if inbound { TransitionKind::Inbound } else { TransitionKind::Outbound };
        let index = self.rng.random_range(0..5);
        let disable = self.chance(60);
        let state = self.pipeline()?;
        let stage = state.plans.get(&state.version)?.stages.get(index)?;
        Some(Request::Transition { stage_name: stage.name.clone(), transition, disable })
    }

    /// An answer to whatever was asked at some time, or to nothing.
    fn stale_answer(&mut self) -> Option<Request> {
        let index = self.rng.random_range(0..self.store.rows.approval_tokens.len().max(1));
        let (token, action) = self.store.rows.approval_tokens.iter().nth(index)?;
        let (token, action) = (token.clone(), action.clone());
        self.answer(&action, token)
    }

    fn answer(&self, action: &ActionRef, token: String) -> Option<Request> {
        let row = self.store.rows.stages.get(&(action.pipeline_execution_id.clone(), action.stage_index))?;
        Some(Request::Answer { action: action.clone(), stage_name: row.stage_name.clone(), token })
    }

    fn event_of(&mut self, request: &Request) -> Option<Event> {
        let pipeline = StateKey::pipeline(PIPELINE);
        let (key, kind) = match request {
            Request::Something => return None,
            Request::Start { client_token } => (pipeline, self.start(*client_token)),
            Request::Stop { id, abandon } => {
                let (execution_id, reason) = (id.clone(), "enough".to_owned());
                let stop = StopRequested { execution_id, abandon: *abandon, reason };
                (self.key_of(id), EventKind::StopRequested(stop))
            }
            Request::Retry { id, retry_mode } => {
                let rows = &self.store.rows.stages;
                let (_, row) = rows.range((id.clone(), 0)..=(id.clone(), usize::MAX)).next_back()?;
                let stage_name = row.stage_name.clone();
                let (execution_id, retry_mode) = (id.clone(), *retry_mode);
                let retry = StageRetryRequested { execution_id, stage_name, retry_mode };
                (self.key_of(id), EventKind::StageRetryRequested(retry))
            }
            Request::Override { id, condition } => {
                let rows = &self.store.rows.stages;
                let (_, row) = rows.range((id.clone(), 0)..=(id.clone(), usize::MAX)).next_back()?;
                let overridden = ConditionOverridden {
                    execution_id: id.clone(),
                    stage_name: row.stage_name.clone(),
                    condition: *condition,
                    overridden_by: "ann".to_owned(),
                };
                (self.key_of(id), EventKind::ConditionOverridden(overridden))
            }
            Request::RollBack { id, target, stage_index } => {
                let rolled_back = self.rollback(id, target, *stage_index)?;
                (pipeline, EventKind::StageRollbackRequested(rolled_back))
            }
            Request::Transition { stage_name, transition, disable } => {
                let change = TransitionChanged {
                    stage_name: stage_name.clone(),
                    transition: *transition,
                    disabled: disable.then(|| "not now".to_owned()),
                    changed_by: "ann".to_owned(),
                };
                (pipeline, EventKind::TransitionChanged(change))
            }
            Request::Answer { action, stage_name, token } => {
                let approved = self.chance(80);
                let answered = ApprovalAnswered {
                    stage_name: stage_name.clone(),
                    action_name: action.action_name.clone(),
                    token: token.clone(),
                    answer: if approved { ApprovalAnswer::Approved } else { ApprovalAnswer::Rejected },
                    summary: "seen".to_owned(),
                    answered_by: "ann".to_owned(),
                };
                (action.key.clone(), EventKind::ApprovalAnswered(answered))
            }
            Request::Edit(update) => (pipeline, EventKind::DeclarationUpdated((**update).clone())),
            Request::Delete => (pipeline, EventKind::PipelineDeleted),
        };
        Some(Event { key, kind })
    }

    /// With what the rows say of the target.
    fn rollback(
        &self,
        id: &PipelineExecutionId,
        target: &PipelineExecutionId,
        stage_index: usize,
    ) -> Option<StageRollbackRequested> {
        let row = self.store.rows.executions.get(target)?;
        let stage = self.store.rows.stages.get(&(target.clone(), stage_index))?;
        Some(StageRollbackRequested {
            execution_id: id.clone(),
            stage_name: stage.stage_name.clone(),
            target: RollbackTarget {
                execution_id: target.clone(),
                version: row.version,
                source_revisions: row.source_revisions.clone(),
            },
            target_is_rollback: row.rollback_of.is_some(),
            target_status: Some(stage.status),
            requested_by: "ann".to_owned(),
        })
    }

    fn start(&mut self, client_token: Option<u64>) -> EventKind {
        let id = PipelineExecutionId(format!("e{}", self.new_id()));
        self.people.started.push(id.clone());
        let missing = self.chance(3);
        EventKind::ExecutionRequested(ExecutionRequested {
            execution_id: id,
            trigger: Trigger {
                trigger_type: "StartPipelineExecution".to_owned(),
                trigger_detail: String::new(),
            },
            variables: if missing { Err("ENV is missing".to_owned()) } else { Ok(Default::default()) },
            source_revision_overrides: Vec::new(),
            client_request: client_token
                .map(|token| ClientRequest { token: format!("token-{token}"), digest: String::new() }),
        })
    }

    fn key_of(&self, id: &PipelineExecutionId) -> StateKey {
        match self.store.rows.executions.get(id) {
            Some(row) if row.mode == ExecutionMode::Parallel => StateKey::parallel(PIPELINE, id),
            _ => StateKey::pipeline(PIPELINE),
        }
    }

    /// People find the token in the state, and answer: not at all, in time, late, twice.
    pub(crate) fn approval_is_asked(&mut self, action: &ActionRef, timeout_seconds: u64) {
        if !self.people.asked_for_approval.insert(action.action_execution_id.clone()) {
            return;
        }
        let token = self.store.rows.actions.get(&action.action_execution_id);
        let Some(token) = token.and_then(|row| row.execution.approval_token.clone()) else { return };
        let answers = [0, 1, 1, 1, 1, 1, 2, 2][self.rng.random_range(0..8)];
        let latest = i64::try_from(timeout_seconds).unwrap_or(i64::MAX) * 1_200;
        for _ in 0..answers {
            let Some(request) = self.answer(action, token.clone()) else { return };
            let at = self.rng.random_range(100..latest);
            self.schedule(at, Step::Person(request));
        }
    }

    /// No answer came: many ask again.
    pub(crate) fn person_hears_nothing(&mut self, request: Request) {
        if self.chance(60) {
            self.schedule(3_000, Step::Person(request));
        }
    }

    /// What follows from an answer is drawn here: a second request, out of impatience.
    pub(crate) fn person_is_answered(&mut self, request: &Request) {
        let Request::Stop { id, abandon: false } = request else { return };
        let at = self.rng.random_range(10..5_000);
        if self.chance(20) {
            self.schedule(at, Step::Person(request.clone()));
        } else if self.chance(30) {
            self.schedule(at, Step::Person(Request::Stop { id: id.clone(), abandon: true }));
        }
    }

    pub(crate) fn person_is_refused(&mut self, request: &Request, rejection: &Rejection) {
        let path = match (request, rejection) {
            (_, Rejection::ConcurrentPipelineExecutionsLimitExceeded(_)) => Path::QueueLimitReached,
            (_, Rejection::DuplicatedStopRequest(_)) => Path::SecondStopRefused,
            (Request::Retry { .. }, Rejection::NotLatestPipelineExecution(_)) => Path::RetryOvertaken,
            (_, Rejection::InvalidApprovalToken(_)) => Path::StaleApproval,
            (_, Rejection::ApprovalAlreadyCompleted(_)) => Path::ApprovalAnsweredTwice,
            (_, Rejection::ConditionNotOverridable(_)) => Path::OverrideRefused,
            (_, Rejection::UnableToRollbackStage(_)) => Path::RollbackRefused,
            (_, Rejection::PipelineExecutionOutdated(_)) => Path::RollbackToOldVersionRefused,
            (Request::Retry { .. }, Rejection::StageNotRetryable(why)) if why.contains("updated") => {
                Path::RetryAfterEditRefused
            }
            _ => return,
        };
        self.mark(path);
    }

    /// Something failed or was stopped: people like to retry, at once or after a while.
    pub(crate) fn people_may_retry(&mut self, id: &PipelineExecutionId, patience_milliseconds: i64) {
        if self.chance(40) {
            let all = self.chance(30);
            let retry_mode = if all { RetryMode::AllActions } else { RetryMode::FailedActions };
            let at = self.rng.random_range(1..patience_milliseconds);
            self.schedule(at, Step::Person(Request::Retry { id: id.clone(), retry_mode }));
        }
    }

    /// A condition holds an execution up, or has failed it: some people know better.
    pub(crate) fn people_may_override(&mut self, id: &PipelineExecutionId, condition: ConditionType) {
        if self.chance(40) {
            let at = self.rng.random_range(1..20_000);
            self.schedule(at, Step::Person(Request::Override { id: id.clone(), condition }));
        }
    }

    pub(crate) fn open_all_transitions(&mut self) {
        let Some(state) = self.pipeline() else { return };
        let inbound = state.transitions.inbound.keys().map(|name| (name, TransitionKind::Inbound));
        let outbound = state.transitions.outbound.keys().map(|name| (name, TransitionKind::Outbound));
        let shut: Vec<_> = inbound.chain(outbound).map(|(name, kind)| (name.clone(), kind)).collect();
        for (stage_name, transition) in shut {
            self.schedule(0, Step::Person(Request::Transition { stage_name, transition, disable: false }));
        }
    }
}
