//! Artifacts: zip objects that are written once and checked whenever they are read.
//!
//! Keys are CodePipeline's: `<pipeline, 20 characters>/<artifact, 10 characters>/<7 random>`.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use engine::decide::ArtifactLocation;
use sha2::{Digest, Sha256};

use crate::{Fault, ids};

#[derive(Clone)]
pub struct Artifacts {
    client: Client,
    bucket: String,
}

impl Artifacts {
    pub fn new(client: Client, bucket: String) -> Self {
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
        let place = self.place(pipeline_name, artifact_name);
        let location = ArtifactLocation { sha256: sha256(&body), size_bytes: body.len() as u64, ..place };
        let request = self.client.put_object().bucket(&location.bucket).key(&location.key);
        let request = request.if_none_match("*").content_type("application/zip").body(ByteStream::from(body));
        request.send().await.map_err(|error| Fault::of_call("storing an artifact", error))?;
        Ok(location)
    }

    /// Reads an artifact and checks its length and SHA-256.
    ///
    /// # Errors
    /// `Corrupt` when the bytes are not those that were written.
    pub async fn get(&self, location: &ArtifactLocation) -> Result<Vec<u8>, Fault> {
        let what =
            format!("reading the artifact {} (s3://{}/{})", location.name, location.bucket, location.key);
        let request = self.client.get_object().bucket(&location.bucket).key(&location.key);
        let output = request.send().await.map_err(|error| Fault::of_call(&what, error))?;
        let body =
            output.body.collect().await.map_err(|error| Fault::unavailable(format!("{what}: {error}")))?;
        let body = body.to_vec();
        if !location.sha256.is_empty() && sha256(&body) != location.sha256 {
            return Err(Fault::corrupt(format!("{what}: the bytes are not those that were written")));
        }
        Ok(body)
    }
}

/// Lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
