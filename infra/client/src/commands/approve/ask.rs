//! The question, and the comment that goes with its answer.

use super::{Answer, Arguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::is_yes;

/// The comment of an answer that is meant: by `--yes`, or by a yes on the terminal with or without a comment.
pub(super) async fn comment(
    answer: Answer,
    arguments: &Arguments,
    session: &Session,
) -> Result<String, Failure> {
    let given = arguments.comment.clone().unwrap_or_default();
    if arguments.yes {
        return Ok(given);
    }
    if !session.terminal.can_ask {
        return Err(Failure::usage("nobody can be asked: there is no terminal")
            .help("look at what is answered, then give --yes"));
    }
    let question = format!("{} [y/N, then a comment if you like] ", answer.question());
    let typed = session.terminal.ask(&question).await.unwrap_or_default();
    match read(&typed) {
        Some(comment) if comment.is_empty() => Ok(given),
        Some(comment) => Ok(comment),
        None => Err(Failure::new(Exit::Failed, "nothing was answered: what you typed was not yes")),
    }
}

/// `y`, or `yes looks right`; the comment, if it begins with a yes.
fn read(line: &str) -> Option<String> {
    let line = line.trim();
    let (word, comment) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    is_yes(word).then(|| comment.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_answers() {
        for (line, comment) in [
            ("y\n", Some("")),
            ("YES looks right\n", Some("looks right")),
            ("n not today\n", None),
            ("\n", None),
            ("yesterday\n", None),
            ("", None),
        ] {
            assert_eq!(read(line).as_deref(), comment, "{line:?}");
        }
    }
}
