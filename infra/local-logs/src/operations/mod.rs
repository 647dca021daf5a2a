//! One file per operation, and what they share: how a group is named, and how events are written.

use std::io;
use std::ops::RangeInclusive;

use local_service::ApiError;

use crate::LogStream;
use crate::file::LogFile;
use crate::times::SeenTimes;

pub(crate) mod describe_log_streams;
pub(crate) mod filter_log_events;
pub(crate) mod get_log_events;

/// CloudWatch Logs answers with at most so many events.
const EVENTS_MAX: usize = 10_000;

/// A group by its name, or by `logGroupIdentifier`, which may be its ARN too.
fn group<'a>(name: Option<&'a str>, identifier: Option<&'a str>) -> Result<&'a str, ApiError> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => {
            let name = identifier.split_once(":log-group:").map_or(identifier, |(_, name)| name);
            Ok(name.strip_suffix(":*").unwrap_or(name))
        }
        _ => Err(invalid("Give either logGroupName or logGroupIdentifier")),
    }
}

fn limit(given: Option<i64>, allowed: RangeInclusive<usize>) -> Result<usize, ApiError> {
    let Some(given) = given else {
        return Ok(*allowed.end());
    };
    let limit = usize::try_from(given).ok().filter(|limit| allowed.contains(limit));
    limit.ok_or_else(|| invalid(&format!("limit has to be from {} to {}", allowed.start(), allowed.end())))
}

fn open(stream: &LogStream, seen: &SeenTimes) -> Result<LogFile, ApiError> {
    LogFile::open(stream, seen).map_err(|error| unreadable(stream, &error))
}

fn unreadable(stream: &LogStream, error: &io::Error) -> ApiError {
    ApiError::internal(format!("the log {} cannot be read: {error}", stream.path.display()))
}

fn no_such_group() -> ApiError {
    ApiError::client("ResourceNotFoundException", "The specified log group does not exist.")
}

fn no_such_stream() -> ApiError {
    ApiError::client("ResourceNotFoundException", "The specified log stream does not exist.")
}

fn invalid(message: &str) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}
