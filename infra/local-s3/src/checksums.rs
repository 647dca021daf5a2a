//! The checksums that clients send along and want to see again.

use s3s::checksum::ChecksumHasher;
use s3s::dto::ChecksumType;
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// Base64, as in the `x-amz-checksum-*` headers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Checksums {
    pub(crate) crc32: Option<String>,
    pub(crate) crc32c: Option<String>,
    pub(crate) crc64nvme: Option<String>,
    pub(crate) sha1: Option<String>,
    pub(crate) sha256: Option<String>,
}

/// Takes the five checksum fields that many inputs share.
macro_rules! given_checksums {
    ($input:expr) => {
        $crate::checksums::Checksums {
            crc32: $input.checksum_crc32.clone(),
            crc32c: $input.checksum_crc32c.clone(),
            crc64nvme: $input.checksum_crc64nvme.clone(),
            sha1: $input.checksum_sha1.clone(),
            sha256: $input.checksum_sha256.clone(),
        }
    };
}
pub(crate) use given_checksums;

impl Checksums {
    /// Computes exactly the checksums that were given.
    pub(crate) fn hasher(&self) -> ChecksumHasher {
        ChecksumHasher {
            crc32: self.crc32.as_ref().map(|_| Default::default()),
            crc32c: self.crc32c.as_ref().map(|_| Default::default()),
            sha1: self.sha1.as_ref().map(|_| Default::default()),
            sha256: self.sha256.as_ref().map(|_| Default::default()),
            crc64nvme: self.crc64nvme.as_ref().map(|_| Default::default()),
        }
    }

    /// Present when there is a checksum to describe: each is over the whole object.
    pub(crate) fn checksum_type(&self) -> Option<ChecksumType> {
        (*self != Self::default()).then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT))
    }

    /// # Errors
    /// `BadDigest` names the checksum that the received bytes do not have.
    pub(crate) fn verify(&self, hasher: ChecksumHasher) -> S3Result<()> {
        let found = hasher.finalize();
        let pairs = [
            ("CRC32", &self.crc32, found.checksum_crc32),
            ("CRC32C", &self.crc32c, found.checksum_crc32c),
            ("CRC64NVME", &self.crc64nvme, found.checksum_crc64nvme),
            ("SHA1", &self.sha1, found.checksum_sha1),
            ("SHA256", &self.sha256, found.checksum_sha256),
        ];
        for (algorithm, given, found) in pairs {
            if *given != found {
                // AWS's words.
                return Err(s3_error!(
                    BadDigest,
                    "The {algorithm} you specified did not match the calculated checksum."
                ));
            }
        }
        Ok(())
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
