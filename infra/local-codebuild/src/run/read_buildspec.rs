//! The buildspec of a build: its text, a file of the source, or an object.

use std::fs;
use std::path::{Path, PathBuf};

use super::execution::Run;
use super::phase_end::{PhaseEnd, failed};
use crate::names::parse_object;

const DEFAULT_BUILDSPEC: &str = "buildspec.yml";

const ERROR: &str = "YAML_FILE_ERROR";

/// Whether `buildspec` is a buildspec's text; else it is the path of one in the source, or the ARN of an
/// object.
pub fn is_buildspec_text(buildspec: &str) -> bool {
    buildspec.contains('\n') || buildspec.trim_start().starts_with('{') || buildspec.contains(": ")
}

impl Run {
    /// The text that `given` says, and what to call it in messages.
    pub(super) async fn read_buildspec(
        &self,
        given: Option<&str>,
        source: &Path,
    ) -> Result<(String, String), PhaseEnd> {
        let given = given.unwrap_or(DEFAULT_BUILDSPEC);
        if is_buildspec_text(given) {
            return Ok((given.to_owned(), "the buildspec of the build".to_owned()));
        }
        if given.starts_with("arn:") {
            return Ok((self.read_object(given).await?, given.to_owned()));
        }
        let path = buildspec_path(given, source)?;
        self.recorder.note(&format!("YAML location is {}", path.display()));
        let unreadable = |error| failed(ERROR, format!("cannot read the buildspec {given}: {error}"));
        Ok((fs::read_to_string(&path).map_err(unreadable)?, given.to_owned()))
    }

    async fn read_object(&self, arn: &str) -> Result<String, PhaseEnd> {
        let (bucket, key) = parse_object(arn).ok_or_else(|| {
            failed(ERROR, format!("the buildspec {arn} is no object: write arn:aws:s3:::bucket/key"))
        })?;
        self.recorder.note(&format!("Downloading buildspec s3://{bucket}/{key}"));
        let bytes = self.get(bucket, key).await?;
        String::from_utf8(bytes).map_err(|_| failed(ERROR, format!("the buildspec {arn} is no text")))
    }
}

fn buildspec_path(given: &str, source: &Path) -> Result<PathBuf, PhaseEnd> {
    let leaves = failed(ERROR, format!("the buildspec {given} is not inside of the source"));
    if Path::new(given).is_absolute() || Path::new(given).components().any(|part| part.as_os_str() == "..") {
        return Err(leaves);
    }
    let missing = |error| failed(ERROR, format!("there is no buildspec {given} in the source: {error}"));
    let path = fs::canonicalize(source.join(given)).map_err(missing)?;
    if path.starts_with(source) { Ok(path) } else { Err(leaves) }
}
