//! Test and coverage reports: from the files that test tools write to what CodeBuild keeps of them. Pure.
//!
//! Source: "Test reports" and "Code coverage reports" in the CodeBuild user guide.

mod coverage;
mod cucumber;
mod results;
mod summary;
mod xml;

pub use results::Results;
pub use summary::{ReportIdentity, coverage_line, failed_names, report_record, tests_line};

use crate::buildspec::ReportFormat;

/// What a file says, or why it cannot be read.
pub fn parse(format: ReportFormat, text: &str) -> Result<Results, String> {
    match format {
        ReportFormat::JunitXml => xml::junit(text).map(Results::Tests),
        ReportFormat::TestngXml => xml::testng(text).map(Results::Tests),
        ReportFormat::NunitXml => xml::nunit(text).map(Results::Tests),
        ReportFormat::Nunit3Xml => xml::nunit3(text).map(Results::Tests),
        ReportFormat::VisualStudioTrx => xml::trx(text).map(Results::Tests),
        ReportFormat::CucumberJson => cucumber::cucumber(text).map(Results::Tests),
        ReportFormat::CoberturaXml => coverage::cobertura(text).map(Results::Coverage),
        ReportFormat::CloverXml => coverage::clover(text).map(Results::Coverage),
        ReportFormat::JacocoXml => coverage::jacoco(text).map(Results::Coverage),
        ReportFormat::Simplecov => coverage::simplecov(text).map(Results::Coverage),
    }
}

#[cfg(test)]
mod tests;
