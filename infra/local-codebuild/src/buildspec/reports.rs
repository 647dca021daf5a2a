//! The `reports` section.

use super::node::Node;
use super::value::{flag, mapping, notice, text, texts};
use super::{Buildspec, BuildspecError, ReportFiles, ReportFormat};

/// CodeBuild's limit of report groups in one project.
const MAX_REPORT_GROUPS: usize = 5;

pub(super) fn parse_reports(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    let groups = mapping(node)?;
    if groups.len() > MAX_REPORT_GROUPS {
        return Err(node.error(format!("has {} report groups; CodeBuild takes at most 5", groups.len())));
    }
    for (name, node) in groups {
        let report = parse_report(node, buildspec)?;
        buildspec.reports.push((name.clone(), report));
    }
    Ok(())
}

fn parse_report(node: &Node, buildspec: &mut Buildspec) -> Result<ReportFiles, BuildspecError> {
    let mut report = ReportFiles {
        files: Vec::new(),
        base_directory: None,
        discard_paths: false,
        format: ReportFormat::JunitXml,
    };
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "files" => report.files = texts(node)?,
            "base-directory" => report.base_directory = Some(text(node)?).filter(|text| !text.is_empty()),
            "discard-paths" => report.discard_paths = flag(node)?,
            "file-format" => report.format = file_format(node)?,
            _ => notice(buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    if report.files.is_empty() {
        return Err(node.error("files is missing: which files hold the results?"));
    }
    Ok(report)
}

fn file_format(node: &Node) -> Result<ReportFormat, BuildspecError> {
    let name = text(node)?;
    let unknown = || node.error(format!("there is no format {name:?}; use one of {}", ReportFormat::names()));
    ReportFormat::named(&name).ok_or_else(unknown)
}
