//! Which streams a group has.

use std::cmp::Ordering;

use local_service::{ApiError, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{group, invalid, limit, no_such_group, open};
use crate::times::SeenTimes;
use crate::{Account, LogSource, token};

const STREAMS_MAX: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    #[serde(default)]
    order_by: OrderBy,
    #[serde(default)]
    descending: bool,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Deserialize, Default, PartialEq, Eq, Clone, Copy)]
enum OrderBy {
    #[default]
    LogStreamName,
    LastEventTime,
}

/// What the order of a stream depends on. Its text is the token after it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Zero where names are what counts.
    last_event_ms: Timestamp,
    name: String,
}

pub(crate) fn answer(
    source: &dyn LogSource,
    seen: &SeenTimes,
    account: &Account,
    input: &Input,
) -> Result<Value, ApiError> {
    let group = group(input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    let limit = limit(input.limit, 1..=STREAMS_MAX)?;
    if input.order_by == OrderBy::LastEventTime && input.log_stream_name_prefix.is_some() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let after = input.next_token.as_deref().map(|text| place(text).ok_or_else(token::invalid)).transpose()?;
    let mut streams = Vec::new();
    for stream in source.streams(group).ok_or_else(no_such_group)? {
        if input.log_stream_name_prefix.as_ref().is_some_and(|prefix| !stream.name.starts_with(prefix)) {
            continue;
        }
        let log = open(&stream, seen)?;
        let last_event_ms = if input.order_by == OrderBy::LastEventTime { log.written_at_ms } else { 0 };
        let place = Place { last_event_ms, name: stream.name };
        let mut described = json!({
            "logStreamName": place.name,
            "creationTime": stream.created_at_ms,
            "arn": arn(account, group, &place.name),
            "storedBytes": 0,
        });
        if log.end() > 0 {
            described["firstEventTimestamp"] = stream.created_at_ms.into();
            described["lastEventTimestamp"] = log.written_at_ms.into();
            described["lastIngestionTime"] = log.written_at_ms.into();
        }
        streams.push((place, described));
    }
    let order = |a: &Place, b: &Place| if input.descending { b.cmp(a) } else { a.cmp(b) };
    streams.sort_by(|(a, _), (b, _)| order(a, b));
    streams.retain(|(place, _)| after.as_ref().is_none_or(|after| order(place, after) == Ordering::Greater));
    let more = streams.len() > limit;
    streams.truncate(limit);
    let last = streams.last().map(|(place, _)| format!("{}/{}", place.last_event_ms, place.name));
    let described: Vec<_> = streams.into_iter().map(|(_, described)| described).collect();
    let mut output = json!({ "logStreams": described });
    if let Some(token) = last.filter(|_| more) {
        output["nextToken"] = token.into();
    }
    Ok(output)
}

fn place(text: &str) -> Option<Place> {
    let (last_event_ms, name) = text.split_once('/')?;
    Some(Place { last_event_ms: last_event_ms.parse().ok()?, name: name.to_owned() })
}

fn arn(account: &Account, group: &str, stream: &str) -> String {
    let Account { id, region } = account;
    format!("arn:aws:logs:{region}:{id}:log-group:{group}:log-stream:{stream}")
}
