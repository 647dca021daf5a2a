//! What the formats have in common.

/// The content of one report, from one file or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Results {
    Tests(Vec<TestCase>),
    Coverage(Coverage),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCase {
    pub name: String,
    pub status: TestStatus,
    pub duration_nanoseconds: u64,
}

/// CodeBuild's statuses of test cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestStatus {
    Succeeded,
    Failed,
    Error,
    Skipped,
    Unknown,
}

impl TestStatus {
    pub const ALL: [Self; 5] = [Self::Succeeded, Self::Failed, Self::Error, Self::Skipped, Self::Unknown];

    pub fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Error => "ERROR",
            Self::Skipped => "SKIPPED",
            Self::Unknown => "UNKNOWN",
        }
    }

    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Error)
    }
}

/// Counts over all files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    pub lines_covered: u64,
    pub lines_missed: u64,
    pub branches_covered: u64,
    pub branches_missed: u64,
}

impl Coverage {
    pub fn line_percentage(self) -> f64 {
        percentage(self.lines_covered, self.lines_missed)
    }

    pub fn branch_percentage(self) -> f64 {
        percentage(self.branches_covered, self.branches_missed)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of lines are far below 2^53")]
fn percentage(covered: u64, missed: u64) -> f64 {
    let total = covered + missed;
    if total == 0 { 0.0 } else { covered as f64 * 100.0 / total as f64 }
}

impl Results {
    /// Adds the results of a further file.
    pub fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::Tests(mut cases), Self::Tests(more)) => {
                cases.extend(more);
                Self::Tests(cases)
            }
            (Self::Coverage(one), Self::Coverage(two)) => Self::Coverage(Coverage {
                lines_covered: one.lines_covered + two.lines_covered,
                lines_missed: one.lines_missed + two.lines_missed,
                branches_covered: one.branches_covered + two.branches_covered,
                branches_missed: one.branches_missed + two.branches_missed,
            }),
            // One report has one format, so both are of one kind.
            (results, _) => results,
        }
    }
}

/// Seconds with a fraction, as test tools write them; what is no number is no time.
pub fn nanoseconds(seconds: &str) -> u64 {
    let seconds = seconds.replace(',', "").parse::<f64>().unwrap_or(0.0);
    std::time::Duration::try_from_secs_f64(seconds)
        .map_or(0, |duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
