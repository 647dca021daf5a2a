//! Text to segments, once, when a machine is created.

use std::fmt;

use super::Filter;
use super::filter::parse_filter;

/// What `$` or `$$` at the beginning stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    Input,
    Context,
}

#[derive(Debug, Clone)]
pub(crate) enum Segment {
    Field(String),
    Index(i64),
    Wildcard,
    Fields(Vec<String>),
    Indexes(Vec<i64>),
    Slice {
        start: Option<i64>,
        end: Option<i64>,
        step: i64,
    },
    Filter(Filter),
    /// `..` followed by the segment it applies to, at every depth.
    Descend(Box<Segment>),
}

#[derive(Debug, Clone)]
pub(crate) struct JsonPath {
    pub(crate) root: Root,
    pub(crate) segments: Vec<Segment>,
    pub(crate) source: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathError(pub(crate) String);

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonPath {
    pub(crate) fn parse(source: &str) -> Result<Self, PathError> {
        let (path, length) = Self::parse_prefix(source)?;
        if length == source.len() {
            return Ok(path);
        }
        let rest = &source[length..];
        if rest.starts_with('(') {
            return Err(PathError(format!(
                "'{source}' calls a JSONPath function; use an intrinsic such as States.ArrayLength instead"
            )));
        }
        Err(PathError(format!("'{source}' is not a JSONPath: unexpected '{rest}'")))
    }

    /// Parses the path that `source` begins with; also gives its length in bytes.
    pub(crate) fn parse_prefix(source: &str) -> Result<(Self, usize), PathError> {
        let mut cursor = Cursor { text: source, at: 0 };
        if !cursor.take("$") {
            return Err(PathError(format!("'{source}' is not a JSONPath: it must begin with '$'")));
        }
        let root = if cursor.take("$") { Root::Context } else { Root::Input };
        let segments = parse_segments(&mut cursor)?;
        let path = Self { root, segments, source: source[..cursor.at].to_owned() };
        Ok((path, cursor.at))
    }

    /// Whether the path can name at most one place.
    pub(crate) fn is_definite(&self) -> bool {
        self.segments.iter().all(|segment| matches!(segment, Segment::Field(_) | Segment::Index(_)))
    }
}

pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn take(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    pub(super) fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    pub(super) fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    pub(super) fn error(&self, what: &str) -> PathError {
        PathError(format!("'{}' is not a JSONPath: {what} at character {}", self.text, self.at + 1))
    }
}

pub(super) fn parse_segments(cursor: &mut Cursor<'_>) -> Result<Vec<Segment>, PathError> {
    let mut segments = Vec::new();
    loop {
        if cursor.take("..") {
            let inner = if cursor.take("[") { parse_bracket(cursor)? } else { parse_name(cursor)? };
            segments.push(Segment::Descend(Box::new(inner)));
        } else if cursor.take(".[") || cursor.take("[") {
            segments.push(parse_bracket(cursor)?);
        } else if cursor.take(".") {
            segments.push(parse_name(cursor)?);
        } else {
            return Ok(segments);
        }
    }
}

fn parse_name(cursor: &mut Cursor<'_>) -> Result<Segment, PathError> {
    if cursor.take("*") {
        return Ok(Segment::Wildcard);
    }
    let name = cursor.take_while(|c| !c.is_whitespace() && !".[](),'\"*?:&|<>=!".contains(c));
    if name.is_empty() {
        return Err(cursor.error("a field name is missing"));
    }
    Ok(Segment::Field(name.to_owned()))
}

/// The inside of `[…]`, whose opening bracket is already consumed.
fn parse_bracket(cursor: &mut Cursor<'_>) -> Result<Segment, PathError> {
    cursor.skip_spaces();
    let segment = if cursor.take("*") {
        Segment::Wildcard
    } else if cursor.take("?(") {
        let filter = parse_filter(cursor)?;
        cursor.skip_spaces();
        if !cursor.take(")") {
            return Err(cursor.error("the filter's ')' is missing"));
        }
        Segment::Filter(filter)
    } else if cursor.rest().starts_with(['\'', '"']) {
        parse_fields(cursor)?
    } else {
        parse_indexes(cursor)?
    };
    cursor.skip_spaces();
    if cursor.take("]") { Ok(segment) } else { Err(cursor.error("']' is missing")) }
}

fn parse_fields(cursor: &mut Cursor<'_>) -> Result<Segment, PathError> {
    let mut names = vec![parse_quoted(cursor)?];
    loop {
        cursor.skip_spaces();
        if !cursor.take(",") {
            break;
        }
        cursor.skip_spaces();
        names.push(parse_quoted(cursor)?);
    }
    Ok(match <[String; 1]>::try_from(names) {
        Ok([name]) => Segment::Field(name),
        Err(names) => Segment::Fields(names),
    })
}

/// A string in single or double quotes; a backslash takes the next character as it is.
pub(super) fn parse_quoted(cursor: &mut Cursor<'_>) -> Result<String, PathError> {
    let mut characters = cursor.rest().char_indices();
    let Some((_, quote @ ('\'' | '"'))) = characters.next() else {
        return Err(cursor.error("a quoted string is missing"));
    };
    let mut text = String::new();
    while let Some((offset, character)) = characters.next() {
        match character {
            '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
            _ if character == quote => {
                cursor.at += offset + quote.len_utf8();
                return Ok(text);
            }
            _ => text.push(character),
        }
    }
    Err(cursor.error("a closing quote is missing"))
}

fn parse_indexes(cursor: &mut Cursor<'_>) -> Result<Segment, PathError> {
    let first = parse_integer(cursor)?;
    cursor.skip_spaces();
    if cursor.take(":") {
        let end = parse_integer(cursor)?;
        let step = if cursor.take(":") { parse_integer(cursor)?.unwrap_or(1) } else { 1 };
        if step < 1 {
            return Err(cursor.error("a slice's step must be at least 1"));
        }
        return Ok(Segment::Slice { start: first, end, step });
    }
    let Some(first) = first else {
        return Err(cursor.error("an index, a name in quotes, '*' or a filter is expected"));
    };
    let mut indexes = vec![first];
    loop {
        cursor.skip_spaces();
        if !cursor.take(",") {
            break;
        }
        match parse_integer(cursor)? {
            Some(index) => indexes.push(index),
            None => return Err(cursor.error("an index is missing")),
        }
    }
    Ok(if indexes.len() == 1 { Segment::Index(first) } else { Segment::Indexes(indexes) })
}

fn parse_integer(cursor: &mut Cursor<'_>) -> Result<Option<i64>, PathError> {
    cursor.skip_spaces();
    let digits = cursor.take_while(|c| c.is_ascii_digit() || c == '-');
    if digits.is_empty() {
        return Ok(None);
    }
    digits.parse().map(Some).map_err(|_| cursor.error("the index is not an integer"))
}
