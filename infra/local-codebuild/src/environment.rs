//! The environment of a build's commands. Pure.
//!
//! Source: "Environment variables in build environments" in the CodeBuild user guide.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::buildspec::{Buildspec, SecretReference};
use crate::model::{Build, SourceType};
use crate::secrets;
use crate::settings::{Account, Home, Settings};

/// The variable by which a build's processes are found, wherever they went.
pub const BUILD_MARK: &str = "CODEBUILD_BUILD_ARN";

/// The directories of one build.
pub struct Places<'a> {
    /// The primary source.
    pub source: &'a Path,
    /// The secondary sources by their identifiers.
    pub secondary_sources: &'a [(String, PathBuf)],
    pub home: &'a Path,
    /// `TMPDIR`, if the build must not use that of the host.
    pub temporary: Option<&'a Path>,
}

/// Where a variable's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariableSource {
    Plain(String),
    Secret(SecretReference),
}

/// Later ones win: the host's, CodeBuild's, the buildspec's, those of the project and of the start
/// (which the build already holds merged).
pub fn variables(
    build: &Build,
    buildspec: &Buildspec,
    settings: &Settings,
    places: &Places<'_>,
) -> BTreeMap<String, VariableSource> {
    let mut plain = settings.variables.clone();
    if settings.home == Home::Fresh || settings.sandbox.is_some() {
        plain.insert("HOME".into(), text(places.home));
    }
    if let Some(temporary) = places.temporary {
        plain.insert("TMPDIR".into(), text(temporary));
    }
    plain.extend(of_codebuild(build, &settings.account, places));
    plain.extend(buildspec.variables.iter().cloned());
    let mut variables: BTreeMap<String, VariableSource> =
        plain.into_iter().map(|(name, value)| (name, VariableSource::Plain(value))).collect();
    let secrets = buildspec.secrets.iter();
    variables.extend(
        secrets.map(|secret| (secret.name.clone(), VariableSource::Secret(secret.reference.clone()))),
    );
    for variable in &build.environment.environment_variables {
        let plain = || VariableSource::Plain(variable.value.clone());
        let source = secrets::reference(variable).map_or_else(plain, VariableSource::Secret);
        variables.insert(variable.name.clone(), source);
    }
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
    set(BUILD_MARK, build.arn.clone());
    set("CODEBUILD_BUILD_ID", build.id.clone());
    set("CODEBUILD_BUILD_IMAGE", build.environment.image.clone());
    set("CODEBUILD_BUILD_NUMBER", build.build_number.to_string());
    set("CODEBUILD_BUILD_SUCCEEDING", "1".into());
    set("CODEBUILD_INITIATOR", build.initiator.clone());
    set("CODEBUILD_LOG_PATH", build.logs.stream_name.clone());
    set("CODEBUILD_SRC_DIR", text(places.source));
    for (identifier, directory) in places.secondary_sources {
        set(&format!("CODEBUILD_SRC_DIR_{identifier}"), text(directory));
        // An artifact's name may have a hyphen, which no shell takes in the name of a variable.
        set(&format!("CODEBUILD_SRC_DIR_{}", identifier.replace('-', "_")), text(directory));
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
