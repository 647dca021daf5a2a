//! Files out of input artifacts; an artifact is fetched once.

use std::collections::BTreeMap;
use std::io::Cursor;

use engine::decide::ArtifactLocation;
use engine::stack_action::ArtifactFile;
use platform::Platform;

use super::{Stop, refusal};

/// A template has a megabyte at most (CloudFormation's quotas); configurations are smaller.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

pub(super) struct Files<'a> {
    platform: &'a Platform,
    artifacts: &'a [ArtifactLocation],
    fetched: BTreeMap<String, Vec<u8>>,
}

impl<'a> Files<'a> {
    pub fn of(platform: &'a Platform, artifacts: &'a [ArtifactLocation]) -> Self {
        Self { platform, artifacts, fetched: BTreeMap::new() }
    }

    /// Fails the action when there is no such artifact or file.
    pub async fn read(&mut self, file: &ArtifactFile) -> Result<Vec<u8>, Stop> {
        let ArtifactFile { artifact, path } = file;
        if !self.fetched.contains_key(artifact) {
            let location = self.artifacts.iter().find(|location| location.name == *artifact);
            let location = location
                .ok_or_else(|| refusal(format!("'{artifact}' is no input artifact of the action.")))?;
            let bytes = self.platform.artifacts.get(location).await?.map_err(Stop::Refusal)?;
            self.fetched.insert(artifact.clone(), bytes);
        }
        let zip = self.fetched.get(artifact).map(Vec::as_slice).unwrap_or_default();
        match archive::read_entry(Cursor::new(zip), path, FILE_BYTES_MAX) {
            Ok(Some(contents)) => Ok(contents),
            Ok(None) => Err(refusal(format!("There is no file {path} in the artifact {artifact}."))),
            Err(error) => Err(refusal(format!("The artifact {artifact}: {error}"))),
        }
    }
}
