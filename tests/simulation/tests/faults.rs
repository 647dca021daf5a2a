//! Thousands of seeds, each a pipeline with users and faults; see the crate's header for how to repeat one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use test_simulation::{Outcome, Seen, Tracing, run};

/// Seeds that once failed.
const KNOWN_SEEDS: &str = include_str!("../seeds.txt");

const RUNS: u64 = 5_000;

#[expect(clippy::disallowed_methods, reason = "the variables are how a person repeats a run")]
fn variable(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number, not {value}")))
}

fn known_seeds() -> Vec<u64> {
    let lines = KNOWN_SEEDS.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines
        .filter(|line| !line.is_empty())
        .map(|line| line.parse().unwrap_or_else(|_| panic!("not a seed: {line}")))
        .collect()
}

fn explain(seed: u64, outcome: &Outcome) -> Option<String> {
    let violation = outcome.result.as_ref().err()?;
    Some(format!(
        "{violation}\n  PIPEWRIGHT_SIM_SEED={seed} cargo test -p test-simulation --test faults -- --nocapture"
    ))
}

/// The first failure of each invariant.
fn one_of_each(failures: &[String]) -> Vec<String> {
    let mut by_invariant = std::collections::BTreeMap::<&str, (usize, &String)>::new();
    for failure in failures {
        let invariant = failure.split(':').next().unwrap_or_default();
        by_invariant.entry(invariant).or_insert((0, failure)).0 += 1;
    }
    by_invariant.into_values().map(|(count, first)| format!("{count} times {first}")).collect()
}

/// Plays the seeds on all processors; gives what was seen, the number of events, and the failures.
fn play(seeds: &[u64]) -> (Seen, usize, Vec<String>) {
    let next = AtomicU64::new(0);
    let work = || {
        let (mut seen, mut events, mut failures) = (Seen::default(), 0, Vec::new());
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
            let outcome = run(*seed, Tracing::DigestOnly);
            seen.add(outcome.seen);
            events += outcome.events;
            failures.extend(explain(*seed, &outcome));
        }
        (seen, events, failures)
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let results = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Vec<_>>()
    });
    let mut total = (Seen::default(), 0, Vec::new());
    for (seen, events, failures) in results {
        total.0.add(seen);
        total.1 += events;
        total.2.extend(failures);
    }
    total
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the time that the runs take is told to whoever waits for them"
)]
fn every_invariant_holds_on_every_seed_and_every_rare_path_is_seen() {
    if let Some(seed) = variable("PIPEWRIGHT_SIM_SEED") {
        let outcome = run(seed, Tracing::Lines);
        println!("{}", outcome.lines.join("\n"));
        assert!(outcome.result.is_ok(), "{}", explain(seed, &outcome).unwrap_or_default());
        return;
    }
    let begin = std::time::Instant::now();
    let runs = variable("PIPEWRIGHT_SIM_RUNS").unwrap_or(RUNS);
    let seeds: Vec<_> = known_seeds().into_iter().chain(0..runs).collect();
    let (seen, events, failures) = play(&seeds);
    println!("{} runs, {events} events, {:.1?}", seeds.len(), begin.elapsed());
    let shown = one_of_each(&failures).join("\n");
    assert!(failures.is_empty(), "{} of {} runs failed:\n{shown}", failures.len(), seeds.len());
    assert!(seen.missing().is_empty(), "never seen in {} runs: {:?}", seeds.len(), seen.missing());
}

#[test]
fn a_seed_gives_the_same_trace_again_and_another_seed_another_one() {
    for seed in 0..20 {
        let (first, again) = (run(seed, Tracing::Lines), run(seed, Tracing::Lines));
        assert_eq!((first.digest, &first.lines), (again.digest, &again.lines), "seed {seed}");
        assert_ne!(first.digest, run(seed + 1, Tracing::DigestOnly).digest, "seed {seed}");
    }
}
