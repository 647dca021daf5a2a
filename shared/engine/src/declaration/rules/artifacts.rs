//! Artifacts: how many go in and out, what they are called, and that each is made before it is read.

use std::collections::BTreeMap;

use crate::catalog::{self, ArtifactDetails, Count};
use crate::declaration::{Circumstances, Path, PipelineDeclaration, Violation, closest};

use super::action_types;
use super::places::{Placed, Rules, actions};

/// No action type takes more; what is beyond is reported by its count alone.
const MAXIMUM_ARTIFACTS: usize = 10;

pub(super) fn broken(pipeline: &PipelineDeclaration, circumstances: &Circumstances) -> Vec<Violation> {
    let all: Vec<Placed> = actions(pipeline).collect();
    let mut violations = Vec::new();
    for placed in &all {
        counts(*placed, circumstances, &mut violations);
    }
    let producers = producers(&all, &mut violations);
    let cycles = cycles(&all, &producers);
    let mut circle_of = vec![None; all.len()];
    for (number, cycle) in cycles.iter().enumerate() {
        violations.push(in_circles(&all, &producers, cycle));
        for position in cycle {
            circle_of[*position] = Some(number);
        }
    }
    let rules = Rules::of(pipeline);
    let consumers = all.iter().copied().chain(rules.placed(pipeline));
    for (consumer, placed) in consumers.enumerate() {
        for (index, artifact) in placed.action.input_artifacts().iter().enumerate().take(MAXIMUM_ARTIFACTS) {
            if artifact.name.is_empty() {
                continue;
            }
            let path = placed.path().member("inputArtifacts").item(index).member("name");
            match producers.get(artifact.name.as_str()) {
                None => violations.push(made_by_nobody(placed, path, &artifact.name, &producers)),
                Some(producer) => {
                    let circle = circle_of[*producer];
                    let reported = circle.is_some() && circle_of.get(consumer) == Some(&circle);
                    let producer = &all[*producer];
                    if producer.turn() >= placed.turn() && !reported {
                        violations.push(made_too_late(placed, path, &artifact.name, *producer));
                    }
                }
            }
        }
    }
    violations
}

fn counts(placed: Placed, circumstances: &Circumstances, violations: &mut Vec<Violation>) {
    let id = &placed.action.action_type_id;
    let (shown, inputs, outputs) = match (catalog::find(id), circumstances.custom_action_types.find(id)) {
        (Some(found), _) => (found.to_string(), found.input_artifacts, found.output_artifacts),
        (None, Some(custom)) => {
            let count = |details: ArtifactDetails| Count {
                minimum: details.minimum_count,
                maximum: details.maximum_count,
            };
            let (inputs, outputs) = (custom.input_artifact_details, custom.output_artifact_details);
            (action_types::shown(placed), count(inputs), count(outputs))
        }
        (None, None) => return,
    };
    let mut check = |member: &str, word: &str, declared: usize, count: Count| {
        let (problem, limit) = match declared {
            _ if declared < count.minimum => ("less than the minimum count", count.minimum),
            _ if declared > count.maximum => ("more than the maximum count", count.maximum),
            _ => return,
        };
        let name = &placed.action.name;
        let message =
            format!("Action {name} declares {declared} {word} artifacts which is {problem} ({limit})");
        let help = match (count.minimum, count.maximum) {
            (0, 0) => format!("remove `{member}`: a {shown} action has none"),
            (minimum, maximum) if minimum == maximum => format!("a {shown} action has exactly {minimum}"),
            (minimum, maximum) => format!("a {shown} action has {minimum} to {maximum}"),
        };
        violations.push(Violation::action(placed.path().member(member), message, help));
    };
    check("inputArtifacts", "input", placed.action.input_artifacts().len(), inputs);
    check("outputArtifacts", "output", placed.action.output_artifacts().len(), outputs);
}

/// Which action makes each artifact, by its position in the list; the first where several do.
fn producers<'a>(all: &[Placed<'a>], violations: &mut Vec<Violation>) -> BTreeMap<&'a str, usize> {
    let mut producers = BTreeMap::new();
    for (position, placed) in all.iter().enumerate() {
        for (index, artifact) in placed.action.output_artifacts().iter().enumerate().take(MAXIMUM_ARTIFACTS) {
            if artifact.name.is_empty() {
                continue;
            }
            if let Some(first) = producers.get(artifact.name.as_str()) {
                let first: &Placed = &all[*first];
                violations.push(Violation::action(
                    placed.path().member("outputArtifacts").item(index).member("name"),
                    format!(
                        "Output artifact names must be unique within a pipeline. The following output artifact \
                         name is used more than once: '{}'",
                        artifact.name
                    ),
                    format!(
                        "action '{}' in stage '{}' makes it already; choose another name",
                        first.action.name, first.stage.name
                    ),
                ));
            } else {
                producers.insert(artifact.name.as_str(), position);
            }
        }
    }
    producers
}

fn made_by_nobody(
    placed: Placed,
    path: Path,
    artifact: &str,
    producers: &BTreeMap<&str, usize>,
) -> Violation {
    let help = match closest(artifact, producers.keys().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "name it in `outputArtifacts` of an earlier action".to_string(),
    };
    let message = format!(
        "{} has an input artifact '{artifact}' that is not an output artifact of any action in the pipeline",
        placed.shown()
    );
    Violation::new(placed.exception(), path, message, help)
}

fn made_too_late(placed: Placed, path: Path, artifact: &str, producer: Placed) -> Violation {
    let (stage, action) = (&producer.stage.name, &producer.action.name);
    let message = format!(
        "{} has an input artifact '{artifact}' that is not an output artifact of an earlier action: '{action}' in \
         stage '{stage}' makes it",
        placed.shown()
    );
    let help = if producer.stage_index == placed.stage_index && placed.is_rule() {
        "an entry condition reads what earlier stages made".to_string()
    } else if producer.stage_index == placed.stage_index {
        format!(
            "give '{}' a higher `runOrder` than '{action}', which has {}",
            placed.action.name,
            producer.turn().1
        )
    } else {
        format!("move '{}' behind stage '{stage}'", placed.action.name)
    };
    Violation::new(placed.exception(), path, message, help)
}

/// The circles of actions that wait for each other's artifacts, each as positions in reading order: a walk
/// from each action to the makers of its inputs that meets an action it is still in.
fn cycles(all: &[Placed], producers: &BTreeMap<&str, usize>) -> Vec<Vec<usize>> {
    let makers = |position: usize| -> Vec<usize> {
        let inputs = all[position].action.input_artifacts().iter().take(MAXIMUM_ARTIFACTS);
        inputs.filter_map(|artifact| producers.get(artifact.name.as_str()).copied()).collect()
    };
    let mut found: Vec<Vec<usize>> = Vec::new();
    let mut finished = vec![false; all.len()];
    let mut inside = vec![false; all.len()];
    for start in 0..all.len() {
        // The walk as a stack of (action, makers still to visit), so that no input can exhaust the real one.
        let mut walk: Vec<(usize, Vec<usize>)> = vec![(start, makers(start))];
        while let Some((position, rest)) = walk.last_mut().filter(|_| !finished[start]) {
            inside[*position] = true;
            match rest.pop() {
                Some(maker) if inside[maker] => {
                    let from = walk.iter().position(|(position, _)| *position == maker).unwrap_or(0);
                    found.push(walk[from..].iter().map(|(position, _)| *position).collect());
                }
                Some(maker) if !finished[maker] => walk.push((maker, makers(maker))),
                Some(_) => {}
                None => {
                    inside[*position] = false;
                    finished[*position] = true;
                    walk.pop();
                }
            }
        }
    }
    found
}

fn in_circles(all: &[Placed], producers: &BTreeMap<&str, usize>, cycle: &[usize]) -> Violation {
    let needs: Vec<String> = cycle
        .iter()
        .enumerate()
        .map(|(step, position)| {
            let maker = cycle[(step + 1) % cycle.len()];
            let inputs = all[*position].action.input_artifacts().iter();
            let artifact = inputs
                .map(|artifact| artifact.name.as_str())
                .find(|name| producers.get(name) == Some(&maker));
            format!(
                "'{}' needs '{}' of '{}'",
                all[*position].action.name,
                artifact.unwrap_or_default(),
                all[maker].action.name
            )
        })
        .collect();
    let first = all[cycle[0]];
    let message = format!("Actions wait in a circle for each other's artifacts: {}", needs.join(", "));
    let help = "take one of these input artifacts away";
    Violation::action(first.path().member("inputArtifacts"), message, help)
}
