//! The examples as a newcomer runs them, each in a copy of its own.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::process::{Ended, Running, command, pipewright};
use crate::shop::copy_tree;

/// A copy of an example in a project of its own.
struct Copy {
    project: TempDir,
    /// Of its directory.
    name: &'static str,
}

impl Copy {
    fn of(name: &'static str) -> Self {
        let project = tempfile::tempdir().expect("there is room");
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
        let copy = Self { project, name };
        copy_tree(&example, &copy.path(""));
        copy
    }

    fn path(&self, file: &str) -> PathBuf {
        self.project.path().join("examples").join(self.name).join(file)
    }

    fn run(&self, options: &[&str]) -> Ended {
        let mut run = command(self.path("run.sh"));
        run.args(options).env("PIPEWRIGHT", pipewright());
        Running::start(run, self.project.path().join("output.txt")).end()
    }

    fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.path(file);
        let text = fs::read_to_string(&path).expect("the file is there");
        assert!(text.contains(from), "{file} has no {from:?}");
        fs::write(path, text.replace(from, to)).expect("the file can be changed");
    }

    /// What the deployed program answers.
    fn deployed(&self, argument: &str) -> Option<String> {
        let program = self.project.path().join(".pipewright/quickstart/deployed/usr/local/bin/greeting");
        let output = command(program).arg(argument).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

#[test]
fn the_quickstart_builds_tests_deploys_and_greets() {
    let copy = Copy::of("quickstart");
    let first = copy.run(&["--approve"]);
    assert_eq!(first.status, Some(0), "{}", first.output);
    first.assert_says(&[
        "Add the greeting program",
        "Approve / Approve succeeded",
        "Hello, world!",
        "sha256:",
    ]);
    for action in ["Compile", "Lint", "Test", "Publish", "Install", "Smoke", "Greet"] {
        first.assert_says(&[&format!(" / {action} succeeded")]);
    }
    assert_eq!(copy.deployed("you").as_deref(), Some("Hello, you!"));
    let commit = variable(&first, "SourceVariables.CommitId");
    assert_eq!(copy.deployed("--version"), Some(format!("greeting 1.0.0 ({})", &commit[..8])));

    // A change that breaks the program's own tests goes no further than the build.
    copy.change("app/src/answer.rs", "format!(\"Hello, {}!\"", "format!(\"Hi, {}!\"");
    let broken = copy.run(&["--approve"]);
    assert_eq!(broken.status, Some(1), "{}", broken.output);
    broken.assert_says(&["Change the greeting program", "Build / Compile failed", "What to do"]);
    let (_, end) = broken.output.rsplit_once("Build / Compile failed").expect("it is told at the end");
    assert!(end.contains("test failed") && end.contains("Hi, world!"), "{end}");
    assert_eq!(copy.deployed("you").as_deref(), Some("Hello, you!"), "what was deployed stays");

    // A name that looks like a command is a name.
    copy.change("app/src/answer.rs", "format!(\"Hi, {}!\"", "format!(\"Hello, {}!\"");
    let mended = copy.run(&["--approve", "--var", "greeted=Ada; $(exit 3)"]);
    assert_eq!(mended.status, Some(0), "{}", mended.output);
    assert_eq!(variable(&mended, "GreetVariables.GREETING"), "Hello, Ada; $(exit 3)!");
    assert!(
        copy.project.path().join(".pipewright/quickstart/deployed/opt/greeting-previous/greeting").is_file()
    );
}

#[test]
fn the_example_with_conditions_skips_a_stage_and_takes_back_what_is_not_healthy() {
    let copy = Copy::of("conditions");
    let first = copy.run(&[]);
    assert_eq!(first.status, Some(0), "{}", first.output);
    first.assert_says(&["Deploy / rule OnlyProduction succeeded", "Deploy / rule Healthy succeeded"]);

    let skipping = copy.run(&["--var", "target=test"]);
    assert_eq!(skipping.status, Some(0), "{}", skipping.output);
    skipping.assert_says(&[
        "'test' is not equal to 'production'.",
        "Deploy is skipped",
        "Announce succeeded",
    ]);
    assert!(!skipping.output.contains("Publish started"), "{}", skipping.output);

    copy.change("app/index.html", "<h1>", "<h2>");
    let sick = copy.run(&[]);
    assert_eq!(sick.status, Some(1), "what was to be published is not: {}", sick.output);
    let (went_wrong, rolled_back) =
        sick.output.split_once("Deploy is rolled back to the execution").expect("it is told");
    assert!(went_wrong.contains("rule Healthy failed"), "{went_wrong}");
    assert!(rolled_back.contains("rule Healthy succeeded"), "{rolled_back}");
    assert!(rolled_back.contains("It is a rollback to the execution"), "{rolled_back}");
    assert!(!sick.output.contains("Announce started"), "{}", sick.output);
}

/// A line `name = value` of the summary.
fn variable(ended: &Ended, name: &str) -> String {
    let value = ended.output.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(" = "));
    value.unwrap_or_else(|| panic!("there is no variable {name} in\n{}", ended.output)).to_owned()
}
