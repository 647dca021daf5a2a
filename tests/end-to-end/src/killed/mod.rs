//! The service is killed again and again while people work with it. From outside, as they see it: nothing that
//! was acknowledged is lost, nothing was applied twice, and everything comes to an end.
//!
//! `PIPEWRIGHT_KILLS` says how often, 100 times unless it does.

mod history;
mod people;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::declare::{PIPELINE, approval, commands, stage};
use crate::served::Served;
use history::History;
use people::Person;

const PEOPLE: usize = 4;
const KILLS: usize = 100;
/// Everything is over by then: effects that a killed process left are delivered within a minute and a half.
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_is_applied_twice() {
    let mut served = Served::open();
    let diary = served.workplace.path().join("diary");
    create(&served, &diary.to_string_lossy());
    let over = Arc::new(AtomicBool::new(false));
    let people: Vec<_> = (0..PEOPLE).map(|number| Person::new(number, served.data(), over.clone())).collect();
    let people: Vec<_> = people.into_iter().map(|person| tokio::spawn(person.work())).collect();
    for _ in 0..kills() {
        // Mostly in the middle of something, now and then late enough for an approval to be reached.
        let longest = if rand::random_bool(0.25) { 3000 } else { 400 };
        let pause = rand::random_range(20..longest);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        tokio::task::block_in_place(|| {
            served.kill();
            served.start(&[]);
        });
    }
    over.store(true, Ordering::Relaxed);
    let mut history = History::default();
    for person in people {
        history.add(person.await.expect("nobody panics"));
    }
    let last = Person::new(PEOPLE, served.data(), over);
    tokio::time::timeout(PATIENCE, last.end_everything()).await.unwrap_or_else(|_| {
        let why = tokio::task::block_in_place(|| served.say(&["why", PIPELINE]).output);
        panic!("some execution does not end: {why}")
    });
    history.check(&last.everything().await, &std::fs::read_to_string(&diary).unwrap_or_default());
}

#[expect(clippy::disallowed_methods, reason = "how long the test goes on is for whoever starts it")]
fn kills() -> usize {
    std::env::var("PIPEWRIGHT_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

/// Every action that runs writes the id of its execution into the diary.
fn create(served: &Served, diary: &str) {
    let entry = format!("echo \"$PIPEWRIGHT_ACTION_EXECUTION_ID\" >> '{diary}'");
    let stages = [
        stage("Build", [commands("Compile", [&entry]), commands("Lint", [&entry])]),
        stage("Approve", [approval("Approve")]),
        stage("Deploy", [commands("Deploy", [&entry])]),
    ];
    let mut declared: Value = crate::declare::pipeline_from(crate::declare::git_source(), stages);
    declared["executionMode"] = json!("PARALLEL");
    served.workplace.write("pipeline.json", &declared.to_string());
    served.say(&["create", "pipeline.json"]).assert_status(0);
}
