//! The `phases` section.

use super::node::{Node, Value};
use super::value::{list, mapping, notice, text};
use super::{Buildspec, BuildspecError, OnFailure, PhaseCommands, Retry};

/// How often CodeBuild retries when no count is given, and the most that it takes.
const DEFAULT_RETRIES: u32 = 3;
const MAX_RETRIES: u32 = 100;

pub(super) fn parse_phases(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    for (name, node) in mapping(node)? {
        let phase = parse_phase(name, node, buildspec)?;
        match name.as_str() {
            "install" => buildspec.install = phase,
            "pre_build" => buildspec.pre_build = phase,
            "build" => buildspec.build = phase,
            "post_build" => buildspec.post_build = phase,
            _ => {
                return Err(node.error(format!(
                    "there is no phase {name:?}; the phases are install, pre_build, build and post_build"
                )));
            }
        }
    }
    Ok(())
}

fn parse_phase(name: &str, node: &Node, buildspec: &mut Buildspec) -> Result<PhaseCommands, BuildspecError> {
    let mut phase = PhaseCommands::default();
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "commands" => phase.commands = commands(node)?,
            "finally" => phase.finally = commands(node)?,
            "on-failure" => phase.on_failure = on_failure(node)?,
            "run-as" => buildspec.run_as.push(text(node)?),
            "runtime-versions" => {
                if name != "install" {
                    notice(buildspec, node, "CodeBuild reads it in the install phase only; it is ignored");
                    continue;
                }
                for (runtime, version) in mapping(node)? {
                    buildspec.runtime_versions.push((runtime.clone(), text(version)?));
                }
            }
            _ => notice(buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    Ok(phase)
}

fn commands(node: &Node) -> Result<Vec<String>, BuildspecError> {
    let mut commands = Vec::new();
    for item in list(node)? {
        if matches!(item.value, Value::Null) {
            return Err(item.error("is an empty command; remove the dash or write a command"));
        }
        commands.push(text(&item)?);
    }
    Ok(commands)
}

fn on_failure(node: &Node) -> Result<OnFailure, BuildspecError> {
    let value = text(node)?;
    match value.as_str() {
        "ABORT" => Ok(OnFailure::Abort),
        "CONTINUE" => Ok(OnFailure::Continue),
        "RETRY" => Ok(OnFailure::Retry(Retry { times: DEFAULT_RETRIES, pattern: ".*".into() })),
        other => match other.strip_prefix("RETRY-").or_else(|| other.strip_prefix("Retry-")) {
            Some(rest) => retry(node, rest).map(OnFailure::Retry),
            None => Err(node.error(format!(
                "must be ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex or RETRY-count-regex, not {other:?}"
            ))),
        },
    }
}

/// `count`, `regex` or `count-regex`.
fn retry(node: &Node, text: &str) -> Result<Retry, BuildspecError> {
    let (first, following) = text.split_once('-').map_or((text, None), |(first, rest)| (first, Some(rest)));
    let (times, pattern) = match first.parse::<u32>() {
        Ok(times) => (times, following.unwrap_or(".*")),
        Err(_) => (DEFAULT_RETRIES, text),
    };
    if times > MAX_RETRIES {
        return Err(node.error(format!("retries {times} times; CodeBuild takes at most {MAX_RETRIES}")));
    }
    regex::Regex::new(pattern)
        .map_err(|error| node.error(format!("{pattern:?} is no regular expression: {error}")))?;
    Ok(Retry { times, pattern: pattern.to_owned() })
}
