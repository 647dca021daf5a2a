//! Bodies of requests: read whole, within a size and a time.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};

use super::destination::Destination;
use super::refusal::Refusal;

/// The largest payload of an invocation, which the event has to fit into (Lambda quotas).
const FUNCTION_BYTES_MAX: usize = 6 * 1024 * 1024;
/// Clients send larger objects in parts; the AWS CLI's are of 8 MiB.
const S3_BYTES_MAX: usize = 64 * 1024 * 1024;
/// As long as API Gateway waits for anything.
const TIME_MAX: Duration = Duration::from_secs(30);

/// # Errors
/// It is too large, took too long, or ended early.
pub async fn read(body: Incoming, destination: &Destination<'_>) -> Result<Bytes, Refusal> {
    let bytes_max = match destination {
        Destination::Service { name: "s3" } => S3_BYTES_MAX,
        _ => FUNCTION_BYTES_MAX,
    };
    // A size that is announced is refused before it is sent.
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large(bytes_max));
    }
    match tokio::time::timeout(TIME_MAX, Limited::new(body, bytes_max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(bytes_max)),
        Ok(Err(error)) => {
            let message = format!("The request's body could not be read: {error}.");
            Err(Refusal::new(StatusCode::BAD_REQUEST, "BadRequest", message))
        }
        Err(_) => {
            let message = format!("The request's body did not arrive within {} seconds.", TIME_MAX.as_secs());
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", message))
        }
    }
}

fn too_large(bytes_max: usize) -> Refusal {
    let message = format!("The request's body has more than {bytes_max} bytes.");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message)
}
