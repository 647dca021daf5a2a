//! The part of CloudWatch's filter patterns that is about plain text.
//!
//! Source: "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail" in
//! the CloudWatch Logs user guide.

use local_service::ApiError;

/// Terms, which all have to occur; upper and lower case differ.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FilterPattern(Vec<String>);

impl FilterPattern {
    /// Words of letters, digits and `_`, and phrases in double quotes, in which a backslash quotes a character.
    pub fn parse(pattern: &str) -> Result<Self, ApiError> {
        let mut terms = Vec::new();
        let mut rest = pattern.trim_start();
        while !rest.is_empty() {
            let (term, after) = match rest.strip_prefix('"') {
                Some(quoted) => phrase(quoted).ok_or_else(|| refused(pattern, "a quote is not closed"))?,
                None => word(rest).ok_or_else(|| {
                    refused(pattern, "here it may have terms and \"quoted phrases\", which all have to occur")
                })?,
            };
            terms.push(term);
            rest = after.trim_start();
        }
        Ok(Self(terms))
    }

    pub fn matches(&self, message: &str) -> bool {
        self.0.iter().all(|term| message.contains(term))
    }
}

fn word(text: &str) -> Option<(String, &str)> {
    let end = text.find(' ').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    word.chars()
        .all(|character| character.is_alphanumeric() || character == '_')
        .then(|| (word.to_owned(), rest))
}

fn phrase(text: &str) -> Option<(String, &str)> {
    let mut phrase = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((phrase, &text[at + 1..])),
            '\\' => phrase.push(characters.next()?.1),
            character => phrase.push(character),
        }
    }
    None
}

fn refused(pattern: &str, why: &str) -> ApiError {
    ApiError::client("InvalidParameterException", format!("Invalid filter pattern '{pattern}': {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_terms_have_to_occur() {
        for (pattern, message, expected) in [
            ("", "anything", true),
            ("ERROR", "[ERROR 400] BAD", true),
            ("error", "[ERROR 400] BAD", false),
            ("ERROR BAD", "BAD [ERROR 400]", true),
            ("ERROR GOOD", "BAD [ERROR 400]", false),
            ("\"400] BAD\"", "[ERROR 400] BAD", true),
            (r#""say \"x\"" 1"#, r#"1: say "x""#, true),
        ] {
            let parsed = FilterPattern::parse(pattern).unwrap();
            assert_eq!(parsed.matches(message), expected, "{pattern} in {message}");
        }
    }

    #[test]
    fn other_patterns_are_refused() {
        for pattern in ["?ERROR ?WARN", "-ERROR", "{ $.a = 1 }", "[a, b]", "%x%", "\"open", "a.b", "ERROR -x"]
        {
            let error = FilterPattern::parse(pattern).unwrap_err();
            assert_eq!(error.code, "InvalidParameterException", "{pattern}");
            assert!(error.message.contains(pattern), "{error}");
        }
    }
}
