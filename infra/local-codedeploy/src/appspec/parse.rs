//! From text to [`AppSpec`], or all that is wrong with it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{AppSpec, FileExistsBehavior, FileMapping, Permission, Script};
use crate::lifecycle::LifecycleEvent;

/// The longest that the scripts of one lifecycle event may take together, and the default of each.
pub(crate) const EVENT_SECONDS_MAX: u64 = 3600;
const TRAFFIC_HOOKS: [&str; 4] =
    ["BeforeBlockTraffic", "AfterBlockTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"];

/// The file as it is written. Scalars are text, so that a mode keeps its zero and a version its point.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: Option<String>,
    os: Option<String>,
    #[serde(default)]
    files: Option<Vec<WrittenFile>>,
    file_exists_behavior: Option<String>,
    #[serde(default)]
    permissions: Option<Vec<WrittenPermission>>,
    #[serde(default)]
    hooks: Option<BTreeMap<String, Option<Vec<WrittenScript>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    source: Option<String>,
    destination: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPermission {
    object: Option<String>,
    pattern: Option<String>,
    except: Option<Vec<String>>,
    owner: Option<String>,
    group: Option<String>,
    mode: Option<String>,
    acls: Option<serde_json::Value>,
    context: Option<serde_json::Value>,
    #[serde(rename = "type")]
    types: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenScript {
    location: Option<String>,
    timeout: Option<u64>,
    runas: Option<String>,
}

/// Just enough to tell the other kinds of appspec apart.
#[derive(Deserialize)]
struct Resources {
    #[serde(rename = "Resources")]
    resources: Option<serde_json::Value>,
}

/// # Errors
/// Every problem that was found, each saying where.
pub(crate) fn parse(text: &str) -> Result<AppSpec, Vec<String>> {
    let resources = serde_saphyr::from_str::<Resources>(text).ok().and_then(|written| written.resources);
    if resources.is_some() {
        return Err(vec![
            "it has a Resources section, so it is for Amazon ECS or AWS Lambda; only EC2/on-premises \
             appspecs (version, os, files, permissions, hooks) can be deployed here"
                .into(),
        ]);
    }
    let written: Written = serde_saphyr::from_str(text).map_err(|error| vec![first_line(&error)])?;
    if written.os.as_deref() == Some("windows") {
        return Err(vec!["os: windows revisions cannot be deployed to this host".into()]);
    }
    let mut problems = Vec::new();
    check_version(&written, &mut problems);
    let mut spec = AppSpec::default();
    for (index, file) in written.files.unwrap_or_default().into_iter().enumerate() {
        collect(&mut problems, &format!("files[{index}]"), parse_file(file), |file| spec.files.push(file));
    }
    if let Some(behavior) = written.file_exists_behavior {
        let parsed = parse_behavior(&behavior);
        collect(&mut problems, "file_exists_behavior", parsed, |parsed| {
            spec.file_exists_behavior = Some(parsed);
        });
    }
    for (index, permission) in written.permissions.unwrap_or_default().into_iter().enumerate() {
        let place = format!("permissions[{index}]");
        collect(&mut problems, &place, parse_permission(permission), |parsed| spec.permissions.push(parsed));
    }
    for (name, scripts) in written.hooks.unwrap_or_default() {
        parse_hook(&name, scripts.unwrap_or_default(), &mut spec, &mut problems);
    }
    if problems.is_empty() { Ok(spec) } else { Err(problems) }
}

pub(crate) fn parse_behavior(text: &str) -> Result<FileExistsBehavior, String> {
    match text {
        "DISALLOW" => Ok(FileExistsBehavior::Disallow),
        "OVERWRITE" => Ok(FileExistsBehavior::Overwrite),
        "RETAIN" => Ok(FileExistsBehavior::Retain),
        other => Err(format!("{other} is none of DISALLOW, OVERWRITE, RETAIN")),
    }
}

fn first_line(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_string()
}

fn collect<T>(problems: &mut Vec<String>, place: &str, parsed: Result<T, String>, keep: impl FnOnce(T)) {
    match parsed {
        Ok(parsed) => keep(parsed),
        Err(problem) => problems.push(format!("{place}: {problem}")),
    }
}

fn check_version(written: &Written, problems: &mut Vec<String>) {
    match written.version.as_deref() {
        Some("0.0") => {}
        other => problems.push(format!("version: must be 0.0, not {}", other.unwrap_or("left out"))),
    }
    match written.os.as_deref() {
        Some("linux") => {}
        other => problems.push(format!("os: must be linux, not {}", other.unwrap_or("left out"))),
    }
}

fn parse_file(file: WrittenFile) -> Result<FileMapping, String> {
    let source = file.source.filter(|source| !source.is_empty()).ok_or("it has no source")?;
    let destination = file.destination.filter(|text| !text.is_empty()).ok_or("it has no destination")?;
    if !destination.starts_with('/') {
        return Err(format!("destination {destination}: must be an absolute path"));
    }
    Ok(FileMapping {
        source: relative(&source).map_err(|problem| format!("source {source}: {problem}"))?,
        destination: relative(&destination)
            .map_err(|problem| format!("destination {destination}: {problem}"))?,
    })
}

/// Without leading, doubled and closing slashes and `.`; `..` is refused.
fn relative(path: &str) -> Result<String, String> {
    if path.contains('\\') || path.contains('\0') {
        return Err("separate directories with /".into());
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(".. is not allowed".into());
    }
    Ok(parts.join("/"))
}

fn parse_permission(written: WrittenPermission) -> Result<Permission, String> {
    let object = written.object.filter(|object| !object.is_empty()).ok_or("it has no object")?;
    if written.acls.is_some() {
        return Err("acls are not supported here; use mode".into());
    }
    if written.context.is_some() {
        return Err("context (SELinux) is not supported here; leave it out".into());
    }
    let types = written.types.unwrap_or_else(|| vec!["file".into(), "directory".into()]);
    if let Some(other) = types.iter().find(|kind| !matches!(kind.as_str(), "file" | "directory")) {
        return Err(format!("type {other}: must be file or directory"));
    }
    Ok(Permission {
        object: relative(&object).map_err(|problem| format!("object {object}: {problem}"))?,
        pattern: written.pattern.unwrap_or_else(|| "**".into()),
        except: written.except.unwrap_or_default(),
        owner: written.owner,
        group: written.group,
        mode: written.mode.as_deref().map(parse_mode).transpose()?,
        to_files: types.iter().any(|kind| kind == "file"),
        to_directories: types.iter().any(|kind| kind == "directory"),
    })
}

/// One to four octal digits.
fn parse_mode(text: &str) -> Result<u32, String> {
    match u32::from_str_radix(text, 8) {
        Ok(mode) if text.len() <= 4 => Ok(mode),
        _ => Err(format!("mode {text}: must be up to four octal digits, like 755")),
    }
}

fn parse_hook(name: &str, written: Vec<WrittenScript>, spec: &mut AppSpec, problems: &mut Vec<String>) {
    let mut scripts = Vec::new();
    let mut written_seconds: u64 = 0;
    for (index, script) in written.into_iter().enumerate() {
        written_seconds = written_seconds.saturating_add(script.timeout.unwrap_or(0));
        let place = format!("hooks.{name}[{index}]");
        collect(problems, &place, parse_script(script), |script| scripts.push(script));
    }
    if written_seconds > EVENT_SECONDS_MAX {
        problems.push(format!(
            "hooks.{name}: its timeouts are {written_seconds} seconds together; a lifecycle event has \
             {EVENT_SECONDS_MAX}"
        ));
    }
    match LifecycleEvent::ORDER.into_iter().find(|event| event.name() == name) {
        Some(event) if event.takes_scripts() => {
            spec.hooks.insert(event, scripts);
        }
        Some(_) => problems.push(format!("hooks.{name}: is CodeDeploy's own work and takes no scripts")),
        None if TRAFFIC_HOOKS.contains(&name) => spec.traffic_hooks.push(name.into()),
        None => problems.push(format!(
            "hooks.{name}: is no lifecycle event; known are ApplicationStop, BeforeInstall, AfterInstall, \
             ApplicationStart, ValidateService"
        )),
    }
}

fn parse_script(written: WrittenScript) -> Result<Script, String> {
    let location = written.location.unwrap_or_default();
    let location = location.trim();
    if location.is_empty() {
        return Err("it has no location".into());
    }
    let timeout_seconds = written.timeout.unwrap_or(EVENT_SECONDS_MAX);
    if timeout_seconds == 0 {
        return Err("timeout: must be at least 1 second".into());
    }
    Ok(Script {
        location: relative(location).map_err(|problem| format!("location {location}: {problem}"))?,
        timeout_seconds,
        runas: written.runas.map(|user| user.trim().to_string()).filter(|user| !user.is_empty()),
    })
}

#[cfg(test)]
mod tests;
