//! The `batch` section: the builds of a batch, whichever of the three ways they are written in.

use std::collections::BTreeSet;

use super::BuildspecError;
use super::env::parse_variables;
use super::node::{Node, Value};
use super::value::{flag, mapping, text, texts};

/// CodeBuild's default of `buildBatchConfig.restrictions.maximumBuildsAllowed`.
const MAX_TASKS: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The first failure stops all builds.
    pub is_fast_fail: bool,
    /// At least one; a task depends on others of the list, without cycles.
    pub tasks: Vec<BatchTask>,
}

/// One build of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchTask {
    pub identifier: String,
    /// A path in the source; none: the buildspec of the batch.
    pub buildspec: Option<String>,
    pub depend_on: Vec<String>,
    pub is_failure_ignored: bool,
    pub environment: TaskEnvironment,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskEnvironment {
    pub compute_type: Option<String>,
    pub environment_type: Option<String>,
    pub image: Option<String>,
    pub is_privileged: Option<bool>,
    pub variables: Vec<(String, String)>,
}

pub(super) fn parse_batch(node: &Node) -> Result<Batch, BuildspecError> {
    let mut batch = Batch { is_fast_fail: false, tasks: Vec::new() };
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "fast-fail" => batch.is_fast_fail = flag(node)?,
            "build-graph" => batch.tasks = parse_tasks(node, true)?,
            "build-list" => batch.tasks = parse_tasks(node, false)?,
            "build-matrix" => batch.tasks = parse_matrix(node)?,
            "build-fanout" => {
                return Err(node.error(
                    "is not supported here: its tests are divided by programs of CodeBuild's images; use \
                     build-list with a variable for each part",
                ));
            }
            _ => return Err(node.error("is not known to CodeBuild")),
        }
    }
    if batch.tasks.is_empty() {
        return Err(node.error("has no builds; give build-graph, build-list or build-matrix"));
    }
    if batch.tasks.len() > MAX_TASKS {
        return Err(node.error(format!("has {} builds; at most {MAX_TASKS} are allowed", batch.tasks.len())));
    }
    check_graph(node, &batch.tasks)?;
    Ok(batch)
}

fn parse_tasks(node: &Node, is_graph: bool) -> Result<Vec<BatchTask>, BuildspecError> {
    let Value::Sequence(items) = &node.value else {
        return Err(node.error(format!("must be a list of builds, not {}", node.kind())));
    };
    let mut tasks = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let mut task = BatchTask::default();
        for (key, node) in mapping(item)? {
            match key.as_str() {
                "identifier" => task.identifier = identifier(node)?,
                "buildspec" => task.buildspec = Some(text(node)?).filter(|path| !path.is_empty()),
                "depend-on" if is_graph => task.depend_on = texts(node)?,
                "ignore-failure" => task.is_failure_ignored = flag(node)?,
                "env" => task.environment = parse_environment(node)?,
                "debug-session" if !flag(node)? => {}
                "debug-session" => {
                    return Err(node.error("is not supported here: there is no Session Manager"));
                }
                _ => return Err(node.error("is not known to CodeBuild")),
            }
        }
        if task.identifier.is_empty() {
            if is_graph {
                return Err(item.error("identifier is missing"));
            }
            task.identifier = format!("build{index}");
        }
        tasks.push(task);
    }
    Ok(tasks)
}

fn identifier(node: &Node) -> Result<String, BuildspecError> {
    let identifier = text(node)?;
    let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if identifier.is_empty() || identifier.len() > 128 || !identifier.chars().all(is_valid) {
        return Err(node.error(format!("{identifier:?} is no identifier: use letters, digits, _ and -")));
    }
    Ok(identifier)
}

fn parse_environment(node: &Node) -> Result<TaskEnvironment, BuildspecError> {
    let mut environment = TaskEnvironment::default();
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "compute-type" => environment.compute_type = Some(text(node)?),
            "image" => environment.image = Some(text(node)?),
            "type" => environment.environment_type = Some(text(node)?),
            "privileged-mode" => environment.is_privileged = Some(flag(node)?),
            "variables" => environment.variables = parse_variables(node)?,
            "fleet" => return Err(node.error("is not supported here: builds run on this host")),
            _ => return Err(node.error("is not known to CodeBuild")),
        }
    }
    Ok(environment)
}

/// `static` holds what all builds have, `dynamic` lists; there is a build for each combination.
fn parse_matrix(node: &Node) -> Result<Vec<BatchTask>, BuildspecError> {
    let mut tasks = vec![BatchTask::default()];
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "static" => {
                for (key, node) in mapping(node)? {
                    match key.as_str() {
                        "ignore-failure" => tasks[0].is_failure_ignored = flag(node)?,
                        "env" => tasks[0].environment = parse_environment(node)?,
                        _ => return Err(node.error("is not known to CodeBuild")),
                    }
                }
            }
            "dynamic" => {}
            _ => return Err(node.error("is not known to CodeBuild")),
        }
    }
    let dynamic = mapping(node)?.iter().find(|(key, _)| key == "dynamic");
    let dynamic = dynamic.map(|(_, node)| mapping(node)).transpose()?.unwrap_or_default();
    for (key, node) in dynamic {
        match key.as_str() {
            "buildspec" => tasks = combined(tasks, &texts(node)?, |task, path| task.buildspec = Some(path)),
            "env" => tasks = combine_environment(tasks, node)?,
            _ => return Err(node.error("is not known to CodeBuild")),
        }
    }
    for (index, task) in tasks.iter_mut().enumerate() {
        task.identifier = format!("build{index}");
    }
    Ok(tasks)
}

fn combine_environment(mut tasks: Vec<BatchTask>, node: &Node) -> Result<Vec<BatchTask>, BuildspecError> {
    for (key, node) in mapping(node)? {
        tasks = match key.as_str() {
            "compute-type" => {
                combined(tasks, &texts(node)?, |task, value| task.environment.compute_type = Some(value))
            }
            "image" => combined(tasks, &texts(node)?, |task, value| task.environment.image = Some(value)),
            "type" => {
                combined(tasks, &texts(node)?, |task, value| task.environment.environment_type = Some(value))
            }
            "variables" => {
                for (name, node) in mapping(node)? {
                    let set = |task: &mut BatchTask, value| {
                        task.environment.variables.push((name.clone(), value));
                    };
                    tasks = combined(tasks, &texts(node)?, set);
                }
                tasks
            }
            "fleet" => return Err(node.error("is not supported here: builds run on this host")),
            _ => return Err(node.error("is not known to CodeBuild")),
        };
    }
    Ok(tasks)
}

/// Each task once with each value.
fn combined(
    tasks: Vec<BatchTask>,
    values: &[String],
    set: impl Fn(&mut BatchTask, String),
) -> Vec<BatchTask> {
    let with = |task: &BatchTask, value: &String| {
        let mut task = task.clone();
        set(&mut task, value.clone());
        task
    };
    let tasks = tasks.iter().flat_map(|task| values.iter().map(move |value| (task, value)));
    // A matrix that is too large is refused for its size, so it need not be built up.
    tasks.take(MAX_TASKS + 1).map(|(task, value)| with(task, value)).collect()
}

fn check_graph(node: &Node, tasks: &[BatchTask]) -> Result<(), BuildspecError> {
    let mut identifiers = BTreeSet::new();
    if let Some(twice) = tasks.iter().find(|task| !identifiers.insert(task.identifier.as_str())) {
        return Err(node.error(format!("has two builds with the identifier {}", twice.identifier)));
    }
    for task in tasks {
        if let Some(unknown) = task.depend_on.iter().find(|other| !identifiers.contains(other.as_str())) {
            let message = format!("{} depends on {unknown}, which is no build of the batch", task.identifier);
            return Err(node.error(message));
        }
    }
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while done.len() < tasks.len() {
        let before = done.len();
        for task in tasks {
            if task.depend_on.iter().all(|other| done.contains(other.as_str())) {
                done.insert(&task.identifier);
            }
        }
        if done.len() == before {
            let stuck = tasks.iter().filter(|task| !done.contains(task.identifier.as_str()));
            let stuck: Vec<&str> = stuck.map(|task| task.identifier.as_str()).collect();
            return Err(node.error(format!("depend-on goes in a circle: {}", stuck.join(", "))));
        }
    }
    Ok(())
}
