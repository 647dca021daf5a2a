//! Keys for a caller, made from the master key alone.

use std::fmt;

use serde_json::json;

use crate::session_token::{Claims, access_key_id, secret_access_key};
use crate::{MasterKey, timestamp};

/// How long a key is good for, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub issued_at_ms: i64,
    /// From here on the key is expired.
    pub not_after_ms: i64,
}

/// What an AWS client signs with.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    pub validity: Validity,
}

/// A key for `principal`, the name under which its requests are known. The same arguments make the same key;
/// the service that verifies it needs the master key and nothing else.
#[must_use]
pub fn issue(master: &MasterKey, principal: &str, validity: Validity) -> Credentials {
    issue_as(master, principal, None, validity)
}

/// The same for somebody who has a role, whose policy says what they may do; without one they have that of the
/// service's owner.
#[must_use]
pub fn issue_as(master: &MasterKey, principal: &str, role: Option<&str>, validity: Validity) -> Credentials {
    let Validity { issued_at_ms, not_after_ms } = validity;
    let (principal, role) = (principal.to_owned(), role.map(str::to_owned));
    let claims = Claims { principal, role, issued_at_ms, not_after_ms };
    let session_token = claims.to_token(master);
    let access_key_id = access_key_id(master, &session_token);
    let secret_access_key = secret_access_key(master, &access_key_id);
    Credentials { access_key_id, secret_access_key, session_token, validity }
}

impl Credentials {
    /// What a `credential_process` of `~/.aws/config` prints: clients ask again when it is about to expire.
    ///
    /// Source: "Process credential provider" in the AWS SDKs and Tools reference guide.
    #[must_use]
    pub fn to_process_json(&self) -> String {
        let output = json!({
            "Version": 1,
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "SessionToken": self.session_token,
            "Expiration": timestamp::extended(self.validity.not_after_ms),
        });
        format!("{output:#}")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}
