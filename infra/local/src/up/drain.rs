//! The end of the service: what runs may end, what does not is ended, and all of it is recorded.

use std::time::Duration;

use super::failure::{UpFailure, unavailable};
use super::serve::Serving;
use super::service_file::ServiceFile;
use crate::stack::Running;

/// Until the ends of builds that were ended here are recorded.
const RECORD_TIME_MAX: Duration = Duration::from_secs(5);

/// Ends the service in an order that loses nothing: first nothing new begins, then nobody is answered any
/// more, then what still runs is ended, and its end is recorded.
pub(super) async fn end(mut serving: Serving, grace_seconds: u64) -> Result<(), UpFailure> {
    serving.stack.admit_no_more();
    let running = serving.stack.running().await;
    if running != Running::default() {
        serving.note(&format!(
            "stopping: nothing new begins; {} may end within {grace_seconds} s. Ctrl-C again ends it now",
            what_runs(running)
        ));
        wait(&mut serving, Duration::from_secs(grace_seconds)).await;
    }
    ServiceFile::remove(serving.stack.directory.path()).map_err(unavailable)?;
    serving.stop.send_replace(true);
    let _ = (&mut serving.connections).await;
    let left = serving.stack.running().await;
    serving.stack.end_work().await;
    if left.outside > 0 {
        serving.note(&format!("{} ended with the service; retry the stage", what_runs(left)));
        // What is not recorded in time is found out at the next start.
        wait(&mut serving, RECORD_TIME_MAX).await;
    }
    serving.stack.settle_all().await.map_err(unavailable)?;
    serving.note("stopped");
    Ok(())
}

/// Returns when nothing runs, the time is over, or somebody is impatient; tells what happens meanwhile.
async fn wait(serving: &mut Serving, time: Duration) {
    let stack = serving.stack.clone();
    let idle = tokio::time::timeout(time, stack.idle());
    tokio::pin!(idle);
    loop {
        tokio::select! {
            _ = &mut idle => break,
            () = serving.interrupts.next() => break,
            Some(transaction) = serving.transactions.recv() => serving.tell(&transaction),
        }
    }
    while let Ok(transaction) = serving.transactions.try_recv() {
        serving.tell(&transaction);
    }
}

fn what_runs(running: Running) -> String {
    let counted = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let outside = counted(running.outside, "build or deployment", "builds and deployments");
    let functions = counted(running.functions, "action's function", "actions' functions");
    [outside, functions].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_counted_in_words() {
        for (outside, functions, expected) in [
            (1, 0, "1 build or deployment"),
            (0, 2, "2 actions' functions"),
            (3, 1, "3 builds and deployments and 1 action's function"),
        ] {
            assert_eq!(what_runs(Running { outside, functions }), expected);
        }
    }
}
