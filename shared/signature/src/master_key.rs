//! The one secret of a stack, from which everything else follows.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// 62 letters and digits to the power of 43 are more than 2 to the power of 256.
const SECRET_CHARACTERS_MIN: usize = 43;

/// Whoever has it can issue keys for everybody: so it is neither printed nor serialised.
#[derive(Clone)]
pub struct MasterKey([u8; Self::BYTES]);

impl MasterKey {
    pub const BYTES: usize = 32;

    #[must_use]
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The key that a secret of Secrets Manager stands for: base64 of random bytes, or the letters and digits
    /// that CloudFormation's `GenerateSecretString` draws. Blanks around it do not count.
    ///
    /// # Errors
    /// When it is too short to hold 32 random bytes.
    pub fn from_secret(text: &str) -> Result<Self, InvalidMasterKey> {
        let text = text.trim();
        if text.len() < SECRET_CHARACTERS_MIN {
            return Err(InvalidMasterKey);
        }
        Ok(Self(Sha256::digest(text).into()))
    }

    /// A code of `data` that is of no use for any other `purpose`.
    pub(crate) fn mac(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        let mut mac = keyed(&self.0);
        // The length keeps a purpose and its data from reading like another purpose and other data.
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
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

/// The text is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidMasterKey;

impl fmt::Display for InvalidMasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the signing key has fewer than {SECRET_CHARACTERS_MIN} characters, so it could be guessed. Put a \
             random one into the secret, for example what `openssl rand -base64 32` prints; keys that were \
             issued before are invalid then"
        )
    }
}

impl std::error::Error for InvalidMasterKey {}
