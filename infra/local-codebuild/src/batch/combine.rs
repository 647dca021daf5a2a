//! The artifacts of all builds of a batch as one: a zip with a folder for each build.

use std::io::Cursor;

use archive::Limits;

use crate::artifacts::sha256;
use crate::model::{ArtifactsType, Packaging, ProjectArtifacts};
use crate::service_state::ServiceState;

/// Combines what the builds `identifiers` stored below the place of `artifacts`, and answers with the SHA-256 of
/// the zip, if there is to be one. A build that stored nothing has no folder.
pub async fn combine(
    service: &ServiceState,
    artifacts: &ProjectArtifacts,
    key: &str,
    identifiers: &[String],
) -> Result<Option<String>, String> {
    let is_zip = artifacts.artifacts_type == ArtifactsType::S3 && artifacts.packaging == Some(Packaging::Zip);
    let (true, Some(bucket)) = (is_zip, &artifacts.location) else { return Ok(None) };
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for identifier in identifiers {
        let part = format!("{key}/{identifier}");
        let bytes = match service.objects.get(bucket, &part).await {
            Err(error) if error.status < 500 => continue,
            read => read.map_err(|error| format!("cannot read s3://{bucket}/{part}: {error}"))?,
        };
        let target = folder.path().join(identifier);
        let unpacked = tokio::task::spawn_blocking(move || {
            archive::unpack(Cursor::new(bytes), &target, &Limits::default())
                .map_err(|error| error.to_string())
        });
        unpacked.await.map_err(|error| error.to_string())??;
    }
    let packed = tokio::task::spawn_blocking(move || {
        let mut bytes = Cursor::new(Vec::new());
        archive::pack_tree(folder.path(), &mut bytes).map_err(|error| error.to_string())?;
        Ok::<_, String>(bytes.into_inner())
    });
    let bytes = packed.await.map_err(|error| error.to_string())??;
    let digest = sha256(&bytes);
    let stored = service.objects.put(bucket, key, bytes).await;
    stored.map_err(|error| format!("cannot store s3://{bucket}/{key}: {error}"))?;
    Ok(Some(digest))
}
