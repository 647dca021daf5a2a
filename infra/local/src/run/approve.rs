//! Answering approvals: by asking on the terminal, or by `--approve`.

use std::io::{BufRead, Write};

use serde_json::json;

use super::prepare::{CALLER, Started};
use super::view::ActionView;
use crate::LocalStack;

/// What the person at the terminal said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub approved: bool,
    pub comment: String,
}

/// Asks; anything but a yes is a no. Ends when the person presses Enter.
#[expect(clippy::print_stderr, reason = "a question on the terminal")]
pub(super) fn ask(action: &ActionView) -> Answer {
    eprint!("\n  {} / {} needs an approval.\n", action.stage, action.name);
    for (label, text) in [("", &action.summary), ("see ", &action.url)] {
        if let Some(text) = text {
            eprintln!("  {label}{text}");
        }
    }
    eprint!("  Approve? [y/N, then a comment if you like] ");
    let _ = std::io::stderr().flush();
    let mut line = String::new();
    let _ = std::io::stdin().lock().read_line(&mut line);
    read(&line)
}

/// `y`, `yes looks right`, `n not today`.
fn read(line: &str) -> Answer {
    let line = line.trim();
    let (word, comment) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let approved = matches!(word.to_lowercase().as_str(), "y" | "yes");
    let comment = if comment.trim().is_empty() { "answered on the terminal" } else { comment.trim() };
    Answer { approved, comment: comment.to_owned() }
}

/// Gives the answer; a refused one is told, and the approval goes on waiting.
pub(super) async fn answer(
    stack: &LocalStack,
    started: &Started,
    action: &ActionView,
    answer: &Answer,
) -> Result<(), String> {
    let input = json!({
        "pipelineName": started.pipeline_name,
        "stageName": action.stage,
        "actionName": action.name,
        "token": action.external_id,
        "result": {
            "status": if answer.approved { "Approved" } else { "Rejected" },
            "summary": answer.comment,
        },
    });
    stack.call("PutApprovalResult", input, CALLER).await.map(|_| ()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_approves() {
        for (line, approved, comment) in [
            ("y\n", true, "answered on the terminal"),
            ("YES looks right\n", true, "looks right"),
            ("n not today\n", false, "not today"),
            ("\n", false, "answered on the terminal"),
            ("yesterday\n", false, "answered on the terminal"),
            ("", false, "answered on the terminal"),
        ] {
            assert_eq!(read(line), Answer { approved, comment: comment.to_owned() }, "{line:?}");
        }
    }
}
