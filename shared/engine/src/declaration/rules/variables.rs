//! Namespaces, and references to variables: that each is of an action that has surely ended before.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{self, OutputVariables};
use crate::declaration::{Exception, Path, PipelineDeclaration, Violation, closest};
use crate::variables::{PIPELINE_EXECUTION, PIPELINE_LEVEL, Place, Reference, references};

use super::MAXIMUM_VIOLATIONS;
use super::places::{Placed, Rules, actions};

pub(super) fn broken(pipeline: &PipelineDeclaration) -> Vec<Violation> {
    let mut violations = Vec::new();
    let namespaces = namespaces(pipeline, &mut violations);
    let rules = Rules::of(pipeline);
    for placed in actions(pipeline).chain(rules.placed(pipeline)) {
        if violations.len() > MAXIMUM_VIOLATIONS {
            break;
        }
        for (place, found) in references(placed.action).into_iter().take(MAXIMUM_VIOLATIONS) {
            let in_source = placed.action.is_source()
                && found.as_ref().is_ok_and(|reference| reference.namespace == PIPELINE_LEVEL);
            let excerpt = match &found {
                Ok(reference) => format!("#{{{}}}", reference.text()),
                Err(unreadable) => format!("#{{{}}}", unreadable.text),
            };
            let problem = match found {
                Ok(reference) => wrong(pipeline, &namespaces, placed, &place, &reference),
                Err(unreadable) => Some((
                    no_such_namespace(placed, &place, &unreadable.text),
                    "write `#{namespace.key}`, or avoid `#{` where no variable is meant".to_string(),
                )),
            };
            if let Some((message, help)) = problem {
                // Of all these only this one is an exception of the structure.
                let exception = if in_source { Exception::InvalidStructure } else { placed.exception() };
                let violation = Violation::new(exception, path(placed, &place), message, help);
                violations.push(violation.of_part(excerpt));
            }
        }
    }
    violations
}

fn path(placed: Placed, place: &Place) -> Path {
    let action = placed.path();
    match place {
        Place::Configuration(key) => action.member("configuration").member(key),
        Place::Command(index) => action.member("commands").item(*index),
        Place::EnvironmentVariable(index) => {
            action.member("environmentVariables").item(*index).member("value")
        }
    }
}

fn namespaces<'a>(
    pipeline: &'a PipelineDeclaration,
    violations: &mut Vec<Violation>,
) -> BTreeMap<&'a str, Placed<'a>> {
    let artifacts: BTreeSet<&str> = actions(pipeline)
        .flat_map(|placed| placed.action.output_artifacts())
        .map(|artifact| artifact.name.as_str())
        .collect();
    let mut namespaces = BTreeMap::new();
    for placed in actions(pipeline) {
        let Some(namespace) = placed.action.namespace.as_deref() else { continue };
        let (stage, action) = (&placed.stage.name, &placed.action.name);
        let mut refuse = |message: String, help: &str| {
            violations.push(Violation::action(placed.path().member("namespace"), message, help));
        };
        if [PIPELINE_EXECUTION, PIPELINE_LEVEL].contains(&namespace) {
            let message = format!(
                "The namespace '{namespace}' is reserved. StageName=[{stage}], ActionName=[{action}], \
                 Namespace=[{namespace}]"
            );
            refuse(message, "choose another name");
        } else if artifacts.contains(namespace) {
            let message = format!(
                "A namespace cannot have the name of an artifact. StageName=[{stage}], ActionName=[{action}], \
                 Namespace=[{namespace}]"
            );
            refuse(message, "rename the namespace or the artifact");
        } else if namespaces.contains_key(namespace) {
            let message = format!(
                "Namespaces must be unique across the pipeline definition. The following occur more than once in \
                 the pipeline. StageName=[{stage}], ActionName=[{action}], Namespace=[{namespace}]"
            );
            refuse(message, "choose another name");
        } else {
            namespaces.insert(namespace, placed);
        }
    }
    namespaces
}

type Problem = (String, String);

fn wrong(
    pipeline: &PipelineDeclaration,
    namespaces: &BTreeMap<&str, Placed>,
    placed: Placed,
    place: &Place,
    reference: &Reference,
) -> Option<Problem> {
    match reference.namespace.as_str() {
        PIPELINE_EXECUTION => (reference.key != "PipelineExecutionId").then(|| {
            let message = unknown_variable(placed, place, reference);
            (message, "the only variable of `codepipeline` is `PipelineExecutionId`".to_string())
        }),
        PIPELINE_LEVEL => wrong_at_pipeline_level(pipeline, placed, place, reference),
        namespace => {
            let Some(producer) = namespaces.get(namespace) else {
                let known = namespaces.keys().copied().chain([PIPELINE_EXECUTION, PIPELINE_LEVEL]);
                let help = match closest(namespace, known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("set `namespace` of the action that gives the variable to `{namespace}`"),
                };
                return Some((no_such_namespace(placed, place, &reference.text()), help));
            };
            wrong_of_action(*producer, placed, place, reference)
        }
    }
}

fn wrong_at_pipeline_level(
    pipeline: &PipelineDeclaration,
    placed: Placed,
    place: &Place,
    reference: &Reference,
) -> Option<Problem> {
    let names = || pipeline.variables().iter().map(|variable| variable.name.as_str());
    if placed.action.is_source() {
        let message = format!(
            "Variables at the pipeline level cannot be used in source actions.\n{}",
            details(placed, place, &reference.text())
        );
        let help = "write the value here; another revision can be chosen when the pipeline is started";
        return Some((message, help.to_string()));
    }
    if names().count() == 0 {
        let help = format!("declare it: \"variables\": [{{\"name\": \"{}\"}}]", reference.key);
        return Some((no_such_namespace(placed, place, &reference.text()), help));
    }
    if names().any(|name| name == reference.key) {
        return None;
    }
    let message = format!(
        "The referenced variables haven't been declared.\n{}",
        details(placed, place, &reference.text())
    );
    let help = match closest(&reference.key, names()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("declare `{}` in `variables` of the pipeline", reference.key),
    };
    Some((message, help))
}

fn wrong_of_action(
    producer: Placed,
    placed: Placed,
    place: &Place,
    reference: &Reference,
) -> Option<Problem> {
    let (stage, action) = (&producer.stage.name, &producer.action.name);
    if producer.turn() >= placed.turn() {
        let message = format!(
            "The referenced variables are not of an earlier action: '{action}' in stage '{stage}' gives them.\n{}",
            details(placed, place, &reference.text())
        );
        let help = "a variable can be used in a later stage, or in the same stage with a higher `runOrder`";
        return Some((message, help.to_string()));
    }
    let found = catalog::find(&producer.action.action_type_id)?;
    let known: Vec<&str> = match found.output_variables {
        _ if found.takes_commands => producer.action.output_variables().iter().map(String::as_str).collect(),
        OutputVariables::Closed(names) => names.to_vec(),
        OutputVariables::Open => return None,
    };
    if known.contains(&reference.key.as_str()) {
        return None;
    }
    let message = unknown_variable(placed, place, reference);
    let help = match closest(&reference.key, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if found.takes_commands => {
            format!("add `{}` to `outputVariables` of action '{action}'", reference.key)
        }
        None if known.is_empty() => format!("a {found} action gives no variables"),
        None => format!("a {found} action gives: {}", known.join(", ")),
    };
    Some((message, help))
}

fn unknown_variable(placed: Placed, place: &Place, reference: &Reference) -> String {
    format!(
        "The namespace '{}' has no variable '{}'.\n{}",
        reference.namespace,
        reference.key,
        details(placed, place, &reference.text())
    )
}

fn no_such_namespace(placed: Placed, place: &Place, text: &str) -> String {
    format!(
        "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period \
         (.). The following pipeline execution variables are referencing a namespace that does not exist.\n{}",
        details(placed, place, text)
    )
}

fn details(placed: Placed, place: &Place, text: &str) -> String {
    let key = match place {
        Place::Configuration(key) => key,
        Place::Command(_) => "commands",
        Place::EnvironmentVariable(_) => "environmentVariables",
    };
    let word = if placed.is_rule() { "Rule" } else { "Action" };
    format!(
        "StageName=[{}], {word}Name=[{}], {word}ConfigurationKey=[{key}], VariableReferenceText=[{text}]",
        placed.stage.name, placed.action.name
    )
}
