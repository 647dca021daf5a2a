//! The `pipewright` binary as people start it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::declare::{CONNECTION, commands, git_source, pipeline_from, stage};
use crate::gate::Gate;

/// In steps of [`LOOK`]: a minute.
const LOOKS: usize = 3000;
const LOOK: Duration = Duration::from_millis(20);

#[expect(clippy::disallowed_methods, reason = "the place where scenarios start processes")]
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(program)
}

/// The binary, made from the sources as they are now.
pub fn pipewright() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let build = ["build", "--quiet", "--package", "local", "--bin", "pipewright"];
        let built = command(env!("CARGO")).args(build).current_dir(env!("CARGO_MANIFEST_DIR")).status();
        assert!(built.expect("cargo starts").success(), "the binary cannot be built");
        // A test is in <target>/<profile>/deps.
        let test = std::env::current_exe().expect("the test is a file");
        let profile = test.ancestors().nth(2).expect("a test is in a folder of its profile");
        profile.join("pipewright")
    })
}

pub struct Ended {
    /// The exit status; `None` after a signal.
    pub status: Option<i32>,
    /// What was printed, standard output and standard error.
    pub output: String,
}

impl Ended {
    pub fn assert_says(&self, expected: &[&str]) {
        for text in expected {
            assert!(self.output.contains(text), "there is no {text:?} in\n{}", self.output);
        }
    }
}

/// A process that runs; killed when it is dropped.
pub struct Running {
    child: Child,
    output: PathBuf,
}

impl Running {
    /// Starts `command` without a terminal.
    pub fn start(mut command: Command, output: PathBuf) -> Self {
        let file = File::create(&output).expect("a file for the output");
        let copy = file.try_clone().expect("a second handle");
        let child = command.stdin(Stdio::null()).stdout(file).stderr(copy).spawn();
        Self { child: child.expect("the process starts"), output }
    }

    /// Of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn output(&self) -> String {
        fs::read_to_string(&self.output).expect("the output can be read")
    }

    pub fn until_it_says(&mut self, text: &str) {
        self.until(text, |output| output.contains(text));
    }

    pub fn until(&mut self, what: &str, is_so: impl Fn(&str) -> bool) {
        for _ in 0..LOOKS {
            if is_so(&self.output()) {
                return;
            }
            let ended = self.child.try_wait().expect("it is our child");
            assert!(ended.is_none() || is_so(&self.output()), "it ended before {what}:\n{}", self.output());
            sleep(LOOK);
        }
        panic!("waited too long for {what}:\n{}", self.output());
    }

    /// `INT` is what Ctrl-C sends.
    pub fn signal(&self, signal: &str) {
        let sent = command("kill").args(["-s", signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill starts").success());
    }

    pub fn end(mut self) -> Ended {
        for _ in 0..LOOKS {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return Ended { status: status.code(), output: self.output() };
            }
            sleep(LOOK);
        }
        panic!("waited too long for the end:\n{}", self.output());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, or it shall now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory with a pipeline file, its resources and a working tree `app`.
pub struct Workplace {
    place: TempDir,
}

impl Workplace {
    /// With a pipeline of these stages behind its source.
    pub fn with(stages: impl IntoIterator<Item = Value>) -> Self {
        let place = tempfile::tempdir().expect("there is room");
        let workplace = Self { place };
        workplace.write("app/hello.txt", "hello\n");
        let resources = json!({ "connections": [{ "arn": CONNECTION, "url": "{FullRepositoryId}" }] });
        workplace.write("local-resources.yaml", &resources.to_string());
        workplace.declare(stages);
        workplace
    }

    pub fn declare(&self, stages: impl IntoIterator<Item = Value>) {
        self.write("pipeline.json", &json!({ "pipeline": pipeline_from(git_source(), stages) }).to_string());
    }

    pub fn path(&self) -> &Path {
        self.place.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("it is in a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// `pipewright run pipeline.json` on the working tree.
    pub fn start(&self, name: &str, options: &[&str]) -> Running {
        let mut run = command(pipewright());
        run.current_dir(self.path()).args(["run", "pipeline.json"]);
        run.args(["--data", "data", "--source", "Source=app"]).args(options);
        Running::start(run, self.path().join(format!("{name}.txt")))
    }

    pub fn run(&self, options: &[&str]) -> Ended {
        self.start("run", options).end()
    }
}

/// A run whose build waits at a gate, with a stage behind it.
pub fn run_at_its_gate() -> (Workplace, Gate, Running) {
    let workplace = Workplace::with([]);
    let gate = Gate::new(workplace.path(), "build");
    let deploy = stage("Deploy", [commands("Deploy", ["echo out"])]);
    workplace.declare([stage("Build", [commands("Compile", [gate.wait()])]), deploy]);
    let mut run = workplace.start("first", &[]);
    run.until("the build at its gate", |_| gate.arrivals() == 1);
    (workplace, gate, run)
}
