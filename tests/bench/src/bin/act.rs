//! `act TRACE RUN NAME COMMAND`: stamps the start, runs `sh -c COMMAND`, stamps the end. Every action of the
//! reference work is one of these, in a shell script and in Pipewright alike, so that gaps between actions are
//! measured in the same way for both.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, trace, run, name, command] = arguments.as_slice() else {
        eprintln!("usage: act TRACE RUN NAME COMMAND");
        return ExitCode::from(97);
    };
    let Ok(mut trace) = OpenOptions::new().append(true).create(true).open(trace) else {
        return ExitCode::from(96);
    };
    stamp(&mut trace, run, name, 'S');
    #[expect(clippy::disallowed_methods, reason = "running a command is what this program is for")]
    let status = Command::new("/bin/sh").args(["-c", command]).status();
    stamp(&mut trace, run, name, 'E');
    let code = status.ok().and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(95))
}

/// One write, so that stamps of actions side by side do not mix.
fn stamp(trace: &mut File, run: &str, name: &str, kind: char) {
    #[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let line = format!("{run} {name} {kind} {now}\n");
    if trace.write_all(line.as_bytes()).is_err() {
        std::process::exit(98);
    }
}
