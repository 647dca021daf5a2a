//! Measures what a deployment costs: the same revision of ten small files, with and without a trivial hook,
//! again and again.
//!
//! ```text
//! cargo run --release -p local-codedeploy --example trivial_deployments -- 200
//! ```

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be set up ends")]

use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};

use local_codedeploy::{LocalCodeDeploy, RevisionStore, S3Location, Settings, Target};
use local_service::{AdjustableClock, ApiError, BoxFuture, EventSink, Service};
use serde_json::{Value, json};
use tokio::sync::mpsc;

struct Revisions {
    files: Vec<u8>,
    hook: Vec<u8>,
}

impl RevisionStore for Revisions {
    fn get<'a>(&'a self, location: &'a S3Location) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        let bundle = if location.key == "hook.zip" { &self.hook } else { &self.files };
        Box::pin(async move { Ok(bundle.clone()) })
    }
}

fn revision(has_hook: bool) -> Vec<u8> {
    let tree = tempfile::tempdir().unwrap();
    let hooks = if has_hook { "hooks:\n  ApplicationStart:\n    - location: start\n" } else { "" };
    let appspec =
        format!("version: 0.0\nos: linux\nfiles:\n  - source: site\n    destination: /var/www\n{hooks}");
    std::fs::create_dir(tree.path().join("site")).unwrap();
    std::fs::write(tree.path().join("appspec.yml"), appspec).unwrap();
    std::fs::write(tree.path().join("start"), "#!/bin/sh\n:\n").unwrap();
    for number in 0..10 {
        std::fs::write(tree.path().join(format!("site/{number}.html")), "<html>").unwrap();
    }
    let mut zip = Cursor::new(Vec::new());
    archive::pack_tree(tree.path(), &mut zip).unwrap();
    zip.into_inner()
}

/// Tells when a deployment has ended, as a pipeline learns it.
struct Ends(mpsc::UnboundedSender<()>);

impl EventSink for Ends {
    fn put_event(&self, event: Value) {
        if event["detail"]["state"] != "START" {
            assert_eq!(event["detail"]["state"], "SUCCESS", "{event}");
            let _ = self.0.send(());
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::main]
async fn main() {
    let rounds: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200);
    let directory = tempfile::tempdir().unwrap();
    let (sender, mut ends) = mpsc::unbounded_channel();
    let revisions = Revisions { files: revision(false), hook: revision(true) };
    let settings = Settings { events: Some(Arc::new(Ends(sender))), ..Settings::default() };
    let clock = Arc::new(AdjustableClock::default());
    let service = LocalCodeDeploy::open(&directory.path().join("data"), clock, Arc::new(revisions), settings);
    let service = service.unwrap();
    let target = Target { name: "one".into(), root: directory.path().join("root") };
    service.define_group("app", "group", vec![target]).unwrap();
    for key in ["files.zip", "hook.zip"] {
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..rounds {
            let location = json!({ "bucket": "b", "key": key, "bundleType": "zip" });
            let revision = json!({ "revisionType": "S3", "s3Location": location });
            let input =
                json!({ "applicationName": "app", "deploymentGroupName": "group", "revision": revision });
            let before = now();
            service.call("CreateDeployment", input).await.unwrap();
            ends.recv().await.unwrap();
            times.push(now() - before);
        }
        times.sort();
        println!("{key}: quickest tenth {:?}, median {:?}", times[rounds / 10], times[rounds / 2]);
    }
}
