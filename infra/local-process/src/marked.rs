//! Finding processes by a variable of their environment.
//!
//! A build's processes inherit its variables, whatever group or session they put themselves into, and
//! also when the process that started them is long gone. So the id of a build in the environment says whose
//! they are, without anything that would have to be written down when they start.

use std::fs;
use std::os::unix::ffi::OsStrExt;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// A process of the current user whose environment has the wanted variable.
#[derive(Debug)]
pub struct MarkedProcess {
    pub number: u32,
    /// The variable's value.
    pub mark: String,
    /// What `ps` shows, for a note to the user; may be empty.
    pub command_line: String,
}

/// All processes that were started with the variable `name`, with a value that is `wanted`. Reads
/// `/proc`: some milliseconds on a machine with hundreds of processes. A process that replaced its
/// environment (`env -i`) is not found.
pub fn marked_processes(name: &str, wanted: impl Fn(&str) -> bool) -> Vec<MarkedProcess> {
    let prefix = format!("{name}=");
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| {
        let number = std::str::from_utf8(entry.file_name().as_bytes()).ok()?.parse::<u32>().ok()?;
        (number != std::process::id()).then_some(number)
    });
    let marked = numbers.filter_map(|number| {
        let environment = fs::read(format!("/proc/{number}/environ")).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        let mark = variables.find_map(|variable| variable.strip_prefix(prefix.as_bytes()))?;
        let mark = std::str::from_utf8(mark).ok().filter(|mark| wanted(mark))?.to_owned();
        let command_line = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        let command_line = String::from_utf8_lossy(&command_line).replace('\0', " ").trim_end().to_owned();
        Some(MarkedProcess { number, mark, command_line })
    });
    marked.collect()
}

impl MarkedProcess {
    /// Kills it, if its number is still that of a process with the same mark.
    pub fn kill(&self, name: &str) -> bool {
        let Some(number) = i32::try_from(self.number).ok().and_then(Pid::from_raw) else { return false };
        // The descriptor stands for one process, so the number cannot become another's in between.
        let Ok(descriptor) = pidfd_open(number, PidfdFlags::empty()) else { return false };
        let environment = fs::read(format!("/proc/{}/environ", self.number)).unwrap_or_default();
        let mark = format!("{name}={}", self.mark);
        let is_marked = environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes());
        is_marked && pidfd_send_signal(descriptor, Signal::KILL).is_ok()
    }
}
