//! What happened, step by step: as a digest always, and as lines to read when somebody asks.

use std::hash::{DefaultHasher, Hash, Hasher};

#[derive(Default)]
pub struct Trace {
    digest: DefaultHasher,
    lines: Option<Vec<String>>,
}

impl Trace {
    pub fn with_lines() -> Self {
        Self { lines: Some(Vec::new()), ..Self::default() }
    }

    /// `detail` tells `what` from other steps of its kind; `line` is only made when lines are kept.
    pub fn step(&mut self, now: i64, what: &'static str, detail: u64, line: impl FnOnce() -> String) {
        (now, what, detail).hash(&mut self.digest);
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{now:>8} {what}: {}", line()));
        }
    }

    pub fn digest(&self) -> u64 {
        self.digest.finish()
    }

    pub fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }
}
