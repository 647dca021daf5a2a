//! Logs of running actions, line by line, in one stream.

use std::collections::BTreeMap;
use std::time::Duration;

use local_process::{Follower, LogEntry};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::view::ActionView;
use crate::LocalStack;

/// Lines that wait to be shown; a log that is faster than the terminal waits for it.
const LINES: usize = 256;
/// How long the end of a log may take after its action has ended.
const END: Duration = Duration::from_secs(2);

pub(super) struct Logs {
    sender: mpsc::Sender<(ActionView, String)>,
    pub lines: mpsc::Receiver<(ActionView, String)>,
    followed: BTreeMap<String, JoinHandle<()>>,
}

impl Logs {
    pub fn new() -> Self {
        let (sender, lines) = mpsc::channel(LINES);
        Self { sender, lines, followed: BTreeMap::new() }
    }

    /// Begins with the first line of the action's log, once there is one.
    pub fn follow(&mut self, stack: &LocalStack, action: &ActionView) {
        if self.followed.contains_key(&action.id) {
            return;
        }
        let Some(follower) = action.external_id.as_deref().and_then(|id| stack.follow_log(id)) else {
            return;
        };
        let pumping = pump(follower, action.clone(), self.sender.clone());
        self.followed.insert(action.id.clone(), tokio::spawn(pumping));
    }

    /// All lines of the action's log that are still to come.
    pub async fn finish(&mut self, action: &ActionView) -> Vec<(ActionView, String)> {
        let mut rest = Vec::new();
        let Some(mut followed) = self.followed.remove(&action.id) else { return rest };
        let end = tokio::time::sleep(END);
        tokio::pin!(end);
        loop {
            tokio::select! {
                biased;
                Some(line) = self.lines.recv() => rest.push(line),
                _ = &mut followed => break,
                () = &mut end => break,
            }
        }
        while let Ok(line) = self.lines.try_recv() {
            rest.push(line);
        }
        rest
    }
}

async fn pump(mut follower: Follower, action: ActionView, lines: mpsc::Sender<(ActionView, String)>) {
    while let Ok(Some(LogEntry::Line(line))) = follower.next().await {
        if lines.send((action.clone(), line)).await.is_err() {
            return;
        }
    }
}
