//! What the program says to its arguments.

const USAGE: &str = "usage: greeting NAME | greeting --version";

/// The commit that this was built from, when the build said so.
const COMMIT: Option<&str> = option_env!("COMMIT_ID");

#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// To standard output, with exit status 0.
    Print(String),
    /// To standard error, with exit status 2.
    Refuse(String),
}

pub fn answer(arguments: &[String]) -> Answer {
    match arguments {
        [flag] if flag == "--version" => Answer::Print(version(COMMIT)),
        [name] if is_name(name) => Answer::Print(format!("Hello, {}!", name.trim())),
        [name] => Answer::Refuse(format!("{name:?} is no name\n{USAGE}")),
        _ => Answer::Refuse(USAGE.to_owned()),
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && !text.starts_with('-') && !text.contains(char::is_control)
}

fn version(commit: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match commit.and_then(|commit| commit.get(..8)) {
        Some(commit) => format!("greeting {version} ({commit})"),
        None => format!("greeting {version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(arguments: &[&str]) -> Answer {
        let arguments: Vec<String> = arguments.iter().map(|text| text.to_string()).collect();
        answer(&arguments)
    }

    #[test]
    fn a_name_is_greeted() {
        for (name, expected) in [
            ("world", "Hello, world!"),
            ("Ada Lovelace", "Hello, Ada Lovelace!"),
            (" Zoë ", "Hello, Zoë!"),
            ("$(whoami)", "Hello, $(whoami)!"),
        ] {
            assert_eq!(asked(&[name]), Answer::Print(expected.to_owned()));
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for arguments in [&[][..], &[""], &["  "], &["--verbose"], &["two\nlines"], &["a", "b"]] {
            assert!(matches!(asked(arguments), Answer::Refuse(_)), "{arguments:?}");
        }
    }

    #[test]
    fn the_version_names_the_commit_when_it_is_known() {
        let plain = concat!("greeting ", env!("CARGO_PKG_VERSION"));
        assert_eq!(version(None), plain);
        assert_eq!(version(Some("0123456789abcdef")), format!("{plain} (01234567)"));
        assert_eq!(version(Some("short")), plain);
    }
}
