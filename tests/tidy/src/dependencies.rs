//! Which crate may know which: engine <- platform <- functions <- infra/local <- tests. A new edge is a
//! decision; it belongs into one of these tables, and into ARCHITECTURE.md when it crosses a layer.

use std::collections::BTreeSet;

use crate::crates::{Crate, compiled_with, crates, is_member, named};
use crate::repository::{nothing, rust_files};

/// A folder's crates may depend on these folders' crates, and on no others of ours. The first row that
/// fits a crate counts. `lambda` has the deployed binaries; nothing local needs it.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("shared/engine", &[]),
    ("shared/archive", &[]),
    ("shared/cbor", &[]),
    ("shared/git", &[]),
    ("shared/signature", &[]),
    ("shared/pipeline-file", &["shared/engine"]),
    ("shared/platform", &["shared/engine", "shared/archive"]),
    (
        "functions/",
        &[
            "shared/engine",
            "shared/archive",
            "shared/cbor",
            "shared/git",
            "shared/signature",
            "shared/platform",
        ],
    ),
    ("infra/lambda", &["functions/", "shared/platform"]),
    ("infra/client", &["shared/engine", "shared/pipeline-file", "shared/signature"]),
    ("infra/local-service", &[]),
    ("infra/local-process", &[]),
    ("infra/local-", &["infra/local-service", "infra/local-process", "shared/archive"]),
    (
        "infra/local",
        &[
            "infra/local-",
            "infra/client",
            "functions/",
            "shared/engine",
            "shared/archive",
            "shared/cbor",
            "shared/pipeline-file",
            "shared/signature",
            "shared/platform",
        ],
    ),
    ("tests/simulation", &["shared/engine"]),
    ("tests/tidy", &[]),
    ("tests/", &["infra/", "functions/", "shared/"]),
];

/// All that the engine may name. None of them draws a number or waits, and times are those they are given.
const ENGINE_MAY_NAME: &[&str] =
    &["serde", "serde_json", "regex", "fancy-regex", "croner", "jiff", "uuid", "sha2"];

/// What pure crates may not even be compiled with: these, and crates whose names go on with a hyphen. Not `log`: Cargo
/// tells of it where a feature of jiff only would have it, if somebody asked for it.
const NEVER_IN_PURE_CRATES: &[&str] =
    &["aws", "tokio", "tracing", "async", "futures", "rand", "chrono", "reqwest", "hyper", "rustls"];

/// Crates without clock, network and SDK.
const PURE: &[&str] = &["engine", "archive", "cbor", "pipeline-file", "signature"];

/// An action's function may name the SDK of its own provider, whose request types it fills in. Clients
/// come from platform all the same. The commands are a client of the API like any other.
const SDK_OF_ITS_PROVIDER: &[(&str, &str)] = &[
    ("source-s3", "aws-sdk-s3"),
    ("deploy-s3", "aws-sdk-s3"),
    ("deploy-codedeploy", "aws-sdk-codedeploy"),
    ("client", "aws-sdk-codepipeline"),
    ("client", "aws-sdk-codebuild"),
    ("client", "aws-sdk-cloudwatchlogs"),
];

fn known(member: &Crate) -> impl Iterator<Item = &'static Crate> {
    let names: BTreeSet<_> = member.dependencies.union(&member.dev_dependencies).cloned().collect();
    names.into_iter().filter(|name| is_member(name)).map(|name| named(&name))
}

#[test]
fn crates_know_only_what_is_below_them() {
    let mut findings = Vec::new();
    for member in crates() {
        let row = MAY_KNOW.iter().find(|(folder, _)| member.folder.starts_with(folder));
        let Some((_, allowed)) = row else {
            findings.push(format!("{} is in no layer: give it a row in MAY_KNOW", member.folder));
            continue;
        };
        let refused = known(member).filter(|known| !allowed.iter().any(|a| known.folder.starts_with(a)));
        findings.extend(refused.map(|known| format!("{} depends on {}", member.folder, known.folder)));
    }
    nothing(findings, "Dependencies point from the edges to the engine, and never sideways.");
}

#[test]
fn the_engine_names_only_crates_of_a_closed_list() {
    let named = named("engine").dependencies.iter().filter(|name| !ENGINE_MAY_NAME.contains(&name.as_str()));
    nothing(named.cloned().collect(), "The engine is pure; what it needs else is an argument or an effect.");
}

#[test]
fn pure_crates_bring_no_sdk_no_runtime_and_no_randomness() {
    let mut findings = Vec::new();
    for name in PURE {
        for brought in compiled_with(name) {
            if NEVER_IN_PURE_CRATES.contains(&brought.split('-').next().unwrap_or_default()) {
                findings.push(format!("{name} is compiled with {brought}"));
            }
        }
    }
    nothing(findings, "Pure crates compile in seconds and are tested without a world around them.");
}

#[test]
fn only_platform_names_an_aws_sdk_but_for_a_function_that_of_its_provider() {
    let mut findings = Vec::new();
    for member in crates().iter().filter(|member| !member.folder.starts_with("tests/")) {
        for sdk in member.dependencies.iter().filter(|name| name.starts_with("aws-sdk-")) {
            let is_allowed = member.name == "platform"
                || SDK_OF_ITS_PROVIDER.contains(&(member.name.as_str(), sdk.as_str()));
            if !is_allowed {
                findings.push(format!("{} depends on {sdk}", member.folder));
            }
        }
    }
    let is_stale = |row: &&(&str, &str)| !named(row.0).dependencies.contains(row.1);
    let stale = SDK_OF_ITS_PROVIDER.iter().filter(is_stale);
    findings.extend(stale.map(|(name, sdk)| format!("{name} does not depend on {sdk} any more")));
    nothing(findings, "AWS is reached through platform, so that there is one place to answer for it.");
}

#[test]
fn functions_make_no_client_of_their_own() {
    let mut findings = Vec::new();
    for file in rust_files().filter(|file| file.path.starts_with("functions/")) {
        let code = &file.rust().code;
        let made = ["Client::new", "Client::from_conf", "aws_config"].into_iter();
        findings.extend(made.filter(|made| code.contains(made)).map(|made| format!("{}: {made}", file.path)));
    }
    nothing(
        findings,
        "Clients come with the Platform that a function is given, so it does not know where it runs.",
    );
}

#[test]
fn the_local_binary_is_built_without_the_lambda_runtime() {
    let compiled = compiled_with("local");
    assert!(compiled.contains("platform"), "the local binary is read: {compiled:?}");
    let runtime = ["lambda", "lambda_runtime"].into_iter().filter(|name| compiled.contains(*name));
    let findings = runtime.map(|name| format!("local is compiled with {name}"));
    nothing(findings.collect(), "A function is a library; its deployed binary is in infra/lambda.");
}
