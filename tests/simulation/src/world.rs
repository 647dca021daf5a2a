//! The world of one run: its parts, its clock and its agenda. Each entry of the agenda is one step that
//! nothing interrupts; between any two steps anything else may happen.

use std::collections::BTreeMap;

use engine::declaration::ExecutionMode;
use engine::execution::{PipelineState, StateKey};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::faults::Faults;
use crate::functions::Work;
use crate::invariants::{Invariants, Violation};
use crate::people::{People, Request};
use crate::plans::{draw_mode, draw_plan};
use crate::seen::{Path, Seen};
use crate::store::{Deleted, Store};
use crate::trace::Trace;
use crate::workflows::{GroupRef, TaskRef, Workflow};
use crate::writer::Writer;

pub const PIPELINE: &str = "shop";

/// Nothing takes this many steps, unless something runs in circles.
const STEPS_MAX: u64 = 60_000;

/// People act and faults strike until then (milliseconds); what is going on then has to end.
const QUIET_AT: i64 = 240_000;

/// One thing that happens at one moment.
pub(crate) enum Step {
    /// Somebody who decides goes on: reads, or writes.
    Writer(Box<Writer>),
    /// Step Functions invokes the function of an action.
    Invoke(TaskRef),
    /// Step Functions gives a task up, if it still waits for this token.
    TaskTimedOut(TaskRef, u64),
    /// Step Functions asks what follows a group.
    Ask(GroupRef),
    /// A workflow dies.
    Kill(usize),
    /// The sweep finds a workflow that has died.
    FindLost(usize),
    /// Work outside has ended: its provider tells so, or the sweep finds out.
    WorkEnded(String),
    /// dispatch-effects looks through the outbox.
    Sweep,
    Person(Request),
    /// Somebody who creates the pipeline again has read what was left under its name.
    Create(Box<PipelineState>, Option<Deleted>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracing {
    DigestOnly,
    Lines,
}

/// What a run looked like.
pub struct Outcome {
    pub seen: Seen,
    /// Of every step: two runs of one seed have the same.
    pub digest: u64,
    pub events: usize,
    pub lines: Vec<String>,
    pub result: Result<(), Violation>,
}

pub struct World {
    pub(crate) now: i64,
    pub(crate) rng: StdRng,
    faults: Faults,
    agenda: BTreeMap<(i64, u64), Step>,
    last_id: u64,
    pub(crate) sweep_is_due: bool,
    pub(crate) store: Store,
    pub(crate) workflows: Vec<Workflow>,
    pub(crate) workflow_names: BTreeMap<String, usize>,
    pub(crate) tasks: BTreeMap<u64, TaskRef>,
    pub(crate) work: BTreeMap<String, Work>,
    pub(crate) people: People,
    pub(crate) invariants: Invariants,
    pub(crate) seen: Seen,
    pub(crate) trace: Trace,
}

/// Plays one seed to its end.
pub fn run(seed: u64, tracing: Tracing) -> Outcome {
    let mut world = World::new(seed, tracing);
    let result = world.play();
    Outcome {
        seen: world.seen,
        digest: world.trace.digest(),
        events: world.store.log.len(),
        lines: world.trace.lines().to_vec(),
        result,
    }
}

impl World {
    fn new(seed: u64, tracing: Tracing) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let faults = Faults::draw(seed, &mut rng);
        let (plan, mode) = (draw_plan(&mut rng), draw_mode(&mut rng));
        let begin = PipelineState::new(PIPELINE, 1, mode, plan);
        let mut store = Store::default();
        let created = store.create(begin, None, 0);
        debug_assert!(created.is_ok(), "there is nothing yet");
        let mut world = Self {
            now: 0,
            rng,
            faults,
            agenda: BTreeMap::new(),
            last_id: 0,
            sweep_is_due: false,
            store,
            workflows: Vec::new(),
            workflow_names: BTreeMap::new(),
            tasks: BTreeMap::new(),
            work: BTreeMap::new(),
            people: People::default(),
            invariants: Invariants::default(),
            seen: Seen::default(),
            trace: match tracing {
                Tracing::DigestOnly => Trace::default(),
                Tracing::Lines => Trace::with_lines(),
            },
        };
        let queue_is_crowded = mode != ExecutionMode::Superseded && world.rng.random_range(0..400) == 0;
        // Told by the seed alone, so that other seeds keep their histories.
        world.people_arrive(queue_is_crowded, seed.is_multiple_of(5));
        world
    }

    fn play(&mut self) -> Result<(), Violation> {
        self.drain()?;
        self.now = self.now.max(QUIET_AT);
        // Somebody opens what is shut: whoever was held has to get to its end, too.
        self.open_all_transitions();
        self.drain()?;
        self.check_end()
    }

    fn drain(&mut self) -> Result<(), Violation> {
        while let Some(((at, id), step)) = self.agenda.pop_first() {
            self.now = at;
            if id > STEPS_MAX {
                return Err(Violation::new("it ends", format!("after {STEPS_MAX} steps it still goes on")));
            }
            self.step(step)?;
        }
        Ok(())
    }

    fn step(&mut self, step: Step) -> Result<(), Violation> {
        match step {
            Step::Writer(writer) => self.writer_goes_on(*writer)?,
            Step::Invoke(task) => self.invoke(task),
            Step::TaskTimedOut(task, token) => self.task_timed_out(task, token),
            Step::Ask(group) => self.ask(group),
            Step::Kill(workflow) => self.kill_workflow(workflow),
            Step::FindLost(workflow) => self.workflow_is_lost(workflow),
            Step::WorkEnded(action) => self.work_ended(&action),
            Step::Sweep => self.sweep()?,
            Step::Person(request) => self.person_acts(request),
            Step::Create(begin, left) => self.create(&begin, left),
        }
        Ok(())
    }

    pub(crate) fn schedule(&mut self, delay: i64, step: Step) {
        let id = self.new_id();
        self.agenda.insert((self.now + delay, id), step);
    }

    pub(crate) fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// How long the next step takes to come about.
    pub(crate) fn latency(&mut self) -> i64 {
        if self.strikes(|faults| faults.slow) {
            return self.rng.random_range(1_000..100_000);
        }
        self.rng.random_range(1..30)
    }

    /// Whether a fault happens here.
    pub(crate) fn strikes(&mut self, rate: impl Fn(&Faults) -> u32) -> bool {
        let rate = rate(&self.faults);
        rate > 0 && self.now < QUIET_AT && self.rng.random_range(0..1000) < rate
    }

    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    pub(crate) fn mark(&mut self, path: Path) {
        self.seen.mark(path);
    }

    pub(crate) fn pipeline(&self) -> Option<&PipelineState> {
        self.store.read(&StateKey::pipeline(PIPELINE)).map(|stored| &*stored.state)
    }
}
