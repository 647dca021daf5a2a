//! What a session token says: whose key it is, and until when.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::authorization::Authorization;
use crate::{MasterKey, Principal, open, seal};

/// Another form of the claims is another version: an old service must not half understand a new token.
const VERSION: &str = "v1.";
const TOKEN_PURPOSE: &str = "session-token/v1";
/// Of claims with a role, which a service that knows none must not take for those of somebody who may do everything.
const ROLE_VERSION: &str = "v2.";
const ROLE_TOKEN_PURPOSE: &str = "session-token/v2";
const KEY_ID_PURPOSE: &str = "access-key-id/v1";
const SECRET_PURPOSE: &str = "secret-access-key/v1";

/// Not the prefixes of AWS, so that nobody who looks for leaked AWS keys takes one of ours for theirs.
const KEY_ID_PREFIX: &str = "PW";
const KEY_ID_BYTES: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub principal: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    pub issued_at_ms: i64,
    pub not_after_ms: i64,
}

impl Claims {
    pub fn to_token(&self, master: &MasterKey) -> String {
        #[expect(clippy::expect_used, reason = "strings and numbers are always JSON")]
        let claims = serde_json::to_vec(self).expect("claims are JSON");
        match self.role {
            None => format!("{VERSION}{}", seal(master, TOKEN_PURPOSE, &claims)),
            Some(_) => format!("{ROLE_VERSION}{}", seal(master, ROLE_TOKEN_PURPOSE, &claims)),
        }
    }

    /// Who signed with the key that these claims belong to.
    pub fn principal_of(self, authorization: &Authorization<'_>) -> Principal {
        Principal {
            name: self.principal,
            role: self.role,
            access_key_id: authorization.access_key_id.to_owned(),
            issued_at_ms: self.issued_at_ms,
            not_after_ms: self.not_after_ms,
            service: authorization.service.to_owned(),
        }
    }

    /// `None` for a token that this master key did not seal.
    pub fn of_token(master: &MasterKey, token: &str) -> Option<Self> {
        let claims = match (token.strip_prefix(VERSION), token.strip_prefix(ROLE_VERSION)) {
            (Some(sealed), _) => open(master, TOKEN_PURPOSE, sealed)?,
            (None, Some(sealed)) => open(master, ROLE_TOKEN_PURPOSE, sealed)?,
            (None, None) => return None,
        };
        let claims: Self = serde_json::from_slice(&claims).ok()?;
        (claims.role.is_some() == token.starts_with(ROLE_VERSION)).then_some(claims)
    }
}

/// A key belongs to one token, and is found from it.
pub(crate) fn access_key_id(master: &MasterKey, token: &str) -> String {
    let code = master.mac(KEY_ID_PURPOSE, token.as_bytes());
    format!("{KEY_ID_PREFIX}{}", base32(&code[..KEY_ID_BYTES]))
}

pub(crate) fn secret_access_key(master: &MasterKey, access_key_id: &str) -> String {
    STANDARD.encode(master.mac(SECRET_PURPOSE, access_key_id.as_bytes()))
}

/// RFC 4648 for a multiple of five bytes, so without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let groups = bytes.chunks(5).flat_map(|chunk| {
        let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |index| ALPHABET[(bits >> (5 * index) & 31) as usize] as char)
    });
    groups.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_rfc_4648() {
        assert_eq!(base32(b"fooba"), "MZXW6YTB");
        assert_eq!(base32(&[0xff; 10]), "7777777777777777");
    }
}
