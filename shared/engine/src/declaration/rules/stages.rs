//! How many stages and actions there are, what they are called, and where sources stand.

use std::collections::BTreeMap;

use crate::declaration::{Path, PipelineDeclaration, StageDeclaration, Violation};

use super::places::actions;

const MAXIMUM_STAGES: usize = 50;

/// The quota page says both 50 and 100 per stage ("parallel 100", "sequential 100"); the larger is taken.
const MAXIMUM_ACTIONS_OF_A_STAGE: usize = 100;

const MAXIMUM_ACTIONS: usize = 1000;

/// The actions of one `runOrder` run in an inline Map of Step Functions, which runs 40 iterations at once:
/// a 41st action would wait for another to end, which parallel actions must not.
const MAXIMUM_PARALLEL_ACTIONS: usize = 40;

pub(super) fn broken(pipeline: &PipelineDeclaration) -> Vec<Violation> {
    let mut violations = Vec::new();
    count(pipeline, &mut violations);
    if too_many_actions(pipeline) {
        return violations;
    }
    sources(pipeline, &mut violations);
    stage_names(pipeline, &mut violations);
    for (index, stage) in pipeline.stages.iter().enumerate() {
        blockers(index, stage, &mut violations);
        action_count(index, stage, &mut violations);
        action_names(index, stage, &mut violations);
    }
    violations
}

fn count(pipeline: &PipelineDeclaration, violations: &mut Vec<Violation>) {
    let path = Path::root().member("stages");
    match pipeline.stages.len() {
        count @ 0..2 => violations.push(Violation::structure(
            path,
            format!(
                "Pipeline has only {count} stage(s). There should be a minimum of 2 stages in a pipeline"
            ),
            "add a stage: the first holds the source actions, the others what is done with the source",
        )),
        count if count > MAXIMUM_STAGES => violations.push(Violation::structure(
            path.item(MAXIMUM_STAGES),
            "Pipeline has too many stages. There can only be up to 50 stages in a pipeline",
            format!("it has {count}: put actions of several stages into one, or split the pipeline"),
        )),
        _ => {}
    }
    if too_many_actions(pipeline) {
        violations.push(Violation::structure(
            Path::root().member("stages"),
            "Pipeline has too many actions. There can only be up to 1000 actions in a pipeline",
            "split the pipeline; the other rules are checked when there are fewer",
        ));
    }
}

/// Past the quota of a pipeline no other rule is worth its time. (More stages than that count, too.)
pub(super) fn too_many_actions(pipeline: &PipelineDeclaration) -> bool {
    actions(pipeline).count().max(pipeline.stages.len()) > MAXIMUM_ACTIONS
}

fn sources(pipeline: &PipelineDeclaration, violations: &mut Vec<Violation>) {
    if let Some(first) = pipeline.stages.first() {
        let other = first.actions.iter().position(|action| is_not_source(&action.action_type_id.category));
        if first.actions.is_empty() || other.is_some() {
            let path = match other {
                Some(action) => Path::action(0, action).member("actionTypeId").member("category"),
                None => Path::stage(0).member("actions"),
            };
            violations.push(Violation::structure(
                path,
                "Pipeline should start with a stage that only contains source actions",
                "move this action into a later stage, and have a Source action in the first",
            ));
        }
    }
    for placed in actions(pipeline).filter(|placed| placed.stage_index > 0 && placed.action.is_source()) {
        violations.push(Violation::structure(
            placed.path().member("actionTypeId").member("category"),
            "Source actions can only be included in the first stage of the pipeline",
            format!("move '{}' into the first stage", placed.action.name),
        ));
    }
    let categories = || actions(pipeline).map(|placed| placed.action.action_type_id.category.as_str());
    if pipeline.stages.len() > 1
        && !categories().any(is_not_source)
        && categories().all(|word| word == "Source")
    {
        violations.push(Violation::structure(
            Path::root().member("stages"),
            "Pipeline should contain at least 1 action whose category is not Source",
            "add an action that builds, tests, deploys or approves",
        ));
    }
}

/// A category that was left out or misspelled is reported as such, and judged no further.
fn is_not_source(category: &str) -> bool {
    matches!(category, "Build" | "Deploy" | "Test" | "Invoke" | "Approval" | "Compute")
}

fn stage_names(pipeline: &PipelineDeclaration, violations: &mut Vec<Violation>) {
    let names = pipeline.stages.iter().map(|stage| stage.name.as_str());
    for (index, first) in repeated(names) {
        let name = &pipeline.stages[index].name;
        violations.push(Violation::stage(
            Path::stage(index).member("name"),
            format!("Stage name '{name}' is used more than once"),
            format!("it is the name of stage {} already; choose another", first + 1),
        ));
    }
}

fn blockers(index: usize, stage: &StageDeclaration, violations: &mut Vec<Violation>) {
    if stage.blockers.as_ref().is_some_and(|blockers| !blockers.is_empty()) {
        let path = Path::stage(index).member("blockers");
        let message = format!("Stage '{}' declares blockers, which are reserved for future use", stage.name);
        let exception = crate::declaration::Exception::InvalidBlockerDeclaration;
        violations.push(Violation::new(exception, path, message, "remove the blockers").at_name());
    }
}

fn action_count(index: usize, stage: &StageDeclaration, violations: &mut Vec<Violation>) {
    let path = Path::stage(index).member("actions");
    let (name, count) = (&stage.name, stage.actions.len());
    if count == 0 {
        let message = format!("Stage '{name}' should contain at least 1 action");
        violations.push(Violation::stage(path, message, "add an action, or remove the stage"));
        return;
    }
    if count > MAXIMUM_ACTIONS_OF_A_STAGE {
        violations.push(Violation::stage(
            path.item(MAXIMUM_ACTIONS_OF_A_STAGE),
            format!("Stage '{name}' has {count} actions. There can only be up to 100 actions in a stage"),
            "split the stage",
        ));
    }
    for order in stage.run_orders() {
        let group = stage.actions.iter().enumerate().filter(|(_, action)| action.run_order() == order);
        let parallel = group.clone().count();
        if let Some((extra, _)) = group.clone().nth(MAXIMUM_PARALLEL_ACTIONS) {
            violations.push(Violation::stage(
                path.item(extra),
                format!(
                    "Stage '{name}' has {parallel} actions of runOrder {order}. Up to 40 run in parallel"
                ),
                format!("give some of them another runOrder than {order}"),
            ));
        }
    }
}

fn action_names(index: usize, stage: &StageDeclaration, violations: &mut Vec<Violation>) {
    for (action, first) in repeated(stage.actions.iter().map(|action| action.name.as_str())) {
        let name = &stage.actions[action].name;
        violations.push(Violation::action(
            Path::action(index, action).member("name"),
            format!("Action name '{name}' is used more than once in stage '{}'", stage.name),
            format!("it is the name of action {} of the stage already; choose another", first + 1),
        ));
    }
}

/// The positions of names that stood earlier in a list, with the position of the first.
pub(super) fn repeated<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(usize, usize)> {
    let mut first = BTreeMap::new();
    let mut repeated = Vec::new();
    for (index, name) in names.enumerate().filter(|(_, name)| !name.is_empty()) {
        match first.get(name) {
            Some(earlier) => repeated.push((index, *earlier)),
            None => _ = first.insert(name, index),
        }
    }
    repeated
}
