//! A body on its way to the disk: written, measured and compared with what the client promised.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::StreamExt;
use s3s::crypto::{Checksum, Md5};
use s3s::dto::StreamingBlob;
use s3s::{S3Result, s3_error};
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt;

use crate::checksums::{Checksums, hexadecimal};
use crate::store::{Store, io_error};

/// What the client said about the body that it sends.
#[derive(Debug, Default)]
pub(crate) struct Promise {
    pub(crate) length: Option<i64>,
    /// Base64.
    pub(crate) md5: Option<String>,
    pub(crate) checksums: Checksums,
}

/// A complete body under a temporary name; it is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) file: TempPath,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) md5: Vec<u8>,
    pub(crate) checksums: Checksums,
}

pub(crate) async fn receive(
    store: &Store,
    body: Option<StreamingBlob>,
    promise: Promise,
) -> S3Result<Received> {
    let temporary = NamedTempFile::new_in(store.temporary()).map_err(io_error)?;
    let (file, path) = temporary.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let mut hashes = Hashes::new(&promise);
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| s3_error!(IncompleteBody, "the body broke off: {error}"))?;
            hashes.update(&chunk);
            file.write_all(&chunk).await.map_err(io_error)?;
        }
    }
    file.flush().await.map_err(io_error)?;
    if store.syncs_at_once() {
        file.sync_all().await.map_err(io_error)?;
    }
    hashes.finish(path, promise)
}

pub(crate) struct Hashes {
    size: u64,
    sha256: Sha256,
    md5: Md5,
    checksums: s3s::checksum::ChecksumHasher,
}

impl Hashes {
    pub(crate) fn new(promise: &Promise) -> Self {
        Self { size: 0, sha256: Sha256::new(), md5: Md5::new(), checksums: promise.checksums.hasher() }
    }

    pub(crate) fn update(&mut self, chunk: &[u8]) {
        self.size += chunk.len() as u64;
        Digest::update(&mut self.sha256, chunk);
        self.md5.update(chunk);
        self.checksums.update(chunk);
    }

    pub(crate) fn sha256(self) -> String {
        hexadecimal(&self.sha256.finalize())
    }

    pub(crate) fn finish(self, file: TempPath, promise: Promise) -> S3Result<Received> {
        let md5 = self.md5.finalize().to_vec();
        if promise.length.is_some_and(|length| u64::try_from(length) != Ok(self.size)) {
            return Err(s3_error!(
                IncompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header"
            ));
        }
        if let Some(promised) = &promise.md5 {
            let decoded = BASE64_STANDARD.decode(promised).map_err(|_| s3_error!(InvalidDigest))?;
            if decoded.len() != md5.len() {
                return Err(s3_error!(InvalidDigest, "The Content-MD5 you specified is not valid."));
            }
            if decoded != md5 {
                return Err(s3_error!(
                    BadDigest,
                    "The Content-MD5 you specified did not match what we received."
                ));
            }
        }
        promise.checksums.verify(self.checksums)?;
        let sha256 = hexadecimal(&self.sha256.finalize());
        Ok(Received { file, size: self.size, sha256, md5, checksums: promise.checksums })
    }
}
