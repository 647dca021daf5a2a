//! Real sandboxes of this kernel. The helper is this test program, run a second time.

use std::path::Path;

use super::{Network, Sandbox, enter_sandbox};
use crate::{Command, Log, Outcome, Stop, run};

const MARK: &str = "sandbox-arguments";

#[test]
#[ignore = "the second process of the tests of the sandbox"]
fn helper() {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != MARK);
    if arguments.next().is_some() {
        panic!("{}", enter_sandbox(arguments).unwrap_err());
    }
}

fn sandbox(directory: &Path, network: Network) -> Sandbox {
    let helper_arguments = ["--ignored", "--exact", "--nocapture", "sandbox::tests::helper", "--", MARK];
    Sandbox {
        helper: std::env::current_exe().unwrap(),
        helper_arguments: helper_arguments.map(Into::into).to_vec(),
        readable: Vec::new(),
        writable: vec![directory.to_owned()],
        network,
    }
}

/// What `script` printed in the sandbox, and how it ended.
async fn printed(script: &str, directory: &Path, network: Network) -> (Vec<String>, Outcome) {
    let sandbox = sandbox(directory, network);
    sandbox.check().unwrap();
    let log = Log::open(directory.join("log"), 100_000).unwrap();
    let command = Command::shell_script(script, directory).variable("PATH", "/usr/sbin:/usr/bin:/bin");
    let outcome = run(&sandbox.wrap(command), &log, &Stop::new()).await.unwrap();
    let text = std::fs::read_to_string(log.path()).unwrap();
    // The test program says that it runs a test before it becomes the command.
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("running "));
    (lines.map(str::to_owned).collect(), outcome)
}

#[tokio::test]
async fn only_the_named_folder_can_be_written_and_the_home_cannot_be_read() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    let inside = tempfile::tempdir().unwrap();
    let script = format!(
        "echo written > here && cat here; ls /usr > /dev/null && echo system\n\
         cat {0}/secret 2>/dev/null || echo unreadable; (echo x > {0}/new) 2>/dev/null || echo unwritable\n\
         ls {0} >/dev/null 2>&1 || echo unlisted; (: > /etc/pipewright-was-here) 2>/dev/null || echo system unwritable\n\
         rm -f {0}/secret 2>/dev/null; mv here {0}/moved 2>/dev/null || echo unmoved",
        outside.path().display()
    );
    let (lines, outcome) = printed(&script, inside.path(), Network::OfHost).await;
    let expected =
        ["written", "system", "unreadable", "unwritable", "unlisted", "system unwritable", "unmoved"];
    assert_eq!(lines, expected);
    assert_eq!(outcome, Outcome::Exited(0));
    assert!(outside.path().join("secret").exists());
}

#[tokio::test]
async fn processes_outside_cannot_be_signalled() {
    let inside = tempfile::tempdir().unwrap();
    let script = format!("kill -s TERM {} 2>/dev/null || echo refused", std::process::id());
    assert_eq!(printed(&script, inside.path(), Network::OfHost).await.0, ["refused"]);
}

#[tokio::test]
async fn without_network_only_the_own_loopback_is_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let inside = tempfile::tempdir().unwrap();
    let script = format!(
        "bash -c ': < /dev/tcp/127.0.0.1/{port}' 2>/dev/null && echo reached || echo unreached\n\
         tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '"
    );
    assert_eq!(printed(&script, inside.path(), Network::None).await.0, ["unreached", "lo"]);
    let inside = tempfile::tempdir().unwrap();
    assert_eq!(printed(&script, inside.path(), Network::OfHost).await.0[0], "reached");
}

#[tokio::test]
async fn a_command_that_is_not_there_says_so_and_arguments_arrive_as_they_are() {
    let inside = tempfile::tempdir().unwrap();
    let (lines, outcome) =
        printed("printf '%s\\n' \"$0\" '--read' ' a  b '; exit 7", inside.path(), Network::None).await;
    assert_eq!(lines, ["/bin/sh", "--read", " a  b "]);
    assert_eq!(outcome, Outcome::Exited(7));
}
