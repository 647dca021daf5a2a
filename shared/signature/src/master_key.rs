//! The one secret of a stack, from which everything else follows.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Whoever has it can issue keys for everybody: so it is neither printed nor serialised.
#[derive(Clone)]
pub struct MasterKey([u8; Self::BYTES]);

impl MasterKey {
    pub const BYTES: usize = 32;

    #[must_use]
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The form in which Secrets Manager keeps it: standard base64, and blanks around it do no harm.
    ///
    /// # Errors
    /// When it is not base64 of exactly 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, InvalidMasterKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| InvalidMasterKey)?;
        bytes.try_into().map(Self).map_err(|_| InvalidMasterKey)
    }

    /// A code of `data` that is of no use for any other `purpose`.
    pub(crate) fn mac(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        let mut mac = keyed(&self.0);
        mac.update(purpose.as_bytes());
        // Ends the purpose, so that no purpose and data together read like another purpose and data.
        mac.update(&[0]);
        mac.update(data);
        mac.finalize().into_bytes().into()
    }
}

/// HMAC-SHA256, as Signature Version 4 and the master key use it.
pub(crate) fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = keyed(key);
    mac.update(data);
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC is defined for keys of every length")]
    Hmac::new_from_slice(key).expect("a key of any length")
}

/// The text is no master key. What it is instead is not said: it may be a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidMasterKey;

impl fmt::Display for InvalidMasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the signing key is not base64 of {} random bytes; make a new one, for example with \
             `openssl rand -base64 {}`. Keys that were issued before are invalid then",
            MasterKey::BYTES,
            MasterKey::BYTES
        )
    }
}

impl std::error::Error for InvalidMasterKey {}
