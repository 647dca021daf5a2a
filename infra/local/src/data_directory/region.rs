//! The Region that the directory's ARNs name: of a service it must not change from one start to the next,
//! as the ARNs of connections, projects and running workflows hold it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::upgrade::write_whole;

const FILE: &str = "region";
/// Where it can be read what the Region was.
const FILE_WITH_ARNS: &str = "stepfunctions/machines";

pub(super) fn read(directory: &Path) -> io::Result<Option<String>> {
    match fs::read(directory.join(FILE)) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            whole(&text).map(|name| Some(name.to_owned())).ok_or_else(|| damaged(&text))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What [`write`] has written, to its end.
fn whole(text: &str) -> Option<&str> {
    let name = text.strip_suffix('\n')?;
    let is_of_one = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (!name.is_empty() && name.bytes().all(is_of_one)).then_some(name)
}

fn damaged(text: &str) -> io::Error {
    io::Error::other(format!(
        "the file {FILE} says {text:?}, which is no line with a Region. Restore a backup, or write the Region \
         into it that the ARNs in {FILE_WITH_ARNS} name"
    ))
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
