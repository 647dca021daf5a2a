//! What an artifact is told by.

use sha2::{Digest, Sha256};

/// The SHA-256 of an artifact, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
