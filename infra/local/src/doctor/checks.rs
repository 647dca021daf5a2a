//! What follows from the facts: a line each, with what to do where something is wrong. Pure.

use serde::Serialize;

use super::answers::ServiceFacts;
use super::facts::{Directory, Facts};
use super::tools::Tool;
use crate::cli::Exit;
use crate::data_directory::{FORMAT, FREE_BYTES_MIN};

/// How far clocks may be apart; half of what a signature allows.
const CLOCK_SECONDS_MAX: i64 = 150;
/// Below this a build or two will fill the disk.
const COMFORTABLE_BYTES: u64 = 1024 * FREE_BYTES_MIN;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Check {
    pub name: &'static str,
    pub ok: bool,
    pub found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_to_do: Option<String>,
}

fn fine(name: &'static str, found: impl Into<String>) -> Check {
    Check { name, ok: true, found: found.into(), what_to_do: None }
}

fn wrong(name: &'static str, found: impl Into<String>, what_to_do: impl Into<String>) -> Check {
    Check { name, ok: false, found: found.into(), what_to_do: Some(what_to_do.into()) }
}

pub(super) fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks = vec![
        fine("version", env!("CARGO_PKG_VERSION")),
        directory(facts),
        permissions(facts),
        format(facts),
        space(facts),
        service(facts),
    ];
    if let Some(service) = &facts.service {
        checks.extend(answers(service));
    }
    checks.push(credentials(facts));
    checks.extend(facts.tools.iter().map(tool));
    checks
}

/// 7 where no service can be reached, 1 where something else is wrong.
pub(super) fn exit(checks: &[Check]) -> Exit {
    let is_wrong = |name: &str| checks.iter().any(|check| check.name == name && !check.ok);
    if is_wrong(SERVICE) || is_wrong(ENDPOINT) {
        Exit::Unreachable
    } else if checks.iter().any(|check| !check.ok) {
        Exit::Failed
    } else {
        Exit::Succeeded
    }
}

const SERVICE: &str = "service";
const ENDPOINT: &str = "endpoint";

fn directory(facts: &Facts) -> Check {
    let (name, path) = ("data directory", facts.data.display());
    match facts.directory {
        Directory::Missing => {
            let what_to_do = "run `pipewright up`, which makes it, or name the right one with --data";
            wrong(name, format!("{path} is not there"), what_to_do)
        }
        Directory::OfSomebodyElse { user } => {
            let what_to_do = "run as that user, or choose another directory with --data";
            wrong(name, format!("{path} belongs to user {user}"), what_to_do)
        }
        Directory::Ours { mode } if mode & 0o077 != 0 => {
            let what_to_do = format!("run `chmod 700 {path}`");
            wrong(name, format!("{path} is open to others (mode {mode:o})"), what_to_do)
        }
        Directory::Ours { mode } if mode & 0o700 != 0o700 => {
            let what_to_do = format!("run `chmod 700 {path}`");
            wrong(name, format!("{path} is closed to its owner (mode {mode:o})"), what_to_do)
        }
        Directory::Ours { .. } => fine(name, path.to_string()),
    }
}

fn permissions(facts: &Facts) -> Check {
    let name = "permissions";
    match &facts.exposed[..] {
        [] => fine(name, "secrets are readable for their owner only"),
        [first, ..] => {
            let what_to_do = format!("run `chmod 600 {}`; if others read it, replace it", first.display());
            wrong(name, format!("{} is open to others", first.display()), what_to_do)
        }
    }
}

fn format(facts: &Facts) -> Check {
    let name = "format";
    match &facts.format {
        Ok(None) => fine(name, "there are no data yet"),
        Ok(Some(found)) if *found < FORMAT => {
            fine(name, format!("{found}; the next start brings it to {FORMAT}"))
        }
        Ok(Some(found)) => fine(name, found.to_string()),
        Err(error) => wrong(name, error.to_string(), "see above"),
    }
}

fn space(facts: &Facts) -> Check {
    let name = "disk";
    match &facts.free_bytes {
        Err(error) => wrong(name, format!("its free space is unknown: {error}"), "look at the file system"),
        Ok(free) if *free < COMFORTABLE_BYTES => wrong(
            name,
            format!("{} MiB are free", free >> 20),
            "free some space; builds and artifacts need it",
        ),
        Ok(free) => fine(name, format!("{} MiB are free", free >> 20)),
    }
}

fn service(facts: &Facts) -> Check {
    let start = "start it with `pipewright up`";
    match (&facts.service_file, facts.is_locked) {
        (Err(error), _) => wrong(SERVICE, error.to_string(), start),
        (Ok(None), false) => wrong(SERVICE, "none runs on these data", start),
        (Ok(Some(_)), false) => wrong(SERVICE, "it was killed and has not been started since", start),
        (Ok(None), true) => {
            let what_to_do = "wait for it: a service that starts, or a `pipewright run`";
            wrong(SERVICE, "another process has the data open", what_to_do)
        }
        (Ok(Some(file)), true) => fine(SERVICE, format!("process {} listens on {}", file.pid, file.endpoint)),
    }
}

fn answers(service: &ServiceFacts) -> Vec<Check> {
    let own = env!("CARGO_PKG_VERSION");
    let mut checks = match &service.health {
        Err(why) => return vec![wrong(ENDPOINT, why, "look at the service's log, or start it again")],
        Ok(health) if !health.ready => {
            vec![wrong(ENDPOINT, health.problems.join("; "), "see what it says; its log has more")]
        }
        Ok(health) => vec![fine(ENDPOINT, format!("it works, since {} s", health.uptime_seconds))],
    };
    if let Ok(health) = &service.health {
        let found = format!("the service is {}, this is {own}", health.version);
        checks.push(match health.version == own {
            true => fine("versions", found),
            false => wrong("versions", found, "stop the service and start it with this program"),
        });
    }
    if let Some(ahead) = service.clock_ahead_seconds {
        let found = format!("the service's clock differs by {} s", ahead.abs());
        checks.push(match ahead.abs() <= CLOCK_SECONDS_MAX {
            true => fine("clock", found),
            false => wrong("clock", found, "set the clocks: signatures are good for five minutes"),
        });
    }
    checks.push(match &service.call {
        Ok(()) => fine("signed call", "the service takes the keys of this machine"),
        Err(why) => wrong("signed call", why, "see what it says"),
    });
    checks
}

fn credentials(facts: &Facts) -> Check {
    let name = "credentials";
    match &facts.credentials {
        None => fine(name, "keys are issued by `pipewright credentials`"),
        Some(why) => wrong(name, why, "see what it says"),
    }
}

fn tool(tool: &Tool) -> Check {
    match &tool.path {
        Some(path) => fine(tool.name, path.display().to_string()),
        None if !tool.is_required => fine(tool.name, format!("not in the PATH; {}", tool.what_for)),
        None => wrong(tool.name, "it is not in the PATH", format!("install it: {}", tool.what_for)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_directory::FormatError;
    use crate::gateway::Health;
    use crate::up::ServiceFile;

    fn running() -> Facts {
        let service_file = ServiceFile {
            endpoint: "http://127.0.0.1:8787".to_owned(),
            region: "us-east-1".to_owned(),
            pid: 7,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let health = serde_json::json!({
            "status": "ok", "version": env!("CARGO_PKG_VERSION"), "pid": 7, "ready": true, "uptimeSeconds": 60,
            "executionsInProgress": 0, "problems": [],
        });
        let health: Health = serde_json::from_value(health).expect("a health");
        Facts {
            data: "data".into(),
            directory: Directory::Ours { mode: 0o700 },
            exposed: Vec::new(),
            format: Ok(Some(FORMAT)),
            is_locked: true,
            service_file: Ok(Some(service_file)),
            service: Some(ServiceFacts { health: Ok(health), clock_ahead_seconds: Some(1), call: Ok(()) }),
            credentials: None,
            free_bytes: Ok(COMFORTABLE_BYTES),
            tools: vec![Tool { name: "sh", what_for: "", is_required: true, path: Some("/bin/sh".into()) }],
        }
    }

    #[test]
    fn nothing_is_wrong_with_a_service_that_works() {
        let checks = checks(&running());
        assert!(checks.iter().all(|check| check.ok), "{checks:?}");
        assert_eq!(exit(&checks), Exit::Succeeded);
    }

    #[test]
    fn each_thing_that_is_wrong_is_named_with_what_to_do() {
        type Change = fn(&mut Facts);
        fn with(facts: &mut Facts) -> &mut ServiceFacts {
            facts.service.as_mut().expect("a service")
        }
        let table: [(&str, Exit, Change); 15] = [
            ("data directory", Exit::Failed, |facts| facts.directory = Directory::Missing),
            ("data directory", Exit::Failed, |facts| facts.directory = Directory::Ours { mode: 0o755 }),
            ("data directory", Exit::Failed, |facts| facts.directory = Directory::OfSomebodyElse { user: 9 }),
            ("permissions", Exit::Failed, |facts| facts.exposed = vec!["data/secrets/SigningKey".into()]),
            ("format", Exit::Failed, |facts| facts.format = Err(FormatError::Newer { found: FORMAT + 1 })),
            ("disk", Exit::Failed, |facts| facts.free_bytes = Ok(COMFORTABLE_BYTES - 1)),
            ("service", Exit::Unreachable, |facts| facts.is_locked = false),
            ("service", Exit::Unreachable, |facts| facts.service_file = Ok(None)),
            ("endpoint", Exit::Unreachable, |facts| with(facts).health = Err("refused".into())),
            ("endpoint", Exit::Unreachable, |facts| {
                let health = with(facts).health.as_mut().expect("a health");
                (health.ready, health.problems) = (false, vec!["the disk is full".to_owned()]);
            }),
            ("versions", Exit::Failed, |facts| {
                with(facts).health.as_mut().expect("a health").version = "9.9.9".to_owned();
            }),
            ("clock", Exit::Failed, |facts| with(facts).clock_ahead_seconds = Some(-151)),
            ("signed call", Exit::Failed, |facts| with(facts).call = Err("400".into())),
            ("credentials", Exit::Failed, |facts| facts.credentials = Some("no key".into())),
            ("sh", Exit::Failed, |facts| facts.tools[0].path = None),
        ];
        for (name, expected, change) in table {
            let mut facts = running();
            change(&mut facts);
            let checks = checks(&facts);
            let wrong: Vec<_> = checks.iter().filter(|check| !check.ok).collect();
            assert_eq!(wrong.iter().map(|check| check.name).collect::<Vec<_>>(), [name]);
            assert!(wrong[0].what_to_do.as_ref().is_some_and(|text| !text.is_empty()), "{wrong:?}");
            assert_eq!(exit(&checks), expected, "{name}");
        }
    }
}
