//! Bytes of a pipe into lines of text. Pure.

use std::borrow::Cow;

use crate::Mask;

/// A longer line is split: what reads a log may hold one line in memory.
pub const MAX_LINE_BYTES: usize = 16 * 1024;

/// Collects the bytes of one stream until a line is complete. Secrets are masked in whole lines, so
/// the borders of what is read at once do not matter.
pub struct LineSplitter {
    label: String,
    pending: Vec<u8>,
}

impl LineSplitter {
    /// `label` starts each line.
    pub fn new(label: &str) -> Self {
        Self { label: label.to_owned(), pending: Vec::new() }
    }

    /// Adds the complete lines, each ending with `\n`, to `text`. Invalid UTF-8 becomes U+FFFD.
    pub fn push(&mut self, mut bytes: &[u8], mask: Option<&Mask>, text: &mut String) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            if self.pending.is_empty() && end <= MAX_LINE_BYTES {
                self.add_line(&bytes[..end], mask, text);
            } else {
                self.extend(&bytes[..end], mask, text);
                self.end_line(mask, text);
            }
            bytes = &bytes[end + 1..];
        }
        self.extend(bytes, mask, text);
    }

    /// The stream has ended: a line without a newline is a line too.
    pub fn finish(&mut self, mask: Option<&Mask>, text: &mut String) {
        if !self.pending.is_empty() {
            self.end_line(mask, text);
        }
    }

    fn extend(&mut self, mut bytes: &[u8], mask: Option<&Mask>, text: &mut String) {
        while self.pending.len() + bytes.len() > MAX_LINE_BYTES {
            let room = MAX_LINE_BYTES - self.pending.len();
            self.pending.extend_from_slice(&bytes[..room]);
            bytes = &bytes[room..];
            let whole = character_boundary(&self.pending);
            let cut = mask.map_or(whole, |mask| mask.cut(&self.pending, whole));
            let rest = self.pending.split_off(character_boundary(&self.pending[..cut]));
            self.end_line(mask, text);
            self.pending = rest;
        }
        self.pending.extend_from_slice(bytes);
    }

    fn end_line(&mut self, mask: Option<&Mask>, text: &mut String) {
        let line = std::mem::take(&mut self.pending);
        self.add_line(&line, mask, text);
    }

    fn add_line(&self, line: &[u8], mask: Option<&Mask>, text: &mut String) {
        let line = String::from_utf8_lossy(line);
        text.push_str(&self.label);
        text.push_str(&mask.map_or(Cow::Borrowed(&*line), |mask| mask.apply(&line)));
        text.push('\n');
    }
}

/// The last place where `bytes` can be cut without cutting a UTF-8 character in two.
fn character_boundary(bytes: &[u8]) -> usize {
    let is_continuation = |byte: u8| byte & 0b1100_0000 == 0b1000_0000;
    for back in 1..=4.min(bytes.len()) {
        let byte = bytes[bytes.len() - back];
        if !is_continuation(byte) {
            let is_start_of_several = byte & 0b1100_0000 == 0b1100_0000;
            return if is_start_of_several { bytes.len() - back } else { bytes.len() };
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(label: &str, chunks: &[&[u8]]) -> String {
        let mut splitter = LineSplitter::new(label);
        let mut text = String::new();
        for chunk in chunks {
            splitter.push(chunk, None, &mut text);
        }
        splitter.finish(None, &mut text);
        text
    }

    #[test]
    fn lines_are_put_together_from_any_chunks() {
        let cases: [(&[&[u8]], &str); 6] = [
            (&[], ""),
            (&[b"one\ntwo\n"], "one\ntwo\n"),
            (&[b"o", b"n", b"e\nt", b"wo"], "one\ntwo\n"),
            (&[b"\n\n"], "\n\n"),
            (&[b"caf\xc3", b"\xa9\n"], "café\n"),
            (&[b"bad \xff byte\n"], "bad \u{fffd} byte\n"),
        ];
        for (chunks, expected) in cases {
            assert_eq!(split("", chunks), expected, "{chunks:?}");
        }
        assert_eq!(split("[stderr]", &[b"a\nb"]), "[stderr]a\n[stderr]b\n");
    }

    #[test]
    fn a_very_long_line_is_split_between_characters() {
        let line = "é".repeat(MAX_LINE_BYTES);
        let text = split("", &[b"x", line.as_bytes(), b"\nnext\n"]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.len() <= MAX_LINE_BYTES));
        assert!(!text.contains('\u{fffd}'));
        assert_eq!(lines.concat(), format!("x{line}next"));
    }

    #[test]
    fn a_line_of_exactly_the_limit_stays_whole() {
        let line = "a".repeat(MAX_LINE_BYTES);
        assert_eq!(split("", &[line.as_bytes(), b"\n"]), format!("{line}\n"));
    }

    #[test]
    fn a_secret_is_masked_wherever_a_chunk_or_a_long_line_ends() {
        let secret = "correct-horse-battery";
        let mask = Mask::new([secret]);
        let masked = |chunks: &[&[u8]]| {
            let mut splitter = LineSplitter::new("");
            let mut text = String::new();
            chunks.iter().for_each(|chunk| splitter.push(chunk, Some(&mask), &mut text));
            splitter.finish(Some(&mask), &mut text);
            text
        };
        let line = format!("a {secret} b\n");
        for cut in 0..line.len() {
            let (before, after) = line.as_bytes().split_at(cut);
            assert_eq!(masked(&[before, after]), "a *** b\n");
        }
        for before in MAX_LINE_BYTES - 2 * secret.len()..MAX_LINE_BYTES + 2 {
            let line = format!("{}{secret}{}", "x".repeat(before), "y".repeat(100));
            let shown = masked(&[line.as_bytes()]).replace('\n', "");
            assert_eq!(shown, format!("{}***{}", "x".repeat(before), "y".repeat(100)), "{before}");
        }
    }
}
