//! The Region that the directory's ARNs name: of a service it must not change from one start to the next,
//! as the ARNs of connections, projects and running workflows hold it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::upgrade::write_whole;

const FILE: &str = "region";

pub(super) fn read(directory: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(directory.join(FILE)) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn write(directory: &Path, region: &str) -> io::Result<()> {
    write_whole(&directory.join(FILE), &format!("{region}\n"))
}

/// The one Region that the state machines of the directory are in; `None` where they are in several.
pub(super) fn of_state_machines(directory: &Path) -> io::Result<Option<String>> {
    let machines = match fs::read_dir(directory.join("stepfunctions/machines")) {
        Ok(machines) => machines,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut regions = BTreeSet::new();
    for machine in machines {
        let machine: Value = serde_json::from_slice(&fs::read(machine?.path())?)?;
        let region = machine["arn"].as_str().and_then(|arn| arn.split(':').nth(3));
        regions.extend(region.map(str::to_owned));
    }
    Ok(if regions.len() == 1 { regions.pop_first() } else { None })
}
