//! Builds in a real sandbox. The helper is this test program, run a second time.

use local_process::{Network, enter_sandbox};

use super::ground::{Ended, Ground};
use crate::SandboxSettings;

const MARK: &str = "sandbox-arguments";

#[test]
#[ignore = "the second process of the builds in a sandbox"]
fn helper() {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != MARK);
    if arguments.next().is_some() {
        panic!("{}", enter_sandbox(arguments).unwrap_err());
    }
}

fn ground(network: Network) -> Ground {
    let arguments = ["--ignored", "--exact", "--nocapture", "tests::sandbox::helper", "--", MARK];
    Ground::with(|settings| {
        settings.sandbox = Some(SandboxSettings {
            helper: std::env::current_exe().unwrap(),
            helper_arguments: arguments.map(Into::into).to_vec(),
            readable: Vec::new(),
            network,
        });
    })
}

/// What the commands printed, without what the test program says before it becomes a command.
fn output(ended: &Ended) -> Vec<&str> {
    let lines = ended.output().into_iter();
    lines.filter(|line| !line.is_empty() && !line.starts_with("running 1 test")).collect()
}

#[tokio::test]
async fn a_build_works_in_its_own_directories_and_sees_no_others() {
    let ground = ground(Network::None);
    let data = ground.directory.path().display().to_string();
    let buildspec = format!(
        r#"
version: 0.2
env: {{exported-variables: [KEPT]}}
phases:
  build:
    commands:
      - echo a > "$HOME/a"; echo b > "$TMPDIR/b"; mkdir out; echo c > out/c; export KEPT=kept
      - cat "$HOME/a" "$TMPDIR/b" out/c; echo $KEPT; (sleep 300 &)
      - cat {data}/projects/demo.json 2>/dev/null || echo unreadable
      - (echo x > {data}/x) 2>/dev/null || echo unwritable
      - tail -n +3 /proc/net/dev | cut -d ':' -f 1 | tr -d ' '
      - exit 5
"#
    );
    let ended = ground.run(&buildspec).await;
    assert_eq!(
        output(&ended),
        ["a", "b", "c", "kept", "unreadable", "unwritable", "lo"],
        "{}{}",
        ended.context(),
        ended.log
    );
    assert_eq!(ended.exported("KEPT"), Some("kept"));
    assert!(ended.context().ends_with("Reason: exit status 5"), "{}", ended.context());
    ground.no_work_directories().await;
}
