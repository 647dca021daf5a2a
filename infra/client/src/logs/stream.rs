//! One log stream, read forward from its first line by `GetLogEvents`.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::operation::get_log_events::GetLogEventsOutput;
use jiff::Timestamp;

use crate::execution::LogStream;
use crate::failure::Failure;

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub at: Option<Timestamp>,
    /// Which build of a batch has printed it.
    pub build: Option<String>,
    pub message: String,
}

/// What was read of a stream.
#[derive(Debug)]
pub(crate) struct Stream {
    log: LogStream,
    token: Option<String>,
    /// Events that were told.
    told: usize,
    /// Events to pass over, as they were told before a token was lost.
    skip: usize,
}

impl Stream {
    pub fn new(log: LogStream) -> Self {
        Self { log, token: None, told: 0, skip: 0 }
    }

    /// Tells all lines that are there and were not told yet. A stream that is not there yet has none.
    pub async fn read(&mut self, client: &Client, say: &mut dyn FnMut(&Line)) -> Result<(), Failure> {
        loop {
            match self.page(client).await {
                Ok(page) => {
                    if self.take(&page, say) {
                        return Ok(());
                    }
                }
                Err(failure) if failure.is("ResourceNotFoundException") => return Ok(()),
                // Tokens end after a day (API reference, GetLogEvents); a service may have lost them sooner.
                Err(failure) if failure.is("InvalidParameterException") && self.token.is_some() => {
                    self.token = None;
                    self.skip = self.told;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn page(&self, client: &Client) -> Result<GetLogEventsOutput, Failure> {
        let request =
            client.get_log_events().log_group_name(&self.log.group).log_stream_name(&self.log.stream);
        Ok(request.start_from_head(true).set_next_token(self.token.clone()).send().await?)
    }

    /// Whether the page was the last: then the token does not move (API reference, GetLogEvents). Pages may be
    /// empty before.
    fn take(&mut self, page: &GetLogEventsOutput, say: &mut dyn FnMut(&Line)) -> bool {
        for event in page.events() {
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            self.told += 1;
            let at = event.timestamp().and_then(|at| Timestamp::from_millisecond(at).ok());
            let message = event.message().unwrap_or_default();
            // CodeBuild's events are lines with their ends; others may be several lines.
            for line in message.trim_end_matches(['\n', '\r']).split('\n') {
                say(&Line { at, build: None, message: line.trim_end_matches('\r').to_owned() });
            }
        }
        let next = page.next_forward_token().map(str::to_owned);
        let is_end = next.is_none() || next == self.token;
        if next.is_some() {
            self.token = next;
        }
        is_end
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatchlogs::types::OutputLogEvent;

    use super::*;

    fn page(messages: &[&str], token: &str) -> GetLogEventsOutput {
        let events =
            messages.iter().map(|message| OutputLogEvent::builder().timestamp(0).message(*message).build());
        GetLogEventsOutput::builder().set_events(Some(events.collect())).next_forward_token(token).build()
    }

    #[test]
    fn a_stream_ends_when_its_token_does_not_move_and_no_line_is_told_twice() {
        let mut stream = Stream::new(LogStream { group: "g".into(), stream: "s".into() });
        let mut told = Vec::new();
        let mut say = |line: &Line| told.push(line.message.clone());
        assert!(!stream.take(&page(&["one\n", "two\r\nthree"], "f/1"), &mut say));
        assert!(!stream.take(&page(&[], "f/2"), &mut say));
        assert!(stream.take(&page(&[], "f/2"), &mut say));
        // The token was lost: all is read again from the first line.
        (stream.token, stream.skip) = (None, stream.told);
        assert!(!stream.take(&page(&["one\n", "two\r\nthree", ""], "g/1"), &mut say));
        assert!(stream.take(&page(&[], "g/1"), &mut say));
        assert_eq!(told, ["one", "two", "three", ""]);
    }
}
