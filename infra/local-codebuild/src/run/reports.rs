//! The reports of a build, which are read before its artifacts are stored. A report that cannot be read
//! is a note in the log, as on CodeBuild; the build goes on.

use std::fs;

use super::execution::Run;
use super::phase_end::PhaseEnd;
use crate::artifacts::collect;
use crate::buildspec::{ArtifactFiles, ReportFiles};
use crate::model::Build;
use crate::reports::{
    ReportIdentity, Results, coverage_line, failed_names, parse, report_record, tests_line,
};

/// A larger file is no report that anybody reads.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// How many failed tests are named in the log.
const MAX_NAMED_FAILURES: usize = 50;

impl Run {
    pub(super) async fn read_reports(&mut self) -> Result<(), PhaseEnd> {
        let reports = self.buildspec.as_ref().map(|buildspec| buildspec.reports.clone()).unwrap_or_default();
        for (group, files) in reports {
            let identity = identity(&self.recorder.build(), &group);
            let name = &identity.group;
            match self.read_results(&files).await? {
                Err(message) => self.recorder.note(&format!("Error processing report {name}: {message}")),
                Ok(results) => self.keep_report(&identity, &results),
            }
        }
        Ok(())
    }

    /// All files of one report, or why they cannot be read.
    async fn read_results(&mut self, report: &ReportFiles) -> Result<Result<Results, String>, PhaseEnd> {
        let mut base_directory = report.base_directory.clone();
        if let Some(base) = &mut base_directory {
            *base = self.expand(base).await?;
        }
        let files = ArtifactFiles {
            files: self.expand_all(&report.files).await?,
            base_directory,
            discard_paths: false,
            ..ArtifactFiles::default()
        };
        let (source, format) = (self.workspace.source(), report.format);
        let read = tokio::task::spawn_blocking(move || {
            let (selected, _) = collect(&source, &files).map_err(|error| error.to_string())?;
            let mut all: Option<Results> = None;
            for file in selected {
                let path = source.join(&file.path);
                let failed =
                    |message: String| format!("{} is no {} file: {message}", file.path, format.name());
                if fs::metadata(&path).map_err(|error| failed(error.to_string()))?.len() > MAX_FILE_BYTES {
                    return Err(failed(format!("it is larger than {MAX_FILE_BYTES} bytes")));
                }
                let bytes = fs::read(&path).map_err(|error| failed(error.to_string()))?;
                let results = parse(format, &String::from_utf8_lossy(&bytes)).map_err(failed)?;
                all = Some(match all {
                    None => results,
                    Some(others) => others.merge(results),
                });
            }
            all.ok_or_else(|| "no files were found".to_owned())
        });
        Ok(read.await.unwrap_or_else(|error| Err(error.to_string())))
    }

    fn keep_report(&self, identity: &ReportIdentity, results: &Results) {
        match results {
            Results::Coverage(coverage) => {
                self.recorder.note(&format!("Report {}: {}", identity.group, coverage_line(*coverage)));
            }
            Results::Tests(cases) => {
                self.recorder.note(&format!("Report {}: {}", identity.group, tests_line(cases)));
                for name in failed_names(cases).take(MAX_NAMED_FAILURES) {
                    self.recorder.note(&format!("Failed test: {name}"));
                }
            }
        }
        let build = self.recorder.build();
        let record = report_record(identity, results, self.service.now());
        match self.service.store.save_report(&identity.group, build.uuid(), &record) {
            Ok(()) => self.recorder.add_report(identity.arn.clone()),
            Err(error) => self.recorder.note(&format!("Report {} was not kept: {error}", identity.group)),
        }
    }
}

/// A group of the buildspec is named by its key or its ARN. CodeBuild puts the project's name before a
/// new group's.
fn identity(build: &Build, group: &str) -> ReportIdentity {
    let of_arn = group.split_once(":report-group/").map(|(_, name)| name.to_owned());
    let group = of_arn.unwrap_or_else(|| format!("{}-{group}", build.project_name));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let group: String = group.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    let account = build.arn.split_once(":build/").map_or("", |(account, _)| account);
    ReportIdentity {
        arn: format!("{account}:report/{group}:{}", build.uuid()),
        group_arn: format!("{account}:report-group/{group}"),
        build_arn: build.arn.clone(),
        group,
    }
}
