//! Random declarations, as far as decisions see them: stages, actions, run orders, timeouts.

use engine::declaration::ExecutionMode;
use engine::execution::{ActionPlan, Plan, StagePlan};
use rand::Rng;
use rand::rngs::StdRng;

const STAGES: [&str; 6] = ["Source", "Build", "Test", "Approve", "Stage", "Deploy"];
const ACTIONS: [&str; 4] = ["one", "two", "three", "four"];

/// Runs to its end in the function itself.
pub const INLINE: &str = "deploy-s3";
/// Goes on outside, and an event tells its end.
pub const OUTSIDE: &str = "build-codebuild";
/// A person ends it.
pub const APPROVAL: &str = "approval-manual";

pub fn draw_plan(rng: &mut StdRng) -> Plan {
    let count = rng.random_range(1..=5);
    let stages =
        (0..count).map(|index| StagePlan { name: STAGES[index].to_owned(), actions: draw_actions(rng) });
    Plan { stages: stages.collect() }
}

fn draw_actions(rng: &mut StdRng) -> Vec<ActionPlan> {
    let count = [1, 1, 1, 2, 2, 3, 4][rng.random_range(0..7)];
    let actions = ACTIONS[..count].iter().map(|name| ActionPlan {
        name: (*name).to_owned(),
        run_order: rng.random_range(1..=3),
        function: [INLINE, INLINE, INLINE, OUTSIDE, OUTSIDE, APPROVAL][rng.random_range(0..6)].to_owned(),
        timeout_seconds: rng.random_range(20..90),
    });
    actions.collect()
}

/// The plan after an edit: the same, other actions, a stage more or less, or a stage renamed.
pub fn edit_plan(rng: &mut StdRng, plan: &Plan) -> Plan {
    let mut edited = plan.clone();
    match rng.random_range(0..5) {
        0 => {}
        1 => return draw_plan(rng),
        2 => edited.stages.reverse(),
        3 => edited.stages[0].name = format!("{}2", edited.stages[0].name),
        _ => {
            for stage in &mut edited.stages {
                stage.actions = draw_actions(rng);
            }
        }
    }
    edited
}

pub fn draw_mode(rng: &mut StdRng) -> ExecutionMode {
    [ExecutionMode::Superseded, ExecutionMode::Queued, ExecutionMode::Parallel][rng.random_range(0..3)]
}
