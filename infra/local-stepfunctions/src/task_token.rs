//! Task tokens: opaque to their holders, but the service finds the execution without a table.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) fn encode(random: &str, execution_arn: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{random}|{execution_arn}"))
}

/// The execution's ARN; `None` when the text was never a token.
pub(crate) fn execution_arn(token: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (random, arn) = text.split_once('|')?;
    (random.len() == 32 && arn.starts_with("arn:")).then(|| arn.to_owned())
}
