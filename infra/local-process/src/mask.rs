//! Secrets are not written down: what prints them prints `***`.
//!
//! A safety net, not a wall: a program that encodes a secret twice, or prints it letter by letter,
//! gets through.

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::renderings::renderings;

/// What is shown in place of a secret, as CodeBuild shows it.
const SHOWN: &str = "***";

/// A shorter text is no secret that can be hidden: masking `root` would hide half of the log, and tell
/// the secret by what is missing.
pub const SHORTEST_MASKED_BYTES: usize = 6;

/// A longer form is masked in pieces, so that a line can be cut somewhere.
const LONGEST_FORM_BYTES: usize = 4096;

/// The secrets of one build or deployment, each line of them in all its forms.
pub struct Mask {
    forms: Option<AhoCorasick>,
    longest_bytes: usize,
}

impl Mask {
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let lines = secrets.into_iter().flat_map(|secret| secret.split(['\n', '\r'])).map(str::trim);
        let mut forms: Vec<String> = lines
            .filter(|line| line.len() >= SHORTEST_MASKED_BYTES)
            .flat_map(renderings)
            .flat_map(|form| pieces(&form))
            .filter(|form| form.len() >= SHORTEST_MASKED_BYTES)
            .collect();
        forms.sort();
        forms.dedup();
        let longest_bytes = forms.iter().map(String::len).max().unwrap_or(0);
        // Building fails only for patterns beyond 2^31 bytes in all.
        let forms = (!forms.is_empty())
            .then(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&forms).ok())
            .flatten();
        Self { forms, longest_bytes }
    }

    /// Whether a secret can be hidden: one line of it at least is long enough.
    pub fn can_hide(secret: &str) -> bool {
        secret.split(['\n', '\r']).any(|line| line.trim().len() >= SHORTEST_MASKED_BYTES)
    }

    /// `text` without secrets.
    pub fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match &self.forms {
            Some(forms) if forms.is_match(text) => {
                let mut shown = String::with_capacity(text.len());
                forms.replace_all_with(text, &mut shown, |_, _, shown| {
                    // Neighbours are one secret to the reader, also where it was masked in pieces.
                    if !shown.ends_with(SHOWN) {
                        shown.push_str(SHOWN);
                    }
                    true
                });
                Cow::Owned(shown)
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// Where `bytes`, the beginning of a line that goes on, can be cut without cutting a secret: at most at
    /// `wanted`, unless a secret that begins before reaches further.
    pub(crate) fn cut(&self, bytes: &[u8], wanted: usize) -> usize {
        let Some(forms) = &self.forms else { return wanted };
        let safe = wanted.min(bytes.len().saturating_sub(self.longest_bytes.saturating_sub(1)));
        let across = forms.find_iter(bytes).find(|found| found.start() < safe && found.end() > safe);
        across.map_or(safe, |found| found.end())
    }
}

fn pieces(form: &str) -> Vec<String> {
    let mut rest = form;
    let mut pieces = Vec::new();
    while rest.len() > LONGEST_FORM_BYTES {
        let cut = (0..=LONGEST_FORM_BYTES).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(0);
        let (piece, following) = rest.split_at(cut);
        pieces.push(piece.to_owned());
        rest = following;
    }
    pieces.push(rest.to_owned());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_and_each_line_is_hidden_and_nothing_else() {
        let mask = Mask::new(["s3cr3t/value", "line one\nline two\r\n}\n", "short"]);
        let cases = [
            ("nothing here", "nothing here"),
            ("a s3cr3t/value b", "a *** b"),
            ("https://u:s3cr3t%2Fvalue@host", "https://u:***@host"),
            ("line one", "***"),
            ("\"line two\"", "\"***\""),
            ("}", "}"),
            ("short", "short"),
            ("czNjcjN0L3ZhbHVl", "***"),
            ("7333637233742f76616c7565", "***"),
        ];
        for (text, expected) in cases {
            assert_eq!(mask.apply(text), expected, "{text}");
        }
        assert!(!Mask::can_hide("short") && Mask::can_hide("short\nlong enough"));
        assert_eq!(Mask::new(["short"]).apply("short"), "short");
    }

    #[test]
    fn a_very_long_secret_is_hidden_as_one() {
        let secret: String = (0..3000).map(|number| format!("{number:04}")).collect();
        let mask = Mask::new([secret.as_str()]);
        assert_eq!(mask.apply(&format!("<{secret}>")), "<***>");
        assert!(mask.longest_bytes <= LONGEST_FORM_BYTES);
    }
}
