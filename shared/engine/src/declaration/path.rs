//! Where in a declaration something is: `stages[1].actions[0].configuration.ProjectName`.

use std::fmt;

/// One step into a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    Member(String),
    /// Counted from 0.
    Item(usize),
}

/// A path from the declaration (the value of `pipeline`) to one of its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(Vec<Segment>);

impl Path {
    /// The declaration itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The path to a stage.
    pub fn stage(stage: usize) -> Self {
        Self::root().member("stages").item(stage)
    }

    /// The path to an action.
    pub fn action(stage: usize, action: usize) -> Self {
        Self::stage(stage).member("actions").item(action)
    }

    pub fn member(&self, name: &str) -> Self {
        let mut segments = self.0.clone();
        segments.push(Segment::Member(name.to_string()));
        Self(segments)
    }

    /// An item of a list, counted from 0.
    pub fn item(&self, index: usize) -> Self {
        let mut segments = self.0.clone();
        segments.push(Segment::Item(index));
        Self(segments)
    }

    /// The path without its last step; none for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The form of the service's constraint messages, counted from 1:
    /// `pipeline.stages.2.member.actions.1.member.name`.
    pub fn as_constraint(&self) -> String {
        format!("pipeline{}", self.members())
    }

    /// The same for a path from the request itself: `tags.1.member.key`.
    pub(super) fn as_constraint_of_request(&self) -> String {
        self.members().trim_start_matches('.').to_owned()
    }

    fn members(&self) -> String {
        let mut text = String::new();
        for segment in &self.0 {
            match segment {
                Segment::Member(name) => text.push_str(&format!(".{name}")),
                Segment::Item(index) => text.push_str(&format!(".{}.member", index + 1)),
            }
        }
        text
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Member(name) if position == 0 => f.write_str(name)?,
                Segment::Member(name) => write!(f, ".{name}")?,
                Segment::Item(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
