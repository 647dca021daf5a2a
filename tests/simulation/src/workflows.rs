//! Step Functions: one workflow per attempt of a stage. It waits, times out, retries a call and fans out;
//! it decides nothing.

use std::rc::Rc;

use engine::decide::{ActionLost, Event, EventKind, WorkflowLost};
use engine::execution::{ActionItem, PipelineState, StageInput, StageRef, group_items};
use rand::Rng;

use crate::invariants::Violation;
use crate::seen::Path;
use crate::world::{Step, World};
use crate::writer::Caller;

/// How often a function that crashed is called again before the task is lost.
const TRIES_MAX: u32 = 3;

/// One iteration of a workflow's Map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskRef {
    pub workflow: usize,
    pub task: usize,
}

pub(crate) struct Task {
    pub item: Rc<ActionItem>,
    /// What Step Functions waits for; `None` once it does so no more.
    token: Option<u64>,
    tries: u32,
    has_ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkflowStatus {
    Running,
    Ended,
    Stopped,
    Lost,
}

pub(crate) struct Workflow {
    pub status: WorkflowStatus,
    pub started_with: StageInput,
    stage: StageRef,
    /// Of all its groups, the newest last.
    tasks: Vec<Task>,
    question: u64,
}

/// A workflow that waits at the end of the group that it has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupRef {
    pub workflow: usize,
    /// All that the workflow has begun until then: tells this group from the next.
    tasks: usize,
}

impl World {
    /// StartExecution: a name is taken once, and the same input again is the same start.
    pub(crate) fn start_workflow(&mut self, name: &str, input: &StageInput) -> Result<(), Violation> {
        if let Some(known) = self.workflow_names.get(name).copied() {
            self.mark(Path::DuplicateStartRefused);
            if self.workflows[known].started_with != *input {
                return Err(Violation::new("workflow names are never reused", name));
            }
            return Ok(());
        }
        self.workflow_names.insert(name.to_owned(), self.workflows.len());
        self.workflows.push(Workflow {
            status: WorkflowStatus::Running,
            started_with: input.clone(),
            stage: input.stage.clone(),
            tasks: Vec::new(),
            question: 0,
        });
        self.begin_group(self.workflows.len() - 1, input)
    }

    pub(crate) fn stop_workflow(&mut self, name: &str) {
        let Some(workflow) = self.workflow_names.get(name) else {
            self.mark(Path::StopBeforeStart);
            return;
        };
        let workflow = &mut self.workflows[*workflow];
        if workflow.status == WorkflowStatus::Running {
            workflow.status = WorkflowStatus::Stopped;
            self.mark(Path::WorkflowStopped);
        }
    }

    fn begin_group(&mut self, index: usize, input: &StageInput) -> Result<(), Violation> {
        if input.actions.is_empty() {
            return Err(Violation::new("a workflow has something to run", format!("{:?}", input.stage)));
        }
        for item in &input.actions {
            self.invariants.action_is_run_by_one_workflow(item)?;
            let workflow = &mut self.workflows[index];
            let task = TaskRef { workflow: index, task: workflow.tasks.len() };
            workflow.tasks.push(Task {
                item: Rc::new(item.clone()),
                token: None,
                tries: 0,
                has_ended: false,
            });
            let latency = self.latency();
            self.schedule(latency, Step::Invoke(task));
        }
        self.workflows[index].stage = input.stage.clone();
        if self.strikes(|faults| faults.kill) {
            let latest = self.rng.random_range(10..40_000);
            self.schedule(latest, Step::Kill(index));
        }
        Ok(())
    }

    pub(crate) fn kill_workflow(&mut self, index: usize) {
        let workflow = &mut self.workflows[index];
        if workflow.status == WorkflowStatus::Running {
            workflow.status = WorkflowStatus::Lost;
            self.schedule(60_000, Step::FindLost(index));
        }
    }

    pub(crate) fn workflow_is_lost(&mut self, index: usize) {
        let StageRef { key, pipeline_execution_id, stage_index, attempt, .. } =
            self.workflows[index].stage.clone();
        let error = "ABORTED".to_owned();
        let lost = WorkflowLost { execution_id: pipeline_execution_id, stage_index, attempt, error };
        self.tell(Caller::LostWorkflow(index), Event { key, kind: EventKind::WorkflowLost(lost) });
    }

    pub(crate) fn item(&self, task: TaskRef) -> Rc<ActionItem> {
        Rc::clone(&self.workflows[task.workflow].tasks[task.task].item)
    }

    /// Lambda invoke, waiting for a new task token.
    pub(crate) fn invoke(&mut self, task_ref: TaskRef) {
        let token = self.new_id();
        let workflow = &mut self.workflows[task_ref.workflow];
        let task = &mut workflow.tasks[task_ref.task];
        if workflow.status != WorkflowStatus::Running || task.has_ended {
            return;
        }
        task.token = Some(token);
        task.tries += 1;
        let timeout = i64::try_from(task.item.timeout_seconds).unwrap_or(i64::MAX) * 1_000;
        self.tasks.insert(token, task_ref);
        self.trace.step(self.now, "invoke", token, || format!("{task_ref:?}"));
        self.schedule(timeout, Step::TaskTimedOut(task_ref, token));
        self.function_starts(task_ref, token);
        if self.strikes(|faults| faults.duplicate) {
            // Step Functions heard an error, although the function runs.
            self.invocation_failed(task_ref, token);
        }
    }

    /// Retry, then Catch.
    pub(crate) fn invocation_failed(&mut self, task_ref: TaskRef, token: u64) {
        let task = &mut self.workflows[task_ref.workflow].tasks[task_ref.task];
        if task.token != Some(token) {
            return;
        }
        task.token = None;
        if task.tries < TRIES_MAX && self.chance(80) {
            self.mark(Path::FunctionRetried);
            self.schedule(1_000, Step::Invoke(task_ref));
        } else {
            self.mark(Path::FunctionLost);
            self.record_lost(task_ref, "Lambda.Unknown");
        }
    }

    pub(crate) fn task_timed_out(&mut self, task_ref: TaskRef, token: u64) {
        let workflow = &mut self.workflows[task_ref.workflow];
        let task = &mut workflow.tasks[task_ref.task];
        if workflow.status != WorkflowStatus::Running || task.token != Some(token) {
            return;
        }
        task.token = None;
        self.mark(Path::TimedOut);
        self.record_lost(task_ref, "States.Timeout");
    }

    pub(crate) fn record_lost(&mut self, task: TaskRef, error: &str) {
        if self.workflows[task.workflow].status != WorkflowStatus::Running {
            return;
        }
        let action = self.item(task).action.clone();
        let key = action.key.clone();
        let lost = ActionLost { action, error: error.to_owned(), cause: String::new() };
        self.tell(Caller::RecordLost(task), Event { key, kind: EventKind::ActionLost(lost) });
    }

    /// SendTaskSuccess: `false` for a token that nobody waits for any more.
    pub(crate) fn complete_task(&mut self, token: u64) -> bool {
        let Some(task_ref) = self.tasks.get(&token).copied() else { return false };
        let workflow = &mut self.workflows[task_ref.workflow];
        let task = &mut workflow.tasks[task_ref.task];
        if workflow.status != WorkflowStatus::Running || task.token != Some(token) {
            self.mark(Path::DeadTaskCompleted);
            return false;
        }
        self.task_ended(task_ref);
        true
    }

    pub(crate) fn task_ended(&mut self, task_ref: TaskRef) {
        let workflow = &mut self.workflows[task_ref.workflow];
        let task = &mut workflow.tasks[task_ref.task];
        task.token = None;
        task.has_ended = true;
        let group_has_ended = workflow.tasks.iter().all(|task| task.has_ended);
        if workflow.status == WorkflowStatus::Running && group_has_ended {
            let group = GroupRef { workflow: task_ref.workflow, tasks: workflow.tasks.len() };
            let latency = self.latency();
            self.schedule(latency, Step::Ask(group));
        }
    }

    /// Asks advance-execution what follows.
    pub(crate) fn ask(&mut self, group: GroupRef) {
        let question = self.new_id();
        let workflow = &mut self.workflows[group.workflow];
        if workflow.status != WorkflowStatus::Running || workflow.tasks.len() != group.tasks {
            return;
        }
        workflow.question = question;
        let stage = workflow.stage.clone();
        let event = Event { key: stage.key.clone(), kind: EventKind::GroupEnded(stage) };
        self.tell(Caller::Advance { group, question }, event);
        if self.strikes(|faults| faults.duplicate) {
            // The call is repeated while the first one still runs, and may run for long.
            self.mark(Path::AskedTwice);
            self.schedule(1_000, Step::Ask(group));
        }
    }

    pub(crate) fn is_newest(&self, group: GroupRef, question: u64) -> bool {
        self.workflows[group.workflow].question == question
    }

    /// The answer when the pipeline is gone.
    pub(crate) fn nothing_follows(&mut self, group: GroupRef, question: u64) {
        let workflow = &mut self.workflows[group.workflow];
        if workflow.status == WorkflowStatus::Running && workflow.question == question {
            workflow.status = WorkflowStatus::Ended;
        }
    }

    pub(crate) fn answered(&mut self, group: GroupRef, question: u64, state: &PipelineState) {
        let index = group.workflow;
        let workflow = &self.workflows[index];
        if workflow.status != WorkflowStatus::Running || workflow.question != question {
            self.mark(Path::LateQuestion);
            return;
        }
        if self.strikes(|faults| faults.lost_reply) {
            self.schedule(1_000, Step::Ask(group));
            return;
        }
        let next = group_items(state, &self.workflows[index].stage);
        self.workflows[index].question = 0;
        if next.actions.is_empty() {
            self.workflows[index].status = WorkflowStatus::Ended;
        } else if let Err(violation) = self.begin_group(index, &next) {
            self.invariants.keep(violation);
        }
    }
}
