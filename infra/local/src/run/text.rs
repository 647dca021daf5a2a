//! Making text fit to be shown.

/// A log's line without anything that could move the cursor, change the terminal or hide text: colours
/// pass, every other control sequence goes.
pub(super) fn harmless(line: &str, colour: bool) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        if character == '\u{1b}' {
            let (sequence, is_colour) = escape(rest);
            if is_colour && colour {
                shown.push_str(&rest[..sequence]);
            }
            rest = &rest[sequence..];
            continue;
        }
        match character {
            '\t' => shown.push_str("    "),
            control if control.is_control() => {}
            other => shown.push(other),
        }
        rest = &rest[character.len_utf8()..];
    }
    shown
}

/// A line of a log as a watcher wants it: what commands print, and each command as `$ command`. What else
/// CodeBuild says of its phases is in the log's file.
pub(super) fn told(line: &str) -> Option<String> {
    let Some(said) = line.strip_prefix("[Container] ") else { return Some(line.to_owned()) };
    // "2026/11/22 10:00:00 Running command make"
    let said = said.splitn(3, ' ').nth(2)?;
    said.strip_prefix("Running command ").map(|command| format!("$ {command}"))
}

/// A path as it is shortest to type from here.
pub(super) fn path(path: &std::path::Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

/// The length of the escape sequence that `text` begins with, and whether it only sets colours.
fn escape(text: &str) -> (usize, bool) {
    let after = &text[1..];
    match after.chars().next() {
        Some('[') => {
            let body = after[1..].find(|c: char| ('\u{40}'..='\u{7e}').contains(&c));
            match body {
                Some(end) => (end + 3, after.as_bytes()[1 + end] == b'm'),
                None => (text.len(), false),
            }
        }
        // Strings for the terminal (titles, clipboard, links) end with BEL or ESC \.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            let bell = after.find('\u{7}').map(|end| end + 2);
            let terminator = after.find("\u{1b}\\").map(|end| end + 3);
            let end = match (bell, terminator) {
                (Some(bell), Some(terminator)) => bell.min(terminator),
                (Some(end), None) | (None, Some(end)) => end,
                (None, None) => text.len(),
            };
            (end, false)
        }
        Some(other) => (1 + other.len_utf8(), false),
        None => (text.len(), false),
    }
}

/// `0.3 s`, `41.2 s`, `2 min 10 s`.
pub(super) fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a duration is positive and short"
    )]
    let whole = seconds.round() as u64;
    format!("{} min {} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_pass_and_everything_that_acts_on_the_terminal_goes() {
        for (line, with_colour, without) in [
            ("plain", "plain", "plain"),
            ("\u{1b}[31mred\u{1b}[0m", "\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}[2Jgone\u{1b}[1;1H", "gone", "gone"),
            ("\u{1b}]0;title\u{7}after", "after", "after"),
            ("\u{1b}]52;c;c2VjcmV0\u{1b}\\after", "after", "after"),
            ("\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{7}", "link", "link"),
            ("a\rb\u{8}c\u{9b}d", "abcd", "abcd"),
            ("cut \u{1b}[3", "cut ", "cut "),
            ("cut \u{1b}", "cut ", "cut "),
            ("tab\tbed", "tab    bed", "tab    bed"),
        ] {
            assert_eq!(harmless(line, true), with_colour, "{line:?}");
            assert_eq!(harmless(line, false), without, "{line:?}");
        }
    }

    #[test]
    fn of_codebuilds_own_lines_only_the_commands_are_told() {
        for (line, expected) in [
            ("Hello", Some("Hello")),
            ("[Container] 2026/11/22 10:00:00 Running command make test", Some("$ make test")),
            ("[Container] 2026/11/22 10:00:00 Entering phase BUILD", None),
            ("[Container] odd", None),
        ] {
            assert_eq!(told(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn durations_are_told_in_the_unit_that_fits() {
        for (seconds, told) in [(0.04, "0.0 s"), (41.23, "41.2 s"), (130.4, "2 min 10 s")] {
            assert_eq!(duration(seconds), told);
        }
    }
}
