//! Triggers: checked as CodePipeline checks them.

use crate::declaration::{
    GitConfiguration, GitFilterCriteria, Path, PipelineDeclaration, TriggerDeclaration, Violation, closest,
};

use super::places::actions;
use super::stages::repeated;
use crate::trigger::Glob;

const NOT_A_CONNECTION: &str = "Triggers for connections must reference a CodeStarSourceConnection action. \
     Note that when you specify a trigger, you cant specify more than one trigger per source action.";

const WRONG_FILTERS: &str = "The trigger configuration for the source action is not valid. Make sure to choose \
     valid filter combinations.";

pub(super) fn broken(pipeline: &PipelineDeclaration) -> Vec<Violation> {
    let triggers = pipeline.triggers();
    let path = Path::root().member("triggers");
    let mut violations = Vec::new();
    for (index, trigger) in triggers.iter().enumerate() {
        let path = path.item(index).member("gitConfiguration");
        violations.extend(source_action(pipeline, trigger, &path));
        filters(&trigger.git_configuration, &path, &mut violations);
    }
    let names = triggers.iter().map(|trigger| trigger.git_configuration.source_action_name.as_str());
    for (index, first) in repeated(names) {
        violations.push(Violation::structure(
            path.item(index).member("gitConfiguration").member("sourceActionName"),
            NOT_A_CONNECTION,
            format!("put these filters into trigger {}, which has the same source action", first + 1),
        ));
    }
    violations
}

fn source_action(
    pipeline: &PipelineDeclaration,
    trigger: &TriggerDeclaration,
    path: &Path,
) -> Option<Violation> {
    let name = &trigger.git_configuration.source_action_name;
    let connections = || {
        let of_connection = |id: &crate::declaration::ActionTypeId| id.provider == "CodeStarSourceConnection";
        actions(pipeline)
            .filter(move |placed| of_connection(&placed.action.action_type_id))
            .map(|placed| placed.action.name.as_str())
    };
    if name.is_empty() || connections().any(|known| known == name) {
        return None;
    }
    let help = match closest(name, connections()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "name a source action of provider CodeStarSourceConnection".to_string(),
    };
    Some(Violation::structure(path.member("sourceActionName"), NOT_A_CONNECTION, help))
}

/// Tags alone, or branches with or without file paths; pull requests have no tags.
fn filters(configuration: &GitConfiguration, path: &Path, violations: &mut Vec<Violation>) {
    let mut refuse =
        |path: Path, help: &str| violations.push(Violation::structure(path, WRONG_FILTERS, help));
    if configuration.push.is_none() && configuration.pull_request.is_none() {
        refuse(
            path.clone(),
            "give it `push` or `pullRequest`; remove the trigger to start at pushes to BranchName",
        );
    }
    for (index, filter) in configuration.push.iter().flatten().enumerate() {
        let path = path.member("push").item(index);
        let criteria =
            [("tags", &filter.tags), ("branches", &filter.branches), ("filePaths", &filter.file_paths)];
        wrong_patterns(&criteria, &path, &mut refuse);
        match (&filter.tags, &filter.branches, &filter.file_paths) {
            (Some(tags), None, None) if has_patterns(tags) => {}
            (None, Some(branches), None) if has_patterns(branches) => {}
            (None, Some(branches), Some(files)) if has_patterns(branches) && has_patterns(files) => {}
            _ => refuse(path, "a push filter has `tags`, or `branches`, or `branches` and `filePaths`"),
        }
    }
    for (index, filter) in configuration.pull_request.iter().flatten().enumerate() {
        let path = path.member("pullRequest").item(index);
        let criteria = [("branches", &filter.branches), ("filePaths", &filter.file_paths)];
        wrong_patterns(&criteria, &path, &mut refuse);
        match (&filter.branches, &filter.file_paths) {
            (Some(branches), None) if has_patterns(branches) => {}
            (Some(branches), Some(files)) if has_patterns(branches) && has_patterns(files) => {}
            _ => refuse(path, "a pull request filter has `branches`, or `branches` and `filePaths`"),
        }
    }
}

/// A pattern that is never matched would be found out at a push that starts nothing.
fn wrong_patterns(
    criteria: &[(&str, &Option<GitFilterCriteria>)],
    path: &Path,
    refuse: &mut impl FnMut(Path, &str),
) {
    for (name, criteria) in criteria {
        let Some(criteria) = criteria else { continue };
        for (list, patterns) in [("includes", &criteria.includes), ("excludes", &criteria.excludes)] {
            for (index, pattern) in patterns.iter().flatten().enumerate() {
                if let Err(error) = Glob::parse(pattern) {
                    refuse(path.member(name).member(list).item(index), &format!("the pattern {error}"));
                }
            }
        }
    }
}

fn has_patterns(criteria: &GitFilterCriteria) -> bool {
    let any = |patterns: &Option<Vec<String>>| patterns.as_ref().is_some_and(|patterns| !patterns.is_empty());
    any(&criteria.includes) || any(&criteria.excludes)
}
