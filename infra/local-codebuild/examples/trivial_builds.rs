//! Measures what a build costs besides its command: builds of one trivial command, one after the other, against
//! the same command run by `sh -c` alone.
//!
//! ```text
//! cargo run --release -p local-codebuild --example trivial_builds -- 200
//! ```

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use local_codebuild::{Account, LocalCodeBuild, Settings};
use local_process::{Command, Log, Stop};
use local_service::{AdjustableClock, ApiError, BoxFuture, EventSink, ObjectStore, Service};
use serde_json::{Value, json};
use tokio::sync::mpsc;

const COMMAND: &str = ":";

struct NoObjects;

impl ObjectStore for NoObjects {
    fn get<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        Box::pin(async { Err(ApiError::client("NoSuchKey", "there are no objects")) })
    }

    fn put<'a>(&'a self, _: &'a str, _: &'a str, _: Vec<u8>) -> BoxFuture<'a, Result<(), ApiError>> {
        Box::pin(async { Ok(()) })
    }
}

/// Tells when a build has ended, as a pipeline learns it.
struct Ends(mpsc::UnboundedSender<()>);

impl EventSink for Ends {
    fn put_event(&self, event: Value) {
        let detail = &event["detail"];
        if detail["build-status"].is_string() && detail["build-status"] != "IN_PROGRESS" {
            assert_eq!(detail["build-status"], "SUCCEEDED", "{event}");
            let _ = self.0.send(());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200);
    let directory = tempfile::tempdir()?;
    let mut shells = Vec::new();
    for _ in 0..rounds {
        let before = now();
        run_shell(directory.path()).await?;
        shells.push(now() - before);
    }
    let (sender, mut ends) = mpsc::unbounded_channel();
    let service = open(directory.path(), sender).await?;
    let mut builds = Vec::new();
    for _ in 0..rounds {
        let before = now();
        service.call("StartBuild", json!({ "projectName": "demo" })).await?;
        ends.recv().await.ok_or("the build never ended")?;
        builds.push(now() - before);
    }
    let before = now();
    service.shutdown().await;
    println!("the service ends in {:?}", now() - before);
    // On a machine that does other work too, the median is of that work; the quickest tenth is of ours.
    for (name, share) in [("quickest tenth", 10), ("median", 2)] {
        let (shell, build) = (quantile(&mut shells, share), quantile(&mut builds, share));
        println!(
            "{name}: sh -c '{COMMAND}' {shell:?}, a build of it {build:?}, which adds {:?}",
            build - shell
        );
    }
    Ok(())
}

async fn run_shell(directory: &Path) -> Result<(), Box<dyn Error>> {
    let log = Log::open(directory.join("shell.log"), 1_000_000)?;
    let outcome = local_process::run(&Command::shell_script(COMMAND, directory), &log, &Stop::new()).await?;
    assert!(outcome.is_success());
    Ok(())
}

async fn open(directory: &Path, sender: mpsc::UnboundedSender<()>) -> Result<LocalCodeBuild, Box<dyn Error>> {
    let account = Account { id: "000000000000".into(), region: "us-east-1".into() };
    let path = ("PATH".to_owned(), "/usr/bin:/bin".to_owned());
    let settings = Settings::for_host(account, [path]);
    let clock = Arc::new(AdjustableClock::default());
    let data = directory.join("codebuild");
    let service = LocalCodeBuild::open(&data, Arc::new(NoObjects), Arc::new(Ends(sender)), clock, settings);
    let service = service?;
    let buildspec = format!("version: 0.2\nphases: {{build: {{commands: ['{COMMAND}']}}}}");
    let project = json!({
        "name": "demo",
        "source": { "type": "NO_SOURCE", "buildspec": buildspec },
        "artifacts": { "type": "NO_ARTIFACTS" },
        "environment": { "type": "LINUX_CONTAINER", "image": "none", "computeType": "BUILD_GENERAL1_SMALL" },
    });
    service.call("CreateProject", project).await?;
    Ok(service)
}

fn quantile(durations: &mut [Duration], share: usize) -> Duration {
    durations.sort();
    durations.get(durations.len() / share).copied().unwrap_or_default()
}
