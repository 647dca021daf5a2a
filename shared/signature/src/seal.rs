//! Data that a caller keeps for us and cannot change: a page's token, a session's claims.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::MasterKey;

const MAC_BYTES: usize = 32;

/// Text of `[A-Za-z0-9_-]` that [`open`] takes back for the same `purpose` only. The bytes are sealed, not
/// hidden: whoever holds the text can read them.
#[must_use]
pub fn seal(master: &MasterKey, purpose: &str, bytes: &[u8]) -> String {
    let mut sealed = master.mac(purpose, bytes).to_vec();
    sealed.extend_from_slice(bytes);
    URL_SAFE_NO_PAD.encode(sealed)
}

/// What was sealed; `None` for everything that [`seal`] did not make with this key for this purpose.
#[must_use]
pub fn open(master: &MasterKey, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (mac, bytes) = sealed.split_at_checked(MAC_BYTES)?;
    let is_ours: bool = master.mac(purpose, bytes).ct_eq(mac).into();
    is_ours.then(|| bytes.to_vec())
}
