//! Who somebody is on AWS, proved without a secret: a presigned call of STS's GetCallerIdentity.
//!
//! Only AWS can verify the signature, so the service makes the call itself and believes what STS answers. What is
//! checked here is that there is nothing else to it: that host, that operation, made a moment ago, and signed
//! together with the address of one service ([`ENDPOINT_HEADER`]), so that a proof for one is worth nothing to
//! another. What is called is written anew from the parts that were checked; nothing else of the URL is used.
//!
//! Source: "Create a signed AWS API request" in the IAM user guide; GetCallerIdentity in the STS API reference.

use std::collections::BTreeMap;
use std::fmt;

use crate::timestamp::{basic, parse_basic};
use crate::{canonical, presigned};

/// The header that says for which service a proof is made; it has to be signed.
pub const ENDPOINT_HEADER: &str = "x-pipewright-endpoint";
/// How long ago a proof may have been made, how long it may be good for, and how far clocks may be apart.
pub const PROOF_SECONDS_MAX: i64 = 60;
/// Session tokens have some kilobytes.
const URL_BYTES_MAX: usize = 16 * 1024;

/// The operation, as STS's query protocol has it.
pub const CALLER_IDENTITY_QUERY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const FIXED: [(&str, &str); 4] = [
    ("Action", "GetCallerIdentity"),
    ("Version", "2011-06-15"),
    (presigned::ALGORITHM, "AWS4-HMAC-SHA256"),
    (presigned::SIGNED_HEADERS, "host;x-pipewright-endpoint"),
];
const OTHERS: [&str; 4] = [presigned::CREDENTIAL, presigned::DATE, presigned::EXPIRES, presigned::SIGNATURE];
const SESSION_TOKEN: &str = "X-Amz-Security-Token";

/// The host of a Region's STS.
///
/// Source: "AWS STS Regions and endpoints" in the IAM user guide.
#[must_use]
pub fn sts_host(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("sts.{region}.{suffix}")
}

/// The path and the query of the call that `url` stands for, to be sent to STS of the service's own `region` with its
/// own address in [`ENDPOINT_HEADER`].
///
/// # Errors
/// [`ProofError`] for everything that is not exactly a call as the module describes it.
pub fn identity_call(url: &str, region: &str, now_ms: i64) -> Result<String, ProofError> {
    if url.len() > URL_BYTES_MAX {
        return Err(ProofError::TooLong);
    }
    let expected = format!("https://{}/?", sts_host(region));
    // No parser of URLs, whose idea of a host may be another one than that of who sends the request.
    let query = url.strip_prefix(&expected).ok_or(ProofError::OtherAddress { expected })?;
    let parameters = parameters(query)?;
    for (name, value) in FIXED {
        if parameters[name] != value {
            return Err(ProofError::OtherValue { name, expected: value });
        }
    }
    check_scope(&parameters, region)?;
    check_time(&parameters, now_ms)?;
    let signature = &parameters[presigned::SIGNATURE];
    if signature.len() != 64 || !signature.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ProofError::OtherValue { name: presigned::SIGNATURE, expected: "64 hexadecimal digits" });
    }
    Ok(format!("/?{}", canonical::query(query)))
}

/// Those that belong there, each once.
fn parameters(query: &str) -> Result<BTreeMap<String, String>, ProofError> {
    // A fragment is not sent, so nobody has signed it.
    if query.contains('#') {
        return Err(ProofError::NoText);
    }
    let mut parameters = BTreeMap::new();
    for (name, value) in canonical::parameters(query) {
        let (name, value) = (text(name)?, text(value)?);
        let is_known = FIXED.iter().any(|(fixed, _)| *fixed == name)
            || OTHERS.contains(&name.as_str())
            || name == SESSION_TOKEN;
        if !is_known || parameters.insert(name.clone(), value).is_some() {
            return Err(ProofError::UnknownParameter(name));
        }
    }
    let mut needed = FIXED.iter().map(|(name, _)| *name).chain(OTHERS);
    match needed.find(|name| !parameters.contains_key(*name)) {
        Some(missing) => Err(ProofError::Missing(missing)),
        None => Ok(parameters),
    }
}

fn text(bytes: Vec<u8>) -> Result<String, ProofError> {
    let text = String::from_utf8(bytes).ok();
    text.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic())).ok_or(ProofError::NoText)
}

fn check_scope(parameters: &BTreeMap<String, String>, region: &str) -> Result<(), ProofError> {
    let date = parameters[presigned::DATE].get(..8).unwrap_or_default();
    let scope = format!("/{date}/{region}/sts/aws4_request");
    match parameters[presigned::CREDENTIAL].strip_suffix(&scope) {
        Some(key) if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Ok(()),
        _ => Err(ProofError::OtherScope { expected: scope }),
    }
}

fn check_time(parameters: &BTreeMap<String, String>, now_ms: i64) -> Result<(), ProofError> {
    let expires: Option<i64> = parameters[presigned::EXPIRES].parse().ok();
    if !expires.is_some_and(|seconds| (1..=PROOF_SECONDS_MAX).contains(&seconds)) {
        return Err(ProofError::OtherValue { name: presigned::EXPIRES, expected: "a number from 1 to 60" });
    }
    let signed_at_ms = parse_basic(&parameters[presigned::DATE]);
    let signed_at_ms =
        signed_at_ms.ok_or(ProofError::OtherValue { name: presigned::DATE, expected: "YYYYMMDDTHHMMSSZ" })?;
    if signed_at_ms.abs_diff(now_ms) > PROOF_SECONDS_MAX.unsigned_abs() * 1000 {
        return Err(ProofError::NotOfNow { signed_at_ms, now_ms });
    }
    Ok(())
}

/// Why a URL proves nothing. [`fmt::Display`] is the message for its sender; it holds nothing of the URL but the
/// names of parameters and the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofError {
    TooLong,
    /// Another host, scheme, port or path, or somebody's name before the host.
    OtherAddress {
        expected: String,
    },
    /// There twice, or not to be there at all.
    UnknownParameter(String),
    Missing(&'static str),
    /// Something that no parameter has in it.
    NoText,
    OtherValue {
        name: &'static str,
        expected: &'static str,
    },
    OtherScope {
        expected: String,
    },
    NotOfNow {
        signed_at_ms: i64,
        now_ms: i64,
    },
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the URL has more than {URL_BYTES_MAX} bytes"),
            Self::OtherAddress { expected } => write!(f, "the URL has to begin with {expected}"),
            Self::UnknownParameter(name) => {
                let name: String = name.chars().take(64).collect();
                write!(f, "the parameter '{name}' is there twice, or should not be there")
            }
            Self::Missing(name) => write!(f, "the parameter '{name}' is missing"),
            Self::NoText => write!(f, "the query has characters that no parameter has"),
            Self::OtherValue { name, expected } => {
                write!(f, "the parameter '{name}' has to be {expected}")
            }
            Self::OtherScope { expected } => {
                write!(f, "the credential has to be <access key id>{expected}")
            }
            Self::NotOfNow { signed_at_ms, now_ms } => write!(
                f,
                "it was signed at {}, and here it is {}: a proof is good for {PROOF_SECONDS_MAX} seconds. Make a new \
                 one; if it was new, set the clock of the machine that made it",
                basic(*signed_at_ms),
                basic(*now_ms)
            ),
        }
    }
}

impl std::error::Error for ProofError {}
