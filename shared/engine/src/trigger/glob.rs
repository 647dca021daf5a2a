//! The patterns of trigger filters: the syntax `glob` of Java's `PathMatcher`, whose words CodePipeline's user guide
//! has ("Working with glob patterns in syntax").
//!
//! | | stands for |
//! | --- | --- |
//! | `*` | any characters but `/` |
//! | `**` | any characters |
//! | `?` | one character but `/` |
//! | `[abc]`, `[a-z]`, `[!a-z]` | one character of a set, or none of it; never `/` |
//! | `{one,two}` | one of these patterns; groups are not nested |
//! | `\` | the character behind it, as it is |
//!
//! As in Java, `**/x` does not match `x`: there has to be a `/`. A leading `.` is a character like any other.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

use regex::Regex;

/// A pattern that can be matched, in a time that grows with the text only.
#[derive(Debug, Clone)]
pub struct Glob(Regex);

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobError(String);

impl fmt::Display for GlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GlobError {}

impl Glob {
    /// # Errors
    /// A set or a group that does not end, a group within a group, a `\` at the end.
    pub fn parse(pattern: &str) -> Result<Self, GlobError> {
        let expression = expression(pattern)?;
        Regex::new(&expression).map(Self).map_err(|_| GlobError(format!("'{pattern}' cannot be matched")))
    }

    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// The pattern as a regular expression.
fn expression(pattern: &str) -> Result<String, GlobError> {
    let wrong = |what: &str| GlobError(format!("'{pattern}' {what}"));
    let mut expression = String::from(r"(?s)\A");
    let mut in_group = false;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' if characters.next_if_eq(&'*').is_some() => expression.push_str(".*"),
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '[' => {
                let set = set(&mut characters).ok_or_else(|| wrong("has a '[' whose set does not end"))?;
                expression.push_str(&set);
            }
            '{' if in_group => return Err(wrong("has a group within a group")),
            '{' => {
                in_group = true;
                expression.push_str("(?:");
            }
            '}' if in_group => {
                in_group = false;
                expression.push(')');
            }
            ',' if in_group => expression.push('|'),
            '\\' => {
                let escaped = characters.next().ok_or_else(|| wrong("ends with a '\\'"))?;
                push_literal(&mut expression, escaped);
            }
            other => push_literal(&mut expression, other),
        }
    }
    if in_group {
        return Err(wrong("has a '{' whose group does not end"));
    }
    expression.push_str(r"\z");
    Ok(expression)
}

/// What is between `[` and `]`. Within, only `-` between two characters and a leading `!` mean something.
fn set(characters: &mut Peekable<Chars<'_>>) -> Option<String> {
    let is_negated = characters.next_if_eq(&'!').is_some();
    let mut members = String::new();
    loop {
        let first = characters.next()?;
        if first == ']' {
            break;
        }
        push_literal(&mut members, first);
        // A hyphen before the end of the set is one.
        let mut ahead = characters.clone();
        if ahead.next() == Some('-') && ahead.peek().is_some_and(|last| *last != ']') {
            characters.next();
            members.push('-');
            push_literal(&mut members, characters.next()?);
        }
    }
    if members.is_empty() {
        return None;
    }
    let not = if is_negated { "^" } else { "" };
    Some(format!("[[{not}{members}]&&[^/]]"))
}

fn push_literal(expression: &mut String, character: char) {
    let mut buffer = [0; 4];
    expression.push_str(&regex::escape(character.encode_utf8(&mut buffer)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_as_a_glob_of_java_does() {
        for (pattern, text, expected) in [
            // The examples of the user guide.
            ("*.java", "Main.java", true),
            ("*.java", "src/Main.java", false),
            ("*.*", "a.b", true),
            ("*.{java,class}", "Main.class", true),
            ("*.{java,class}", "Main.rs", false),
            ("foo.?", "foo.c", true),
            ("foo.?", "foo.rs", false),
            ("my-file.jar", "my-file.jar", true),
            ("my-file.jar", "directory/my-file.jar", false),
            ("directory/my-file.jar", "directory/my-file.jar", true),
            ("**", "", true),
            ("**", "a/b/c", true),
            ("directory/**", "directory/a/b", true),
            ("directory/**", "directory", false),
            ("directory/*", "directory/a", true),
            ("directory/*", "directory/a/b", false),
            // Components.
            ("feature/*", "feature/x", true),
            ("feature/*", "feature/x/y", false),
            ("feature/**", "feature/x/y", true),
            ("common/**/*.js", "common/a/b/c.js", true),
            ("common/**/*.js", "common/c.js", false),
            ("**/README.md", "a/README.md", true),
            ("**/README.md", "README.md", false),
            ("**README.md", "README.md", true),
            ("?", "/", false),
            ("*", ".hidden", true),
            ("main", "main", true),
            ("main", "Main", false),
            ("main", "mainline", false),
            ("main", "a/main", false),
            // Sets.
            ("v[0-9]", "v7", true),
            ("v[0-9]", "vx", false),
            ("v[!0-9]", "vx", true),
            ("v[!0-9]", "v7", false),
            ("v[!0-9]", "v/", false),
            ("v[/]", "v/", false),
            ("v[-a]", "v-", true),
            ("v[a-]", "v-", true),
            ("v[!-a]", "v-", false),
            ("v[*?\\]", "v*", true),
            ("v[*?\\]", "v\\", true),
            ("v[a^]", "v^", true),
            ("v[a&&b]", "v&", true),
            // Groups.
            ("{main,release-*}", "release-2", true),
            ("{main,release-*}", "release-2/x", false),
            ("{a,}b", "b", true),
            ("a,b", "a,b", true),
            ("a}", "a}", true),
            // What is special in other languages is not.
            ("a.b+(c)", "a.b+(c)", true),
            ("a.b", "axb", false),
            ("^a$", "^a$", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("\\{a,b\\}", "{a,b}", true),
            ("ü?", "üä", true),
            ("a**", "a\nb", true),
        ] {
            let glob = Glob::parse(pattern).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(glob.matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_that_means_nothing_is_refused() {
        for (pattern, expected) in [
            ("[a", "whose set does not end"),
            ("[]", "whose set does not end"),
            ("{a,b", "whose group does not end"),
            ("{a,{b,c}}", "a group within a group"),
            ("a\\", "ends with a '\\'"),
            ("[z-a]", "cannot be matched"),
        ] {
            let error = Glob::parse(pattern).expect_err(pattern).to_string();
            assert!(error.contains(expected), "{pattern}: {error}");
        }
    }
}
