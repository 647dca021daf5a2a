//! Commands that are named in messages, as they are to be typed: with the service that the user has chosen. Pure.

use std::path::Path;

/// What every command of a message needs so that it means the same service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Addressed {
    option: Option<String>,
}

impl Addressed {
    /// `data` as it was given with `--data`.
    pub fn to(data: Option<&Path>) -> Self {
        Self { option: data.map(|data| format!("--data {}", quoted(&data.display().to_string()))) }
    }

    /// `text` with the option behind each `pipewright <command>`.
    pub fn complete(&self, text: &str) -> String {
        let Some(option) = &self.option else { return text.to_owned() };
        let mut parts = text.split(PROGRAM);
        let mut complete = parts.next().unwrap_or_default().to_owned();
        for rest in parts {
            complete.push_str(PROGRAM);
            let end = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
            let (command, rest) = rest.split_at(end);
            complete.push_str(command);
            if !command.is_empty() {
                complete.push_str(&format!(" {option}"));
            }
            complete.push_str(rest);
        }
        complete
    }
}

const PROGRAM: &str = "pipewright ";

/// As a shell reads it back.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    match !path.is_empty() && path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_a_message_can_be_typed_as_it_stands() {
        for (data, text, expected) in [
            (None, "watch it: pipewright watch shop", "watch it: pipewright watch shop"),
            (Some("d"), "watch it: pipewright watch shop", "watch it: pipewright watch --data d shop"),
            (
                Some("d"),
                "`pipewright history`, or pipewright why",
                "`pipewright history --data d`, or pipewright why --data d",
            ),
            (Some("my data"), "pipewright up", "pipewright up --data 'my data'"),
            (Some("it's"), "pipewright up", r"pipewright up --data 'it'\''s'"),
            (
                Some("d"),
                "pipewright Pipewright pipewright's pipewright -x",
                "pipewright Pipewright pipewright's pipewright -x",
            ),
        ] {
            assert_eq!(Addressed::to(data.map(Path::new)).complete(text), expected);
        }
    }
}
