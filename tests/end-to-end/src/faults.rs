//! Every call of AWS that a release makes is throttled once, loses its reply once and breaks off in the middle of
//! the request and of the reply once, and every write does so for as long as the SDK is patient, so that our own code
//! has to go on: the release succeeds all the same, everything outside is started once, objects are whole, and nothing
//! is left behind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use local::Options;
use local::connector::{Call, Fault, FaultInjection};
use local_service::{ObjectStore, Service};
use serde_json::{Value, json};

use crate::declare::{approval, build, deploy_to_codedeploy, deploy_to_s3, pipeline, stage, with};
use crate::shop::Shop;

/// So often the SDK asks before it gives up; then it is our code that has to go on.
const SDK_ATTEMPTS: usize = 3;
/// Shops that are open at once; most of the time each waits for a retry.
const SHOPS: usize = 8;
/// Longer than any pause between a fault and what makes up for it, but not in the reader's time.
const LOOK: Duration = Duration::from_millis(40);
const LOOKS_UNTIL_THE_CLOCK_MOVES: usize = 10;
const LOOKS_MAX: usize = 900;

/// The n-th call of an action by a function, from one release to the next the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    caller: String,
    action: String,
    nth: usize,
}

/// What goes wrong in a release.
#[derive(Debug, Clone)]
enum Plan {
    /// The first call of each action by each function, the fourth, …: the SDK tries again.
    EveryThird(Fault),
    /// This call, and all that the SDK does about it.
    Until(Place, Fault),
}

impl Plan {
    fn strikes(&self, caller: &str, action: &str, nth: usize) -> Option<Fault> {
        match self {
            Self::EveryThird(fault) => nth.is_multiple_of(3).then_some(*fault),
            Self::Until(place, fault) => {
                let is_meant = place.caller == caller && place.action == action;
                (is_meant && (place.nth..place.nth + SDK_ATTEMPTS).contains(&nth)).then_some(*fault)
            }
        }
    }
}

/// How often each function has called each action.
type Calls = BTreeMap<(String, String), usize>;

#[derive(Default)]
struct Script {
    calls: Calls,
    plan: Option<Plan>,
    struck: usize,
}

impl Script {
    fn next(&mut self, call: &Call<'_>) -> Option<Fault> {
        // Reads of the API are polls of this scenario.
        if call.caller == "ApiFunction" && is_read(call.action) {
            return None;
        }
        // How often events are put depends on the clock: what becomes of them is told in `state_changes`.
        if call.caller == "PublishEventsFunction" {
            return None;
        }
        let count = self.calls.entry((call.caller.to_owned(), call.action.to_owned())).or_default();
        let nth = *count;
        *count += 1;
        let fault = self.plan.as_ref()?.strikes(call.caller, call.action, nth)?;
        self.struck += 1;
        Some(fault)
    }
}

/// What may be repeated by anybody.
fn is_read(action: &str) -> bool {
    [
        "GetItem",
        "Query",
        "GetObject",
        "BatchGetBuilds",
        "GetDeployment",
        "ListDeployments",
        "BatchGetDeployments",
    ]
    .contains(&action.rsplit(':').next().unwrap_or_default())
}

/// A shop in which faults can be arranged.
struct Stage {
    shop: Shop,
    script: Arc<Mutex<Script>>,
    releases: usize,
}

impl Stage {
    async fn open() -> Self {
        let script = Arc::new(Mutex::new(Script::default()));
        let asked = script.clone();
        let faults: FaultInjection =
            Arc::new(move |call| asked.lock().unwrap_or_else(PoisonError::into_inner).next(call));
        let shop = Shop::open_with(Options { faults: Some(faults), ..Options::default() }).await;
        prepare(&shop).await;
        Self { shop, script, releases: 0 }
    }

    /// One release with this plan; answers with the calls that it made.
    async fn release(&mut self, plan: Option<Plan>) -> Calls {
        self.arrange(plan.clone());
        let id = self.shop.start().await;
        let token = self.seen(&id, async || self.approval_token(&id).await).await;
        let answered = self.shop.answer("Approve", &token, "Approved").await;
        answered.unwrap_or_else(|failure| panic!("{plan:?}: {failure}"));
        let status = self.seen(&id, async || self.status_at_the_end(&id).await).await;
        let story = self.shop.story(&id).await;
        assert_eq!(status, "Succeeded", "{plan:?}: {story:?} {:#?}", self.shop.actions(&id).await);
        self.all_objects_are_whole(&plan).await;
        let left_behind = self.settle().await;
        self.releases += 1;
        let (builds, deployments) = self.started_outside().await;
        let expected = (self.releases, self.releases);
        assert_eq!((builds, deployments), expected, "builds and deployments: {plan:?}");
        assert_eq!(left_behind, 0, "effects and outside work that are still kept: {plan:?}");
        let script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(plan.is_none() || script.struck > 0, "nothing went wrong: {plan:?}");
        script.calls.clone()
    }

    /// Also those that nobody will read: no part of a body is kept as an object.
    async fn all_objects_are_whole(&self, plan: &Option<Plan>) {
        let site = self.shop.stack().s3.get("site", "site/app").await;
        assert_eq!(site.expect("the release has put it there"), b"built\n", "{plan:?}");
        let buckets = std::fs::read_dir(self.shop.place().join("data/s3/buckets")).expect("S3's buckets");
        for bucket in buckets.flatten() {
            let files = std::fs::read_dir(bucket.path().join("objects")).expect("a bucket's objects");
            for archive in files
                .flatten()
                .map(|file| file.path())
                .filter(|path| path.extension() == Some("data".as_ref()))
            {
                let is_site = bucket.file_name() == "site";
                let file = std::fs::File::open(&archive).expect("it is there");
                assert!(is_site || zip::ZipArchive::new(file).is_ok(), "{}: {plan:?}", archive.display());
            }
        }
    }

    fn arrange(&self, plan: Option<Plan>) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = Script { plan, ..Script::default() };
    }

    async fn approval_token(&self, id: &str) -> Option<String> {
        let actions = self.shop.actions(id).await;
        let waiting = actions.into_iter().rev().find(|action| action.name == "Approve")?;
        let token = waiting.external_id();
        (waiting.status == "InProgress" && !token.is_empty()).then(|| token.to_owned())
    }

    async fn status_at_the_end(&self, id: &str) -> Option<String> {
        let status = self.shop.status(id).await;
        (status != "InProgress").then_some(status)
    }

    /// Looks until there is something to be seen, and moves the clock when nothing happens: pauses between
    /// retries and the sweep's minute pass faster here.
    async fn seen<T, F: Future<Output = Option<T>>>(&self, id: &str, look: impl Fn() -> F) -> T {
        for looks in 1..LOOKS_MAX {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(LOOK).await;
            if looks % LOOKS_UNTIL_THE_CLOCK_MOVES == 0 {
                self.shop.stack().clock.advance(Duration::from_secs(61));
            }
        }
        panic!("nothing more happens: {:#?}", self.shop.actions(id).await)
    }

    /// Until nothing is left to be delivered or asked about, in two looks with a sweep between them: a
    /// function that is tried once more keeps its work for a moment. Answers with what is left in the end.
    async fn settle(&self) -> usize {
        let mut empty_looks = 0;
        for _ in 0..LOOKS_MAX {
            let left_behind = self.left_behind().await;
            empty_looks = if left_behind == 0 { empty_looks + 1 } else { 0 };
            if empty_looks == 2 {
                return 0;
            }
            self.shop.stack().clock.advance(Duration::from_secs(61));
            tokio::time::sleep(LOOK).await;
        }
        self.left_behind().await
    }

    async fn left_behind(&self) -> usize {
        let stack = self.shop.stack();
        // As the API, whose reads nothing happens to.
        let platform = stack.platform_of("api").expect("a function of the template");
        let committed = platform.store.undelivered(platform.clock.now(), None, 100).await;
        let effects = committed.expect("the outbox can be read");
        let work = platform.store.all_outside_work().await.expect("outside work can be read");
        effects.len() + work.len()
    }

    async fn started_outside(&self) -> (usize, usize) {
        let stack = self.shop.stack();
        let list = |answer: Value, name: &str| answer[name].as_array().map_or(0, Vec::len);
        let project = json!({ "projectName": "app" });
        let builds =
            stack.codebuild.call("ListBuildsForProject", project).await.expect("the project is there");
        let deployments = stack.codedeploy.call("ListDeployments", json!({})).await.expect("a list");
        (list(builds, "ids"), list(deployments, "deployments"))
    }
}

async fn prepare(shop: &Shop) {
    shop.bucket("site");
    let buildspec = json!({
        "version": "0.2",
        "phases": { "build": { "commands": ["echo built > app"] } },
        "artifacts": { "files": ["app"] },
    });
    shop.project("app", &buildspec).await;
    let appspec = "version: 0.0\nos: linux\nfiles:\n  - source: hello.txt\n    destination: /srv\nfile_exists_behavior: OVERWRITE\n";
    shop.deliver_source(&[("hello.txt", "hello\n"), ("appspec.yml", appspec)]).await;
    let host = shop.place().join("host");
    std::fs::create_dir_all(&host).expect("a host");
    shop.stack().define_deployment_group("app", "hosts", vec![host]).expect("a group");
    let declared = pipeline([
        stage("Build", [build("Compile", "app")]),
        stage("Approve", [approval("Approve")]),
        stage(
            "Deploy",
            [
                deploy_to_s3("Publish", "site", "CompileOutput"),
                // One after the other: then every release makes the same calls.
                with(deploy_to_codedeploy("Release", "app", "hosts", "SourceOutput"), "runOrder", json!(2)),
            ],
        ),
    ]);
    shop.create(&declared).await.expect("a pipeline");
}

fn plans(calls: Calls) -> Vec<Plan> {
    let faults = [Fault::Throttle, Fault::LoseReply, Fault::CutRequest, Fault::CutReply];
    let writes = calls.into_iter().filter(|((_, action), _)| !is_read(action));
    let until = writes.flat_map(|((caller, action), count)| {
        // A call that does nothing is the same to everybody but to who stores bytes.
        let faults = if action == "s3:PutObject" { &faults[..] } else { &[Fault::LoseReply] };
        let place = move |nth| Place { caller: caller.clone(), action: action.clone(), nth };
        (0..count)
            .map(place)
            .flat_map(move |place| faults.iter().map(move |fault| Plan::Until(place.clone(), *fault)))
    });
    faults.into_iter().map(Plan::EveryThird).chain(until).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_bears_every_throttled_call_and_every_lost_or_broken_reply() {
    let mut first = Stage::open().await;
    let calls = first.release(None).await;
    let plans = plans(calls);
    assert!(plans.len() > 30, "a release makes more calls than that: {plans:#?}");
    let mut shares: Vec<Vec<Plan>> = vec![Vec::new(); SHOPS];
    for (index, plan) in plans.into_iter().enumerate() {
        shares[index % SHOPS].push(plan);
    }
    join_all(shares.into_iter().map(|share| {
        tokio::spawn(async move {
            let mut stage = Stage::open().await;
            for plan in share {
                stage.release(Some(plan)).await;
            }
        })
    }))
    .await
    .into_iter()
    .for_each(|share| share.expect("every release of the share succeeds"));
}
