//! The environment of a build's commands. Pure.
//!
//! Source: "Environment variables in build environments" in the CodeBuild user guide.

use std::collections::BTreeMap;
use std::path::Path;

use crate::buildspec::Buildspec;
use crate::model::{Build, SourceType};
use crate::settings::{Account, Home, Settings};

/// The directories of one build.
pub struct Places<'a> {
    /// The primary source.
    pub source: &'a Path,
    /// The secondary sources by their identifiers.
    pub secondary_sources: &'a [(String, std::path::PathBuf)],
    pub home: &'a Path,
}

/// Later ones win: the host's, CodeBuild's, the buildspec's, those of the project and of the start
/// (which the build already holds merged).
pub fn variables(
    build: &Build,
    buildspec: &Buildspec,
    settings: &Settings,
    places: &Places<'_>,
) -> BTreeMap<String, String> {
    let mut variables = settings.variables.clone();
    if settings.home == Home::Fresh {
        variables.insert("HOME".into(), text(places.home));
    }
    variables.extend(of_codebuild(build, &settings.account, places));
    variables.extend(buildspec.variables.iter().cloned());
    let of_build = &build.environment.environment_variables;
    variables.extend(of_build.iter().map(|variable| (variable.name.clone(), variable.value.clone())));
    variables
}

fn of_codebuild(build: &Build, account: &Account, places: &Places<'_>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: String| {
        variables.insert(name.to_owned(), value);
    };
    set("CI", "true".into());
    set("CODEBUILD_CI", "true".into());
    set("AWS_REGION", account.region.clone());
    set("AWS_DEFAULT_REGION", account.region.clone());
    set("CODEBUILD_BUILD_ARN", build.arn.clone());
    set("CODEBUILD_BUILD_ID", build.id.clone());
    set("CODEBUILD_BUILD_IMAGE", build.environment.image.clone());
    set("CODEBUILD_BUILD_NUMBER", build.build_number.to_string());
    set("CODEBUILD_BUILD_SUCCEEDING", "1".into());
    set("CODEBUILD_INITIATOR", build.initiator.clone());
    set("CODEBUILD_LOG_PATH", build.logs.stream_name.clone());
    set("CODEBUILD_SRC_DIR", text(places.source));
    for (identifier, directory) in places.secondary_sources {
        set(&format!("CODEBUILD_SRC_DIR_{identifier}"), text(directory));
    }
    set("CODEBUILD_START_TIME", build.start_time.0.to_string());
    if let Some(key) = &build.encryption_key {
        set("CODEBUILD_KMS_KEY_ID", key.clone());
    }
    if let (SourceType::S3, Some(location)) = (build.source.source_type, &build.source.location) {
        set("CODEBUILD_SOURCE_REPO_URL", location.clone());
    }
    // CODEBUILD_RESOLVED_SOURCE_VERSION is not set for S3 sources on CodeBuild either; an orchestrator
    // that knows the commit passes it as a variable of the start.
    if let Some(version) = &build.source_version {
        set("CODEBUILD_SOURCE_VERSION", version.clone());
    }
    variables
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
