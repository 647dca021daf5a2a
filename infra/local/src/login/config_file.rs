//! The text of a configuration file with our profile in it, and with everything else as it was. Pure.

use std::fmt;
use std::ops::Range;

use super::profile::Profile;
use super::sections::{lines, sections};

/// Why a file is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Conflict {
    /// A section of that name is somebody else's.
    NotOurs { header: String },
    /// Somebody has put a section between our marks.
    Between { header: String },
    /// One of our marks is gone, or there twice.
    Marks { begin: String, end: String },
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs { header } => write!(
                f,
                "it has a section [{header}] that `pipewright login` did not write. Give --replace to put ours in its \
                 place, or choose another name with --profile"
            ),
            Self::Between { header } => write!(
                f,
                "the section [{header}] stands between the marks of `pipewright login`. Move it behind them"
            ),
            Self::Marks { begin, end } => write!(
                f,
                "of the marks of `pipewright login` one is missing or there twice. Remove these lines, with what they \
                 surround: '{begin}' and '{end}'"
            ),
        }
    }
}

/// Where our lines go in a text.
struct Place {
    /// What they replace.
    replaced: Vec<Range<usize>>,
    at: usize,
}

/// `text` with the lines of the profile in the place of those that were written before, or at its end. With `replace`,
/// also in the place of somebody else's.
pub(super) fn with_profile(text: &str, profile: &Profile, replace: bool) -> Result<String, Conflict> {
    let name = &profile.name;
    let marks = Marks::of(name);
    let headers = [format!("profile {name}"), format!("services {name}")];
    let written = if profile.is_for_all_services { 1 } else { 2 };
    let ours = marks.surrounded(text)?;
    if let Some(ours) = &ours {
        let mut between = sections(&text[ours.clone()]).into_iter();
        if let Some(section) = between.find(|section| !headers.contains(&section.header)) {
            return Err(Conflict::Between { header: section.header });
        }
    }
    let is_outside = |range: &Range<usize>| {
        ours.as_ref().is_none_or(|ours| range.end <= ours.start || ours.end <= range.start)
    };
    let others: Vec<_> = sections(text)
        .into_iter()
        .filter(|section| headers[..written].contains(&section.header) && is_outside(&section.range))
        .collect();
    if let Some(other) = others.first().filter(|_| !replace) {
        return Err(Conflict::NotOurs { header: other.header.clone() });
    }
    let mut replaced: Vec<_> = others.into_iter().map(|section| section.range).chain(ours.clone()).collect();
    replaced.sort_by_key(|range| range.start);
    let at = ours.or_else(|| replaced.first().cloned()).map_or(text.len(), |range| range.start);
    Ok(Place { replaced, at }.filled(text, &marks.around(&profile.lines())))
}

/// Whether a credentials file has keys under this name: they go before what a configuration file says of it.
pub(super) fn has_keys(credentials: &str, name: &str) -> bool {
    sections(credentials).iter().any(|section| section.header == name)
}

impl Place {
    fn filled(&self, text: &str, ours: &str) -> String {
        let mut made = String::with_capacity(text.len() + ours.len());
        let (mut from, mut is_there) = (0, false);
        for range in &self.replaced {
            made.push_str(&text[from..range.start]);
            if range.start == self.at {
                made.push_str(ours);
                is_there = true;
            }
            from = range.end;
        }
        made.push_str(&text[from..]);
        if !is_there {
            if !made.is_empty() {
                made.push_str(if made.ends_with('\n') { "\n" } else { "\n\n" });
            }
            made.push_str(ours);
        }
        made
    }
}

/// The lines before and behind ours.
struct Marks {
    begin: String,
    end: String,
}

impl Marks {
    fn of(name: &str) -> Self {
        let begin =
            format!("# >>> pipewright login --profile {name} writes these lines, and replaces them >>>");
        Self { begin, end: format!("# <<< pipewright login --profile {name} <<<") }
    }

    fn around(&self, lines: &str) -> String {
        format!("{}\n{lines}{}\n", self.begin, self.end)
    }

    /// From the first mark to the second one, if they are there.
    fn surrounded(&self, text: &str) -> Result<Option<Range<usize>>, Conflict> {
        let of = |mark: &str| {
            let found = lines(text).filter(|(line, _)| line.trim_end() == mark).map(|(_, range)| range);
            found.collect::<Vec<_>>()
        };
        match (of(&self.begin).as_slice(), of(&self.end).as_slice()) {
            ([], []) => Ok(None),
            ([begin], [end]) if begin.end <= end.start => Ok(Some(begin.start..end.end)),
            _ => Err(Conflict::Marks { begin: self.begin.clone(), end: self.end.clone() }),
        }
    }
}

#[cfg(test)]
mod tests;
