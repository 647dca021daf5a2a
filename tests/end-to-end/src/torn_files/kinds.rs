//! Every kind of file that a data directory has, and what is promised of it. A new kind needs a row here, and
//! something in `moments` that writes it.

use std::ffi::OsStr;
use std::path::Path;

#[derive(Debug, PartialEq, Eq)]
pub enum Promise {
    /// Whatever is left of the last write: what was whole before is there.
    GoesOn,
    /// The service does not start, and says which file it is.
    IsNamed,
}

#[derive(Debug)]
pub struct Kind {
    /// Of paths below the data directory; `*` stands for any part of a name, `**` for everything below.
    pub pattern: &'static str,
    pub promise: Promise,
    /// Remains of a file of a kind that is named otherwise.
    pub goes_on_after: &'static [&'static str],
    /// There is one at some moments only.
    pub is_passing: bool,
}

const fn goes_on(pattern: &'static str) -> Kind {
    Kind { pattern, promise: Promise::GoesOn, goes_on_after: &[], is_passing: false }
}

const fn is_named(pattern: &'static str) -> Kind {
    Kind { pattern, promise: Promise::IsNamed, goes_on_after: &[], is_passing: false }
}

impl Kind {
    const fn but_goes_on_after(self, goes_on_after: &'static [&'static str]) -> Self {
        Self { goes_on_after, ..self }
    }

    const fn that_passes(self) -> Self {
        Self { is_passing: true, ..self }
    }
}

pub static KINDS: &[Kind] = &[
    goes_on("lock"),
    goes_on("*/lock"),
    // Half of `2` and a line's end is all of it.
    is_named("format").but_goes_on_after(&["half"]),
    is_named("region"),
    is_named("secrets/SigningKey"),
    // The log has everything that was written since it was begun.
    is_named("dynamodb.sqlite").but_goes_on_after(&["half", "zeros", "garbage"]),
    goes_on("dynamodb.sqlite-wal"),
    goes_on("dynamodb.sqlite-shm"),
    is_named("s3/buckets/*/bucket.json"),
    // A record without content is of an object that nobody was told of.
    is_named("s3/buckets/*/objects/*.json").but_goes_on_after(&["nothing", "zeros"]),
    goes_on("s3/buckets/*/objects/*.data"),
    goes_on("s3/uploads/*/upload.json"),
    goes_on("s3/uploads/*/*.json"),
    goes_on("s3/uploads/*/*.data"),
    is_named("stepfunctions/machines/*.json"),
    is_named("stepfunctions/definitions/*.json"),
    goes_on("stepfunctions/executions.jsonl"),
    goes_on("stepfunctions/executions/*/*.jsonl"),
    is_named("codebuild/projects/*.json"),
    goes_on("codebuild/builds/*/*.jsonl"),
    is_named("codebuild/batches/*/*.json"),
    goes_on("codebuild/logs/*/*.log"),
    goes_on("codebuild/reports/*/*.json"),
    goes_on("codebuild/cache/**"),
    goes_on("codebuild/work*/**").that_passes(),
    goes_on("s3/temporary/*").that_passes(),
    is_named("codedeploy/applications.json"),
    is_named("codedeploy/configurations.json"),
    is_named("codedeploy/deployments/*.json"),
    goes_on("codedeploy/logs/*.log"),
    goes_on("codedeploy/targets/*/*/state.json"),
    goes_on("codedeploy/targets/*/*/archives/**"),
    is_named("lambda/functions.json"),
    goes_on("lambda/invocations/*.json"),
    goes_on("lambda/events/*.json"),
    goes_on("lambda/logs/*/*.log"),
    is_named("events/rules.json"),
    goes_on("events/kept/*.json"),
    goes_on("events/log/*.jsonl"),
    goes_on("streams/*.jsonl"),
];

/// The kind of a file; the first row that fits.
pub fn kind_of(file: &Path) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| {
        let (mut names, mut pattern) = (file.iter(), kind.pattern.split('/'));
        loop {
            match (names.next(), pattern.next()) {
                (None, None) | (Some(_), Some("**")) => return true,
                (Some(name), Some(part)) if fits(name, part) => {}
                _ => return false,
            }
        }
    })
}

fn fits(name: &OsStr, part: &str) -> bool {
    match part.split_once('*') {
        Some((begin, end)) => {
            name.to_string_lossy().strip_prefix(begin).is_some_and(|rest| rest.ends_with(end))
        }
        None => name == part,
    }
}
