//! The signing key of the stack, which callers' keys and page tokens are made with.

use platform::{Fault, Platform};
use signature::MasterKey;

pub(crate) async fn signing_key(platform: &Platform) -> Result<MasterKey, Fault> {
    let secret = platform.signing_key.secret().await?;
    MasterKey::from_secret(secret).map_err(|error| Fault::misconfigured(error.to_string()))
}
