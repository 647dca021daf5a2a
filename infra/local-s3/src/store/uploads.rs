//! Multipart uploads: a directory per upload until it is completed or aborted.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::PathBuf;

use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{Store, identifier, io_error, load};
use crate::checksums::hexadecimal;
use crate::receive::{Hashes, Promise, Received};
use crate::record::Properties;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Upload {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) properties: Properties,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    pub(crate) number: i32,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) sha256: String,
}

impl Store {
    pub(crate) fn create_upload(&self, upload: &Upload) -> S3Result<String> {
        let mut state = self.state();
        state.bucket(&upload.bucket)?;
        let sequence = state.take_sequence();
        let (now, sequence) = (self.now().to_string(), sequence.to_string());
        let id = identifier(&["upload", &upload.bucket, &upload.key, &sequence, &now])[..32].to_string();
        let path = self.uploads_path().join(&id);
        fs::create_dir(&path).map_err(io_error)?;
        self.has_changed(&path).map_err(io_error)?;
        self.write_record(&path.join("upload.json"), upload).map_err(io_error)?;
        Ok(id)
    }

    /// # Errors
    /// `NoSuchUpload`, also when the upload belongs to another bucket or key.
    pub(crate) fn find_upload(&self, bucket: &str, key: &str, id: &str) -> S3Result<Upload> {
        let path = self.upload_path(id)?.join("upload.json");
        if !path.exists() {
            return Err(no_such_upload());
        }
        let upload: Upload =
            load::read(&path).map_err(|error| s3_error!(InternalError, "multipart upload: {error}"))?;
        if upload.bucket != bucket || upload.key != key {
            return Err(no_such_upload());
        }
        Ok(upload)
    }

    pub(crate) fn put_part(&self, upload_id: &str, number: i32, received: Received) -> S3Result<Part> {
        let _one_at_a_time = self.state();
        let directory = self.upload_path(upload_id)?;
        let part =
            Part { number, size: received.size, etag: hexadecimal(&received.md5), sha256: received.sha256 };
        self.publish(received.file, &directory.join(format!("{number}.data"))).map_err(io_error)?;
        self.write_record(&directory.join(format!("{number}.json")), &part).map_err(io_error)?;
        Ok(part)
    }

    pub(crate) fn find_part(&self, upload_id: &str, number: i32) -> S3Result<Option<Part>> {
        let path = self.upload_path(upload_id)?.join(format!("{number}.json"));
        if !path.exists() {
            return Ok(None);
        }
        let part =
            load::read(&path).map_err(|error| s3_error!(InternalError, "multipart upload: {error}"))?;
        Ok(Some(part))
    }

    /// One body out of the parts, each compared with its record.
    pub(crate) fn join_parts(&self, upload_id: &str, parts: &[Part]) -> S3Result<Received> {
        use std::io::Write;
        let directory = self.upload_path(upload_id)?;
        let mut joined = NamedTempFile::new_in(self.temporary()).map_err(io_error)?;
        let promise = Promise::default();
        let mut all = Hashes::new(&promise);
        let mut buffer = vec![0; 256 * 1024];
        for part in parts {
            let path = directory.join(format!("{}.data", part.number));
            let mut file = BufReader::new(File::open(&path).map_err(io_error)?);
            let mut one = Hashes::new(&promise);
            loop {
                let count = file.read(&mut buffer).map_err(io_error)?;
                if count == 0 {
                    break;
                }
                all.update(&buffer[..count]);
                one.update(&buffer[..count]);
                joined.write_all(&buffer[..count]).map_err(io_error)?;
            }
            if one.sha256() != part.sha256 {
                return Err(s3_error!(
                    InternalError,
                    "part {} of the multipart upload {upload_id} is damaged; upload it again",
                    part.number
                ));
            }
        }
        if self.syncs_at_once() {
            joined.as_file().sync_all().map_err(io_error)?;
        }
        all.finish(joined.into_temp_path(), promise)
    }

    /// The record first: without it the upload is gone.
    pub(crate) fn remove_upload(&self, upload_id: &str) -> S3Result<()> {
        let path = self.upload_path(upload_id)?;
        match fs::remove_file(path.join("upload.json")) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(no_such_upload()),
            other => other.map_err(io_error)?,
        }
        fs::remove_dir_all(&path).map_err(io_error)
    }

    fn upload_path(&self, id: &str) -> S3Result<PathBuf> {
        // It comes from the client: only what was made here may become a path.
        if id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(self.uploads_path().join(id))
        } else {
            Err(no_such_upload())
        }
    }
}

fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
         aborted or completed."
    )
}
