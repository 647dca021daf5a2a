//! Events of the streams of a group, the oldest stream first.

use local_service::{ApiError, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{EVENTS_MAX, group, invalid, limit, no_such_group, no_such_stream, open, unreadable};
use crate::file::PAGE_BYTES;
use crate::filter_pattern::FilterPattern;
use crate::times::SeenTimes;
use crate::{LogSource, LogStream, token};

/// How many pages of files one call looks through. An answer may be empty and yet have a token, as on AWS.
const PAGES_MAX: usize = 16;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// From where on events were not looked at yet. Streams that begin later come after it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    created_at_ms: Timestamp,
    stream: String,
    offset: u64,
}

impl Position {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        let (created_at_ms, offset) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { created_at_ms, offset, stream: parts.next()?.to_owned() })
    }

    fn text(&self) -> String {
        format!("{}/{}/{}", self.created_at_ms, self.offset, self.stream)
    }
}

pub(crate) fn answer(source: &dyn LogSource, seen: &SeenTimes, input: &Input) -> Result<Value, ApiError> {
    let group = group(input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    let limit = limit(input.limit, 1..=EVENTS_MAX)?;
    let pattern = FilterPattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
    let mut position = match &input.next_token {
        Some(text) => Position::parse(text).ok_or_else(token::invalid)?,
        None => Position { created_at_ms: Timestamp::MIN, stream: String::new(), offset: 0 },
    };
    let mut events = Vec::new();
    let (mut pages, mut bytes) = (0, 0);
    for stream in streams(source, group, input)? {
        let begin = Position { created_at_ms: stream.created_at_ms, stream: stream.name.clone(), offset: 0 };
        if (begin.created_at_ms, &begin.stream) < (position.created_at_ms, &position.stream) {
            continue;
        }
        if begin.created_at_ms != position.created_at_ms || begin.stream != position.stream {
            position = begin;
        }
        let log = open(&stream, seen)?;
        let wanted = log.within(input.start_time, input.end_time);
        position.offset = position.offset.max(wanted.start);
        while position.offset < wanted.end {
            if pages == PAGES_MAX || events.len() >= limit || bytes >= PAGE_BYTES {
                return Ok(
                    json!({ "events": events, "nextToken": position.text(), "searchedLogStreams": [] }),
                );
            }
            let page = log
                .first(position.offset..wanted.end, usize::MAX)
                .map_err(|error| unreadable(&stream, &error))?;
            pages += 1;
            position.offset = page.end;
            for line in page.lines {
                if !pattern.matches(&line.text) {
                    continue;
                }
                if events.len() == limit || bytes + line.text.len() > PAGE_BYTES {
                    position.offset = line.offset;
                    bytes = PAGE_BYTES;
                    break;
                }
                bytes += line.text.len();
                events.push(json!({
                    "logStreamName": stream.name,
                    "timestamp": log.time_of(&line),
                    "message": line.text,
                    "ingestionTime": log.written_at_ms,
                    "eventId": format!("{}/{:020}", stream.name, line.offset),
                }));
            }
        }
    }
    Ok(json!({ "events": events, "searchedLogStreams": [] }))
}

/// Those that are asked for, the oldest first.
fn streams(source: &dyn LogSource, group: &str, input: &Input) -> Result<Vec<LogStream>, ApiError> {
    let mut streams = source.streams(group).ok_or_else(no_such_group)?;
    match (&input.log_stream_names, &input.log_stream_name_prefix) {
        (Some(_), Some(_)) => {
            return Err(invalid("Give either logStreamNames or logStreamNamePrefix"));
        }
        (Some(names), None) => {
            if names.iter().any(|name| !streams.iter().any(|stream| stream.name == *name)) {
                return Err(no_such_stream());
            }
            streams.retain(|stream| names.contains(&stream.name));
        }
        (None, Some(prefix)) => streams.retain(|stream| stream.name.starts_with(prefix)),
        (None, None) => {}
    }
    streams.sort_by(|a, b| (a.created_at_ms, &a.name).cmp(&(b.created_at_ms, &b.name)));
    Ok(streams)
}
