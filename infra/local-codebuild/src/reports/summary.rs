//! A report in words and in the form of CodeBuild's API.

use serde_json::{Map, Value, json};

use super::results::{Coverage, Results, TestCase, TestStatus};
use crate::moment::Moment;

/// What a report is called.
pub struct ReportIdentity {
    /// `<project>-<group>`, or what follows `report-group/` in the ARN that the buildspec gives.
    pub group: String,
    pub group_arn: String,
    pub arn: String,
    pub build_arn: String,
}

/// `12 tests: 10 SUCCEEDED, 2 FAILED`
pub fn tests_line(cases: &[TestCase]) -> String {
    let counts = TestStatus::ALL.into_iter().filter_map(|status| {
        let count = cases.iter().filter(|case| case.status == status).count();
        (count > 0).then(|| format!("{count} {}", status.name()))
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    if counts.is_empty() { "0 tests".to_owned() } else { format!("{} tests: {counts}", cases.len()) }
}

pub fn coverage_line(coverage: Coverage) -> String {
    let Coverage { lines_covered, lines_missed, branches_covered, branches_missed } = coverage;
    format!(
        "{:.2} % of {} lines, {:.2} % of {} branches",
        coverage.line_percentage(),
        lines_covered + lines_missed,
        coverage.branch_percentage(),
        branches_covered + branches_missed
    )
}

pub fn failed_names(cases: &[TestCase]) -> impl Iterator<Item = &str> {
    cases.iter().filter(|case| case.status.is_bad()).map(|case| case.name.as_str())
}

/// The answer of BatchGetReports.
pub fn report_record(identity: &ReportIdentity, results: &Results, created: Moment) -> Value {
    let mut record = json!({
        "arn": identity.arn,
        "name": identity.group,
        "reportGroupArn": identity.group_arn,
        "executionId": identity.build_arn,
        "created": created,
        "truncated": false,
    });
    match results {
        Results::Tests(cases) => {
            let is_good = !cases.iter().any(|case| case.status.is_bad());
            record["type"] = json!("TEST");
            record["status"] = json!(if is_good { "SUCCEEDED" } else { "FAILED" });
            record["testSummary"] = json!({
                "total": cases.len(),
                "statusCounts": status_counts(cases),
                "durationInNanoSeconds": cases.iter().map(|case| case.duration_nanoseconds).sum::<u64>(),
            });
        }
        Results::Coverage(coverage) => {
            record["type"] = json!("CODE_COVERAGE");
            record["status"] = json!("SUCCEEDED");
            record["codeCoverageSummary"] = json!({
                "lineCoveragePercentage": coverage.line_percentage(),
                "linesCovered": coverage.lines_covered,
                "linesMissed": coverage.lines_missed,
                "branchCoveragePercentage": coverage.branch_percentage(),
                "branchesCovered": coverage.branches_covered,
                "branchesMissed": coverage.branches_missed,
            });
        }
    }
    record
}

fn status_counts(cases: &[TestCase]) -> Map<String, Value> {
    let counts = TestStatus::ALL.into_iter().map(|status| {
        let count = cases.iter().filter(|case| case.status == status).count();
        (status.name().to_owned(), json!(count))
    });
    counts.collect()
}
