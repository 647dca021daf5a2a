//! Real processes of the host, and what they may do to whoever runs them.

use std::time::{Duration, Instant};

use crate::{Command, Log, Mask, Outcome, Output, Session, Stop, StopReason, marked_processes, run};

struct Ground {
    directory: tempfile::TempDir,
    log: Log,
}

impl Ground {
    fn new() -> Self {
        Self::with_limit(1_000_000)
    }

    fn with_limit(limit_bytes: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = Log::open(directory.path().join("log"), limit_bytes).unwrap();
        Self { directory, log }
    }

    fn script(&self, text: &str) -> Command {
        Command::shell_script(text, self.directory.path()).variable("PATH", "/usr/bin:/bin")
    }

    async fn run(&self, command: Command) -> Outcome {
        run(&command, &self.log, &Stop::new()).await.unwrap()
    }

    fn logged(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    /// Ends when a process that wrote its number to the file `name` is gone.
    async fn gone(&self, name: &str) {
        let pid = std::fs::read_to_string(self.directory.path().join(name)).unwrap();
        let status = format!("/proc/{}/stat", pid.trim());
        let is_alive = || std::fs::read_to_string(&status).is_ok_and(|stat| !stat.contains(") Z "));
        let deadline = now() + Duration::from_secs(5);
        while is_alive() {
            assert!(now() < deadline, "process {pid} is still alive");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn file_appears(&self, name: &str) {
        while !self.directory.path().join(name).exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test measures")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn the_result_tells_exit_code_and_signal() {
    let cases = [
        ("exit 0", Outcome::Exited(0)),
        ("exit 7", Outcome::Exited(7)),
        ("no-such-program", Outcome::Exited(127)),
        ("kill -s KILL $$", Outcome::Signaled(9)),
    ];
    for (script, expected) in cases {
        let ground = Ground::new();
        assert_eq!(ground.run(ground.script(script)).await, expected, "{script}");
    }
}

#[tokio::test]
async fn both_streams_arrive_in_order_or_labelled() {
    let script = "echo one; echo two >&2; printf three";
    let ground = Ground::new();
    ground.run(ground.script(script)).await;
    assert_eq!(ground.logged(), "one\ntwo\nthree\n");

    let ground = Ground::new();
    let output = Output::Labelled { stdout: "[stdout]".into(), stderr: "[stderr]".into() };
    ground.run(ground.script(script).output(output)).await;
    let mut lines: Vec<String> = ground.logged().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["[stderr]two", "[stdout]one", "[stdout]three"]);
}

#[tokio::test]
async fn the_environment_is_what_was_given_and_input_is_empty() {
    let ground = Ground::new();
    let command = Command::new("/usr/bin/env", ground.directory.path()).variable("ONLY", "a b $(c)");
    ground.run(command).await;
    ground.run(ground.script("cat; echo read")).await;
    assert_eq!(ground.logged(), "ONLY=a b $(c)\nread\n");
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let ground = Ground::new();
    let missing = ground.directory.path().join("missing");
    let no_program = run(&Command::new(&missing, "/"), &ground.log, &Stop::new()).await.unwrap_err();
    assert!(no_program.to_string().ends_with("missing: No such file or directory (os error 2)"));
    let no_directory = run(&Command::new("/bin/sh", &missing), &ground.log, &Stop::new()).await.unwrap_err();
    assert!(no_directory.to_string().starts_with("cannot start /bin/sh: there is no directory /"));
}

#[tokio::test]
async fn a_torrent_of_output_is_read_to_its_end_and_cut_in_the_log() {
    let ground = Ground::with_limit(100_000);
    let outcome =
        ground.run(ground.script("head -c 200000000 /dev/zero | tr '\\0' 'x'; echo; echo end")).await;
    assert_eq!(outcome, Outcome::Exited(0));
    let logged = ground.logged();
    assert!(logged.len() < 101_000, "{}", logged.len());
    assert!(logged.ends_with("[The log was cut here: its limit is 100000 bytes]\n"));
}

#[tokio::test]
async fn invalid_utf_8_is_shown_as_replacement_characters() {
    let ground = Ground::new();
    ground.run(ground.script("printf 'a\\377b\\n'")).await;
    assert_eq!(ground.logged(), "a\u{fffd}b\n");
}

#[tokio::test]
async fn a_background_child_with_the_pipe_open_holds_nobody_up_and_keeps_running() {
    let ground = Ground::new();
    let script = "(until [ -e go ]; do sleep 0.01; done; echo late; sleep 0.1; touch survived) & echo early";
    assert_eq!(ground.run(ground.script(script)).await, Outcome::Exited(0));
    assert_eq!(ground.logged(), "early\n");
    std::fs::write(ground.directory.path().join("go"), "").unwrap();
    ground.file_appears("survived").await;
    assert_eq!(ground.logged(), "early\nlate\n");
}

#[tokio::test]
async fn a_timeout_ends_the_whole_group_even_if_it_ignores_sigterm() {
    let ground = Ground::new();
    let script = "trap '' TERM; (trap '' TERM; sleep 60) & echo $! > child; sleep 60";
    let command = ground.script(script).timeout(Duration::from_millis(100)).grace(Duration::from_millis(100));
    let before = now();
    assert_eq!(ground.run(command).await, Outcome::TimedOut);
    assert!(now() - before < Duration::from_secs(10));
    ground.gone("child").await;
}

#[tokio::test]
async fn a_stopped_command_may_clean_up_within_its_grace_period() {
    let ground = Ground::new();
    let script =
        "trap 'echo cleaning; sleep 0.1; echo clean; exit 3' TERM; touch ready; while :; do sleep 0.01; done";
    let stop = Stop::new();
    let command = ground.script(script);
    let (outcome, ()) = tokio::join!(run(&command, &ground.log, &stop), async {
        ground.file_appears("ready").await;
        stop.request(StopReason::Cancelled);
    });
    assert_eq!(outcome.unwrap(), Outcome::Cancelled);
    assert!(ground.logged().ends_with("cleaning\nclean\n"), "{}", ground.logged());
}

#[tokio::test]
async fn dropping_the_future_kills_the_group() {
    let ground = Ground::new();
    let command = ground.script("sleep 60 & echo $! > child.new; mv child.new child; wait");
    let stop = Stop::new();
    tokio::select! {
        _ = run(&command, &ground.log, &stop) => panic!("it sleeps"),
        () = ground.file_appears("child") => {}
    }
    ground.gone("child").await;
}

#[tokio::test]
async fn a_session_keeps_background_processes_until_its_end() {
    let ground = Ground::new();
    let mut session = Session::new();
    let server = ground.script("(echo serving; exec sleep 60) & echo $! > server");
    assert_eq!(session.run(&server, &ground.log, &Stop::new()).await.unwrap(), Outcome::Exited(0));
    let check = ground.script("kill -0 $(cat server)");
    assert_eq!(session.run(&check, &ground.log, &Stop::new()).await.unwrap(), Outcome::Exited(0));
    while ground.logged().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    session.end().await;
    ground.gone("server").await;
    assert_eq!(ground.logged(), "serving\n");
}

#[tokio::test]
async fn a_long_session_keeps_no_descriptors() {
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let ground = Ground::new();
    let mut session = Session::new();
    let before = descriptors();
    for _ in 0..100 {
        session.run(&ground.script(":"), &ground.log, &Stop::new()).await.unwrap();
    }
    // Other tests have some, too.
    assert!(descriptors() < before + 60, "{} descriptors", descriptors());
}

#[tokio::test]
async fn a_command_that_waits_for_a_process_of_another_group_can_be_stopped() {
    let ground = Ground::new();
    let mut session = Session::new();
    let command = ground.script("setsid sleep 5; echo never").variable("MARK", "waits-for-another-group");
    let command = command.timeout(Duration::from_millis(300)).grace(Duration::from_millis(100));
    let ended = session.run(&command, &ground.log, &Stop::new()).await.unwrap();
    assert_eq!(ended, Outcome::TimedOut);
    session.end().await;
    let left = marked_processes("MARK", |value| value == "waits-for-another-group");
    assert!(left.iter().all(|process| process.kill("MARK")), "{left:?}");
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn a_dropped_session_takes_its_processes_with_it() {
    let ground = Ground::new();
    let mut session = Session::new();
    let server = ground.script("sleep 60 & echo $! > server");
    session.run(&server, &ground.log, &Stop::new()).await.unwrap();
    drop(session);
    ground.gone("server").await;
}

const OWNER_MARK: &str = "directory-of-the-owner";

/// Runs until somebody kills it.
#[tokio::test]
#[ignore = "the second process of what_runs_ends_with_a_process_that_is_killed"]
async fn owner_of_processes() {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != OWNER_MARK);
    let Some(directory) = arguments.nth(1) else { return };
    let log = Log::open(std::path::Path::new(&directory).join("log"), 1000).unwrap();
    let mut session = Session::new();
    let command = |script: &str| Command::shell_script(script, &directory).variable("PATH", "/usr/bin:/bin");
    session.run(&command("sleep 60 & echo $! > background"), &log, &Stop::new()).await.unwrap();
    let foreground = command("trap '' TERM HUP; echo $$ > child.new; mv child.new child; sleep 60");
    session.run(&foreground, &log, &Stop::new()).await.unwrap();
}

#[tokio::test]
async fn what_runs_ends_with_a_process_that_is_killed() {
    let ground = Ground::new();
    #[expect(clippy::disallowed_methods, reason = "a test kills another process")]
    let mut owner = std::process::Command::new(std::env::current_exe().unwrap());
    let arguments = ["--ignored", "--exact", "tests::owner_of_processes", "--", OWNER_MARK];
    let mut owner = owner.args(arguments).arg(ground.directory.path()).spawn().unwrap();
    ground.file_appears("child").await;
    owner.kill().unwrap();
    owner.wait().unwrap();
    ground.gone("child").await;
    ground.gone("background").await;
}

#[tokio::test]
async fn processes_are_found_by_their_environment_wherever_they_went() {
    let ground = Ground::new();
    let mark = ground.directory.path().to_str().unwrap().to_owned();
    let mut session = Session::new();
    let daemon = ground.script("setsid sh -c 'echo $$ > daemon.new; mv daemon.new daemon; exec sleep 60' &");
    session.run(&daemon.variable("MARK", &mark), &ground.log, &Stop::new()).await.unwrap();
    ground.file_appears("daemon").await;
    let pid = std::fs::read_to_string(ground.directory.path().join("daemon")).unwrap();
    let name = format!("/proc/{}/comm", pid.trim());
    while std::fs::read_to_string(&name).unwrap() != "sleep\n" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(session.end().await, "the daemon holds the output open");
    let found = marked_processes("MARK", |value| value == mark);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].command_line, "sleep 60");
    assert!(found[0].kill("MARK"));
    ground.gone("daemon").await;
    assert!(!found[0].kill("MARK"));
}

#[tokio::test]
async fn what_is_hidden_reaches_neither_the_output_nor_the_notes() {
    let ground = Ground::new();
    assert!(ground.log.hide(Mask::new(["hunter2-hunter2"])));
    ground.log.note("the command is: echo hunter2-hunter2");
    let script = "printf hunter2-; sleep 0.05; printf 'hunter2 '; printf hunter2-hunter2 | base64";
    ground.run(ground.script(script)).await;
    assert_eq!(ground.logged(), "the command is: echo ***\n*** ***\n");
}

#[tokio::test]
async fn a_writer_in_a_pipeline_ends_with_its_reader() {
    let ground = Ground::new();
    assert_eq!(ground.run(ground.script("yes | head -n 1")).await, Outcome::Exited(0));
    assert_eq!(ground.logged(), "y\n");
}

#[tokio::test]
async fn trivial_commands_start_fast() {
    let ground = Ground::new();
    let mut session = Session::new();
    let command = ground.script(":");
    let before = now();
    for _ in 0..100 {
        session.run(&command, &ground.log, &Stop::new()).await.unwrap();
    }
    let each = (now() - before) / 100;
    println!("one command takes {each:?}");
    assert!(each < Duration::from_millis(20), "{each:?}");
}
