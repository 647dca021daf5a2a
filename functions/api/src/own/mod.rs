//! Operations of this service that CodePipeline has not: `X-Amz-Target: Pipewright.<operation>`, AWS JSON 1.1, signed
//! like every other call. Who has a role needs the permission `pipewright:<operation>` on `*`.
//!
//! | operation | input | output |
//! | --- | --- | --- |
//! | `ListConnections` | | `connections`: each `connectionArn`, `url`, `providerType`, `secret`, `webhookUrl` |
//! | `PutConnection` | `connectionArn`, `url`, `providerType`, `secret` | the connection |
//! | `ListTriggerEvents` | `maxResults`, `nextToken` | `triggerEvents`, newest first; `nextToken` |

mod connections;
mod list_trigger_events;

use platform::{Platform, StoreError};
use serde_json::Value;

use crate::Request;

/// What stands before the operation in `X-Amz-Target`.
pub const TARGET_PREFIX: &str = "Pipewright";

/// The name of one of these operations, of what a request calls it.
pub(crate) fn name_of(operation: &str) -> Option<&str> {
    operation.strip_prefix(TARGET_PREFIX)?.strip_prefix('.')
}

/// `None` for an operation that there is not.
pub(crate) async fn call(
    platform: &Platform,
    name: &str,
    request: &Request,
) -> Option<Result<Value, StoreError>> {
    Some(match name {
        "ListConnections" => connections::list(platform).await,
        "PutConnection" => connections::put(platform, &request.input).await,
        "ListTriggerEvents" => list_trigger_events::call(platform, request).await,
        _ => return None,
    })
}
