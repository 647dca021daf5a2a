//! Where a list goes on. A token is sealed with the signing key for the one list that it was given for: the caller,
//! the operation, the pipeline and the filter; one that was made up, or belongs to another list, is refused.

use engine::Rejection;
use platform::{Platform, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Request;
use crate::signing_key::signing_key;

/// A list that is read page by page.
pub(crate) struct List<'a> {
    platform: &'a Platform,
    purpose: String,
}

impl<'a> List<'a> {
    /// `of` is everything that two calls have in common if they read the same list.
    pub(crate) fn new(platform: &'a Platform, request: &Request, of: &Value) -> Self {
        let Request { operation, caller, .. } = request;
        Self { platform, purpose: format!("nextToken of {}", json!([operation, caller, of])) }
    }

    /// Where the page begins that the token asks for; `None` without a token.
    ///
    /// # Errors
    /// `InvalidNextToken`
    pub(crate) async fn begin<Position: DeserializeOwned>(
        &self,
        token: Option<&str>,
    ) -> Result<Option<Position>, StoreError> {
        let Some(token) = token else { return Ok(None) };
        let key = signing_key(self.platform).await?;
        let position = signature::open(&key, &self.purpose, token);
        let position = position.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        position.map(Some).ok_or_else(|| {
            Rejection::InvalidNextToken(
                "The next token was specified in an invalid format. Make sure that the next token you provided is \
                 the token returned by a previous call of this operation with the same pipeline and filter."
                    .to_owned(),
            )
            .into()
        })
    }

    /// The token for the page that begins at `position`; `None` after the last page.
    pub(crate) async fn token<Position: Serialize>(
        &self,
        position: Option<Position>,
    ) -> Result<Option<String>, StoreError> {
        let Some(position) = position else { return Ok(None) };
        let key = signing_key(self.platform).await?;
        let bytes = json!(position).to_string();
        Ok(Some(signature::seal(&key, &self.purpose, bytes.as_bytes())))
    }
}
