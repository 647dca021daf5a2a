//! Making, changing and removing buckets.

use std::collections::BTreeMap;
use std::fs;

use s3s::{S3Result, s3_error};

use super::{Bucket, Store, io_error};
use crate::BucketSettings;
use crate::record::{BucketRecord, Versioning};

impl Store {
    /// # Errors
    /// `BucketAlreadyOwnedByYou`, `InvalidBucketName`.
    pub(crate) fn create_bucket(&self, name: &str, settings: BucketSettings) -> S3Result<()> {
        if !s3s::path::check_bucket_name(name) {
            return Err(s3_error!(InvalidBucketName, "The specified bucket is not valid."));
        }
        let mut state = self.state();
        if state.buckets.contains_key(name) {
            return Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "Your previous request to create the named bucket succeeded and you already own it."
            ));
        }
        let versioning = if settings.versioned { Versioning::Enabled } else { Versioning::Never };
        let event_bridge = settings.event_bridge;
        let record = BucketRecord { name: name.into(), created: self.now(), versioning, event_bridge };
        fs::create_dir_all(self.objects_path(name)).map_err(io_error)?;
        self.has_changed(&self.bucket_path(name)).map_err(io_error)?;
        self.write_record(&self.bucket_path(name).join("bucket.json"), &record).map_err(io_error)?;
        state.buckets.insert(name.into(), Bucket { record, keys: BTreeMap::new() });
        Ok(())
    }

    /// # Errors
    /// `BucketNotEmpty`, also when only old versions or delete markers are left.
    pub(crate) fn delete_bucket(&self, name: &str) -> S3Result<()> {
        let mut state = self.state();
        if !state.bucket(name)?.keys.is_empty() {
            return Err(s3_error!(
                BucketNotEmpty,
                "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
            ));
        }
        let path = self.bucket_path(name);
        fs::remove_file(path.join("bucket.json")).map_err(io_error)?;
        state.buckets.remove(name);
        fs::remove_dir_all(&path).map_err(io_error)?;
        self.has_changed(&path).map_err(io_error)
    }

    pub(crate) fn change_bucket(&self, name: &str, change: impl FnOnce(&mut BucketRecord)) -> S3Result<()> {
        let mut state = self.state();
        let mut record = state.bucket(name)?.record.clone();
        change(&mut record);
        self.write_record(&self.bucket_path(name).join("bucket.json"), &record).map_err(io_error)?;
        if let Some(bucket) = state.buckets.get_mut(name) {
            bucket.record = record;
        }
        Ok(())
    }
}
