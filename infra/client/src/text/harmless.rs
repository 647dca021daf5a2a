//! Text of strangers, fit to be shown on a terminal.

/// A line without anything that could move the cursor, change the terminal or hide text: colours pass where they are
/// wanted, every other control sequence goes. What a build prints must not be able to write to the clipboard, to
/// rename the window or to show a link that leads elsewhere.
pub fn harmless(line: &str, colour: bool) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    let mut is_coloured = false;
    while let Some(character) = rest.chars().next() {
        if character == '\u{1b}' || character == '\u{9b}' || is_string_introducer(character) {
            let (length, is_colour) = sequence(rest, character);
            if is_colour && colour {
                // A CSI of one character is written as the two that every terminal knows.
                shown.push_str("\u{1b}[");
                shown.push_str(rest[..length].trim_start_matches(['\u{1b}', '[', '\u{9b}']));
                is_coloured = true;
            }
            rest = &rest[length..];
            continue;
        }
        match character {
            '\t' => shown.push_str("    "),
            control if control.is_control() || is_invisible(control) => {}
            other => shown.push(other),
        }
        rest = &rest[character.len_utf8()..];
    }
    if is_coloured {
        // What comes after the line is not its to colour.
        shown.push_str("\u{1b}[0m");
    }
    shown
}

/// A line of a log as a watcher wants it: what commands print, and each command as `$ command`. What else CodeBuild
/// says of its phases is in the log itself.
pub fn told(line: &str) -> Option<String> {
    let Some(said) = line.strip_prefix("[Container] ") else { return Some(line.to_owned()) };
    // "2026/11/22 10:00:00 Running command make"
    let said = said.splitn(3, ' ').nth(2)?;
    said.strip_prefix("Running command ").map(|command| format!("$ {command}"))
}

/// Characters that reorder what is beside them: text would read other than it is.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// The C1 forms of DCS, SOS, OSC, PM and APC.
fn is_string_introducer(character: char) -> bool {
    matches!(character, '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}')
}

/// The length of the control sequence that `text` begins with, and whether it only sets colours.
fn sequence(text: &str, first: char) -> (usize, bool) {
    let after = &text[first.len_utf8()..];
    if first == '\u{9b}' {
        return control_sequence(text, after);
    }
    if first != '\u{1b}' {
        return (string(text, after), false);
    }
    match after.chars().next() {
        Some('[') => control_sequence(text, &after[1..]),
        Some(']' | 'P' | '_' | '^' | 'X') => (string(text, &after[1..]), false),
        // Those with intermediate characters, as the choice of a character set.
        Some(' '..='/') => {
            let end = after.find(|c: char| !(' '..='/').contains(&c));
            (
                end.map_or(text.len(), |end| 1 + end + after[end..].chars().next().map_or(0, char::len_utf8)),
                false,
            )
        }
        Some(other) => (1 + other.len_utf8(), false),
        None => (text.len(), false),
    }
}

/// `body` follows the introducer in `text`.
fn control_sequence(text: &str, body: &str) -> (usize, bool) {
    let begin = text.len() - body.len();
    match body.find(|c: char| ('\u{40}'..='\u{7e}').contains(&c)) {
        Some(end) => {
            let is_plain = body[..end].chars().all(|c| c.is_ascii_digit() || matches!(c, ';' | ':'));
            (begin + end + 1, body.as_bytes()[end] == b'm' && is_plain)
        }
        None => (text.len(), false),
    }
}

/// Strings for the terminal (titles, clipboard, links) end with BEL or ST, or with the line.
fn string(text: &str, body: &str) -> usize {
    let begin = text.len() - body.len();
    let ends = [("\u{7}", 1), ("\u{1b}\\", 2), ("\u{9c}", 2)];
    let ends = ends.iter().filter_map(|(end, length)| Some(body.find(end)? + length));
    ends.min().map_or(text.len(), |end| begin + end)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn colours_pass_and_everything_that_acts_on_the_terminal_goes() {
        for (line, with_colour, without) in [
            ("plain", "plain", "plain"),
            ("\u{1b}[31mred", "\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{9b}1;31mred", "\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{1b}[38:5:1mred", "\u{1b}[38:5:1mred\u{1b}[0m", "red"),
            ("\u{1b}[>4;2mno colour", "no colour", "no colour"),
            ("\u{1b}[2Jgone\u{1b}[1;1H", "gone", "gone"),
            ("\u{9b}2Jgone", "gone", "gone"),
            ("\u{1b}]0;title\u{7}after", "after", "after"),
            ("\u{1b}]52;c;c2VjcmV0\u{1b}\\after", "after", "after"),
            ("\u{9d}52;c;c2VjcmV0\u{9c}after", "after", "after"),
            ("\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{7}", "link", "link"),
            ("\u{1b}Pq#0\u{1b}\\after", "after", "after"),
            ("\u{1b}]0;never ended", "", ""),
            ("\u{1b}(0box", "box", "box"),
            ("\u{1b}cafter a reset", "after a reset", "after a reset"),
            ("a\rb\u{8}c\u{85}d", "abcd", "abcd"),
            ("user \u{202e}txt.exe", "user txt.exe", "user txt.exe"),
            ("cut \u{1b}[3", "cut ", "cut "),
            ("cut \u{1b}", "cut ", "cut "),
            ("tab\tbed", "tab    bed", "tab    bed"),
            ("grün ✔ 漢字", "grün ✔ 漢字", "grün ✔ 漢字"),
        ] {
            assert_eq!(harmless(line, true), with_colour, "{line:?}");
            assert_eq!(harmless(line, false), without, "{line:?}");
        }
    }
}
