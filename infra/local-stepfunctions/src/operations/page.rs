//! Lists in pages. A token names the place where the next page begins and is opaque to clients.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use local_service::ApiError;

use super::errors::{invalid, invalid_page_token};

/// AWS: 100 when nothing or 0 is asked for, at most 1,000.
const DEFAULT_SIZE: usize = 100;
const LARGEST_SIZE: usize = 1000;

pub(super) fn size(max_results: Option<i64>) -> Result<usize, ApiError> {
    match max_results.map(usize::try_from) {
        None | Some(Ok(0)) => Ok(DEFAULT_SIZE),
        Some(Ok(size)) if size <= LARGEST_SIZE => Ok(size),
        _ => Err(invalid(format!("maxResults must be between 0 and {LARGEST_SIZE}"))),
    }
}

/// `list` ties the token to what was listed: with another list it is invalid.
pub(super) fn token(list: &str, place: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}\n{place}"))
}

pub(super) fn place(list: &str, token: Option<&str>) -> Result<Option<String>, ApiError> {
    let Some(token) = token else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid_page_token())?;
    let text = String::from_utf8(bytes).map_err(|_| invalid_page_token())?;
    match text.rsplit_once('\n') {
        Some((listed, place)) if listed == list => Ok(Some(place.to_owned())),
        _ => Err(invalid_page_token()),
    }
}
