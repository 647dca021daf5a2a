//! Events of one stream, page by page in both directions.

use std::io;

use local_service::{ApiError, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{EVENTS_MAX, group, limit, no_such_group, no_such_stream, open, unreadable};
use crate::LogSource;
use crate::file::{LogFile, Page};
use crate::times::SeenTimes;
use crate::token::{self, Token};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    next_token: Option<String>,
    limit: Option<i64>,
    #[serde(default)]
    start_from_head: bool,
}

/// The tokens of an answer are never null; at an end the one in its direction is that of the request.
pub(crate) fn answer(source: &dyn LogSource, seen: &SeenTimes, input: &Input) -> Result<Value, ApiError> {
    let group = group(input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    let limit = limit(input.limit, 1..=EVENTS_MAX)?;
    let token = input.next_token.as_deref().map(Token::parse).transpose()?;
    let stream = source
        .stream(group, &input.log_stream_name)
        .ok_or_else(|| if source.streams(group).is_some() { no_such_stream() } else { no_such_group() })?;
    let log = open(&stream, seen)?;
    let last = Token::Backward(log.end());
    let token = token.unwrap_or(if input.start_from_head { Token::Forward(0) } else { last });
    if token.offset() > log.end() {
        return Err(token::invalid());
    }
    let page = page(&log, token, input, limit).map_err(|error| unreadable(&stream, &error))?;
    let events = page.lines.iter().map(|line| {
        json!({ "timestamp": log.time_of(line), "message": line.text, "ingestionTime": log.written_at_ms })
    });
    Ok(json!({
        "events": events.collect::<Vec<_>>(),
        "nextForwardToken": Token::Forward(page.end).text(),
        "nextBackwardToken": Token::Backward(page.begin).text(),
    }))
}

fn page(log: &LogFile, token: Token, input: &Input, limit: usize) -> io::Result<Page> {
    let wanted = log.within(input.start_time, input.end_time);
    match token {
        Token::Forward(offset) => {
            let begin = offset.max(wanted.start);
            log.first(begin..wanted.end.max(begin), limit)
        }
        Token::Backward(offset) => {
            let end = offset.min(wanted.end);
            log.last(wanted.start.min(end)..end, limit)
        }
    }
}
