//! Artifacts: zip objects that are written once and checked whenever they are read.
//!
//! Keys are CodePipeline's: `<pipeline, 20 characters>/<artifact, 10 characters>/<7 random>`.

use std::io::Cursor;

use archive::{EntryKind, PackedEntry};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use engine::decide::{ArtifactLocation, FailureType};
use sha2::{Digest, Sha256};

use crate::action::ActionResult;
use crate::{Fault, Lazy, ids};

/// So many keys are drawn for one artifact.
const PLACES_MAX: usize = 3;

#[derive(Clone)]
pub struct Artifacts {
    client: Lazy<Client>,
    bucket: String,
}

impl Artifacts {
    pub fn new(client: Lazy<Client>, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// Where an artifact that a provider writes itself is to be put.
    pub fn place(&self, pipeline_name: &str, artifact_name: &str) -> ArtifactLocation {
        let head = |text: &str, length: usize| text.chars().take(length).collect::<String>();
        let (pipeline, artifact) = (head(pipeline_name, 20), head(artifact_name, 10));
        ArtifactLocation {
            name: artifact_name.to_owned(),
            bucket: self.bucket.clone(),
            key: format!("{pipeline}/{artifact}/{}", ids::artifact_suffix()),
            sha256: String::new(),
            size_bytes: 0,
        }
    }

    /// Writes an artifact; its key is never used twice.
    pub async fn put(
        &self,
        pipeline_name: &str,
        artifact_name: &str,
        body: Vec<u8>,
    ) -> Result<ArtifactLocation, Fault> {
        let (sha256, size_bytes) = (sha256(&body), body.len() as u64);
        let body = Bytes::from(body);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let place = self.place(pipeline_name, artifact_name);
            let location = ArtifactLocation { sha256: sha256.clone(), size_bytes, ..place };
            let request = self.client.put_object().bucket(&location.bucket).key(&location.key);
            let request = request.if_none_match("*").content_type("application/zip");
            match request.body(ByteStream::from(body.clone())).send().await {
                Ok(_) => return Ok(location),
                // Our own, most likely: the answer was lost and the SDK tried again.
                Err(error) if attempt < PLACES_MAX && is_taken(&error) => {}
                Err(error) => {
                    let what = format!("storing the artifact {artifact_name} in s3://{}", location.bucket);
                    return Err(Fault::of_call(&what, error));
                }
            }
        }
    }

    /// Writes an artifact with one file to a place that was planned for it: the same bytes, however often.
    pub async fn put_file(
        &self,
        place: &ArtifactLocation,
        path: &str,
        contents: Vec<u8>,
    ) -> Result<ArtifactLocation, Fault> {
        let kind = EntryKind::File { is_executable: false };
        let entry = PackedEntry { path: path.to_owned(), kind };
        let mut zip = Cursor::new(Vec::new());
        archive::pack_entries(vec![entry], |_| Ok(contents.clone()), &mut zip)
            .map_err(|error| Fault::misconfigured(format!("{path} cannot be packed: {error}")))?;
        let body = zip.into_inner();
        let (sha256, size_bytes) = (sha256(&body), body.len() as u64);
        let request = self.client.put_object().bucket(&place.bucket).key(&place.key);
        let request = request.content_type("application/zip").body(ByteStream::from(body));
        let what = || format!("storing the artifact {} in s3://{}", place.name, place.bucket);
        request.send().await.map_err(|error| Fault::of_call(&what(), error))?;
        Ok(ArtifactLocation { sha256, size_bytes, ..place.clone() })
    }

    /// Reads an artifact and checks its SHA-256. The inner error is the result that an action fails with
    /// whose artifact is gone, or is not what was written.
    pub async fn get(&self, location: &ArtifactLocation) -> Result<Result<Vec<u8>, ActionResult>, Fault> {
        let what =
            format!("reading the artifact {} (s3://{}/{})", location.name, location.bucket, location.key);
        let request = self.client.get_object().bucket(&location.bucket).key(&location.key);
        let lost = |why: &str| {
            let message = format!("{what}: {why}. Put it back and retry the stage, or start a new execution");
            ActionResult::failed(FailureType::JobFailed, message)
        };
        let output = match request.send().await {
            Ok(output) => output,
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => {
                return Ok(Err(lost("it is not there any more")));
            }
            // It was archived; or, in a store that keeps its objects in files, the file is damaged.
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_invalid_object_state) => {
                let why = error.as_service_error().and_then(ProvideErrorMetadata::message);
                return Ok(Err(lost(why.unwrap_or("it cannot be read in its state"))));
            }
            Err(error) => return Err(Fault::of_call(&what, error)),
        };
        let body =
            output.body.collect().await.map_err(|error| Fault::unavailable(format!("{what}: {error}")))?;
        let body = body.to_vec();
        if !location.sha256.is_empty() && sha256(&body) != location.sha256 {
            return Ok(Err(lost("the bytes are not those that were written")));
        }
        Ok(Ok(body))
    }
}

fn is_taken(error: &SdkError<PutObjectError>) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("PreconditionFailed")
}

/// Lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
