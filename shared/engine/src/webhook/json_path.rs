//! Where a filter looks in a body: the singular queries of RFC 9535, which are made of names and indices and select
//! one value or none.
//!
//! A filter compares one value, so a path that can select several is refused. It also takes a step per segment
//! however large the body is, which cannot be said of paths that select many: each `[0,0]` doubles what they select.

use serde_json::Value;

/// A path, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    Name(String),
    /// From the end if it is negative.
    Index(i64),
}

impl JsonPath {
    /// # Errors
    /// Why it is none, as a sentence that goes on behind a colon.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('$').ok_or("it has to begin with $, which is the body.")?;
        let mut segments = Vec::new();
        while !rest.is_empty() {
            let (segment, behind) = segment(rest)?;
            segments.push(segment);
            rest = behind;
        }
        Ok(Self(segments))
    }

    /// The value that the path selects.
    pub fn select<'a>(&self, body: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(body, |value, segment| match segment {
            Segment::Name(name) => value.as_object()?.get(name),
            Segment::Index(index) => {
                let items = value.as_array()?;
                let from_end = || items.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?);
                items.get(usize::try_from(*index).ok().or_else(from_end)?)
            }
        })
    }
}

fn segment(text: &str) -> Result<(Segment, &str), String> {
    if text.starts_with("..") {
        return Err(many("..", "names and indices"));
    }
    if let Some(behind) = text.strip_prefix('.') {
        return name(behind);
    }
    let inside =
        text.strip_prefix('[').ok_or(format!("a segment is .name, ['name'] or [index]; it has '{text}'."))?;
    let inside = inside.trim_start();
    let (segment, behind) = match inside.chars().next() {
        Some(quote @ ('\'' | '"')) => quoted(&inside[1..], quote)?,
        _ => index(inside)?,
    };
    match behind.trim_start().strip_prefix(']') {
        Some(behind) => Ok((segment, behind)),
        None if behind.trim_start().starts_with([',', ':']) => Err(many("[…,…] and […:…]", "[index]")),
        None => Err(format!("a bracket is not closed before '{behind}'.")),
    }
}

/// RFC 9535 has no `-` in a name without quotes; the Java implementation that CodePipeline names has.
fn name(text: &str) -> Result<(Segment, &str), String> {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || !c.is_ascii();
    let end = text.find(|c| !is_of_name(c)).unwrap_or(text.len());
    match (text.chars().next(), end) {
        (Some('*'), _) => Err(many(".*", ".name")),
        (None, _) => Err("a name is missing at its end.".to_owned()),
        (_, 0) => {
            Err(format!("there is no name before '{text}'; put others than letters and digits into ['…']."))
        }
        (_, end) => Ok((Segment::Name(text[..end].to_owned()), &text[end..])),
    }
}

fn quoted(text: &str, quote: char) -> Result<(Segment, &str), String> {
    let mut name = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            c if c == quote => return Ok((Segment::Name(name), &text[at + c.len_utf8()..])),
            '\\' => match characters.next() {
                Some((_, c)) if c == quote || c == '\\' || c == '/' => name.push(c),
                _ => return Err("a backslash in a name stands before a quote, / or \\.".to_owned()),
            },
            c => name.push(c),
        }
    }
    Err(format!("a quote {quote} is not closed."))
}

fn index(text: &str) -> Result<(Segment, &str), String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    let has_needless_sign =
        digits == "-0" || (digits.len() > 1 && digits.trim_start_matches('-').starts_with('0'));
    match (digits.parse(), text.chars().next()) {
        (Ok(index), _) if !has_needless_sign => Ok((Segment::Index(index), behind)),
        (_, Some('*' | '?' | ':')) => Err(many("[*], [?…] and […:…]", "[index]")),
        _ => Err(format!("there is neither a name in quotes nor an index in the bracket before '{text}'.")),
    }
}

fn many(what: &str, instead: &str) -> String {
    format!("{what} may select several values, and a filter compares one. Use {instead}.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_selects_one_value_or_none() {
        let body = json!({
            "ref": "refs/heads/main",
            "repository": { "full_name": "me/app", "": 1, "a.b": 2, "it's": 3, "x-y": 4, "größe": 5 },
            "commits": [{ "id": "c0" }, { "id": "c1" }],
        });
        for (path, expected) in [
            ("$.ref", Some(json!("refs/heads/main"))),
            ("$['ref']", Some(json!("refs/heads/main"))),
            ("$[\"repository\"].full_name", Some(json!("me/app"))),
            ("$.repository['']", Some(json!(1))),
            ("$.repository['a.b']", Some(json!(2))),
            (r"$.repository['it\'s']", Some(json!(3))),
            ("$.repository[\"it's\"]", Some(json!(3))),
            ("$.repository.x-y", Some(json!(4))),
            ("$.repository.größe", Some(json!(5))),
            ("$.commits[0].id", Some(json!("c0"))),
            ("$.commits[ -1 ].id", Some(json!("c1"))),
            ("$", Some(body.clone())),
            ("$.commits[2]", None),
            ("$.commits[-3]", None),
            ("$.commits.id", None),
            ("$.ref[0]", None),
            ("$.repository[0]", None),
            ("$.nothing.there", None),
        ] {
            let read = JsonPath::parse(path).unwrap_or_else(|why| panic!("{path}: {why}"));
            assert_eq!(read.select(&body), expected.as_ref(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_a_path_or_is_told_why_not(text in r"\$[-.a\[\]'\\0-9ä* ,]{0,12}|\PC{0,12}") {
            if let Err(why) = JsonPath::parse(&text) {
                prop_assert!(!why.is_empty());
            }
        }

        #[test]
        fn every_name_can_be_quoted(name in r"\PC{0,8}", quote in "['\"]") {
            let escaped = name.replace('\\', r"\\").replace(&quote, &format!("\\{quote}"));
            let path = JsonPath::parse(&format!("$.a[{quote}{escaped}{quote}][0]"));
            let body = json!({ "a": { name: ["found"] } });
            prop_assert_eq!(path.expect("a path").select(&body), Some(&json!("found")));
        }
    }

    #[test]
    fn what_is_no_path_or_selects_many_is_told() {
        for (path, why) in [
            ("", "begin with $"),
            ("ref", "begin with $"),
            (" $.ref", "begin with $"),
            ("$ref", "a segment is"),
            ("$.", "a name is missing"),
            ("$.ref ", "a segment is"),
            ("$.ref.", "a name is missing"),
            ("$.a b", "a segment is"),
            ("$.length()", "a segment is"),
            ("$['ref'", "not closed"),
            ("$['ref", "not closed"),
            (r"$['\x']", "backslash"),
            ("$[]", "neither a name"),
            ("$[ref]", "neither a name"),
            ("$[01]", "neither a name"),
            ("$[-0]", "neither a name"),
            ("$[1-2]", "neither a name"),
            ("$[99999999999999999999]", "neither a name"),
            ("$..ref", "may select several"),
            ("$.*", "may select several"),
            ("$.commits[*].id", "may select several"),
            ("$.commits[?@.id=='c0']", "may select several"),
            ("$.commits[0,1]", "may select several"),
            ("$.commits['a','b']", "may select several"),
            ("$.commits[0:1]", "may select several"),
            ("$.commits[:1]", "may select several"),
        ] {
            let refused = JsonPath::parse(path).expect_err(path);
            assert!(refused.contains(why), "{path}: {refused}");
        }
    }
}
