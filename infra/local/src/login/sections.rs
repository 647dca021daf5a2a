//! A configuration file of AWS, as lines and the sections that they begin.
//!
//! Source: "Shared config and credentials files" in the AWS SDKs and Tools reference guide.

use std::ops::Range;

/// A section by its header, as it is written without blanks: `profile pipewright`, `services pipewright`, `default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub header: String,
    /// Of the text: from its header to the next one, without the comments and the empty lines before that.
    pub range: Range<usize>,
}

/// The sections of a text, in its order.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    for (line, range) in lines(text) {
        if let Some(header) = header(line) {
            found.push(Section { header, range });
        } else if let Some(section) = found.last_mut()
            && !is_between(line)
        {
            section.range.end = range.end;
        }
    }
    found
}

/// Each line with its end, and where it is.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    text.split_inclusive('\n').scan(0, |begin, line| {
        let range = *begin..*begin + line.len();
        *begin = range.end;
        Some((line, range))
    })
}

fn header(line: &str) -> Option<String> {
    let (header, _) = line.strip_prefix('[')?.split_once(']')?;
    let words: Vec<_> = header.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    Some(words.join(" "))
}

fn is_between(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with(['#', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_ends_where_nothing_more_is_its() {
        let text = "# of everything\n[default]\nregion = a\n# inside\n\noutput = json\n\n# of work\n[ profile  \"work\" ]\r\n\
                    s3 =\r\n  addressing_style = path\r\n[services x]";
        let found: Vec<_> = sections(text)
            .iter()
            .map(|section| (section.header.clone(), text[section.range.clone()].to_owned()))
            .collect();
        let expected = [
            ("default", "[default]\nregion = a\n# inside\n\noutput = json\n"),
            ("profile work", "[ profile  \"work\" ]\r\ns3 =\r\n  addressing_style = path\r\n"),
            ("services x", "[services x]"),
        ];
        assert_eq!(found, expected.map(|(header, text)| (header.to_owned(), text.to_owned())));
    }
}
