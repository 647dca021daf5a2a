//! Logs of running actions, line by line, in one stream.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
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
    /// By action execution and log: a batch of builds has several.
    followed: BTreeMap<(String, String), JoinHandle<()>>,
}

impl Logs {
    pub fn new() -> Self {
        let (sender, lines) = mpsc::channel(LINES);
        Self { sender, lines, followed: BTreeMap::new() }
    }

    /// Begins with the first line of each of the action's logs, once there is one.
    pub fn follow(&mut self, stack: &LocalStack, action: &ActionView) {
        let Some(external_id) = action.external_id.as_deref() else { return };
        for log in stack.logs_of(external_id, action.url.as_deref()) {
            let key = (action.id.clone(), log.id);
            if self.followed.contains_key(&key) {
                continue;
            }
            let Some(follower) = stack.follow_log(&key.1) else { continue };
            let pumping = pump(follower, action.build_of(log.build.as_deref()), self.sender.clone());
            self.followed.insert(key, tokio::spawn(pumping));
        }
    }

    /// All lines of the action's logs that are still to come.
    pub async fn finish(&mut self, action: &ActionView) -> Vec<(ActionView, String)> {
        let mut rest = Vec::new();
        let followed: Vec<_> = self.followed.extract_if(.., |(id, _), _| *id == action.id).collect();
        if followed.is_empty() {
            return rest;
        }
        let mut followed = join_all(followed.into_iter().map(|(_, log)| log));
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
