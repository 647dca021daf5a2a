//! Sources: from an object to a directory.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use archive::Limits;
use local_service::ApiError;

use super::execution::Run;
use super::phase_end::{PhaseEnd, failed, fault};
use crate::model::{ProjectSource, SourceType};
use crate::names::parse_object;

impl Run {
    /// Puts a source into `directory`, which is new.
    pub(super) async fn fetch(&self, source: &ProjectSource, directory: &Path) -> Result<(), PhaseEnd> {
        let object = source.location.as_deref().and_then(parse_object);
        let (bucket, key) = match (source.source_type, object) {
            (SourceType::S3, Some(object)) => object,
            _ => {
                let created = fs::create_dir_all(directory);
                return created.map_err(|error| fault("PROVISIONING_ERROR", error.to_string()));
            }
        };
        self.recorder.note(&format!("Downloading source s3://{bucket}/{key}"));
        let bytes = self.get(bucket, key).await?;
        let target = directory.to_owned();
        let unpacked = tokio::task::spawn_blocking(move || {
            archive::unpack(Cursor::new(bytes), &target, &Limits::default())
        })
        .await
        .map_err(|error| fault("INTERNAL_ERROR", error.to_string()))?;
        unpacked.map(|_| ()).map_err(|error| {
            failed("CLIENT_ERROR", format!("the source s3://{bucket}/{key} cannot be unpacked: {error}"))
        })
    }

    pub(super) async fn get(&self, bucket: &str, key: &str) -> Result<Vec<u8>, PhaseEnd> {
        let bytes = tokio::select! {
            biased;
            reason = self.stop.requested() => return Err(PhaseEnd::Stopped(reason)),
            read = self.service.objects.get(bucket, key) => read,
        };
        bytes.map_err(|error| object_error(&error, bucket, key))
    }
}

fn object_error(error: &ApiError, bucket: &str, key: &str) -> PhaseEnd {
    let message = format!("cannot read s3://{bucket}/{key}: {error}");
    if error.status >= 500 { fault("INTERNAL_ERROR", message) } else { failed("CLIENT_ERROR", message) }
}
