//! "Object Created", as S3 sends it to EventBridge.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>

use local_service::Timestamp;
use serde_json::{Value, json};

use crate::Settings;
use crate::record::ObjectRecord;
use crate::store::{identifier, time_text};

/// `reason` is the operation: `PutObject`, `CopyObject`, `CompleteMultipartUpload`. `None` for a
/// delete marker.
pub(crate) fn object_created(
    settings: &Settings,
    bucket: &str,
    object: &ObjectRecord,
    reason: &str,
    now: Timestamp,
) -> Option<Value> {
    let content = object.content.as_ref()?;
    let id = identifier(&["event", &object.id]);
    let mut described = json!({
        "key": object.key,
        "size": content.size,
        "etag": content.etag,
        "sequencer": format!("{:016X}", object.sequence),
    });
    if object.version_id != crate::record::NULL_VERSION {
        described["version-id"] = json!(object.version_id);
    }
    Some(json!({
        "version": "0",
        "id": format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..32]),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": settings.account_id,
        "time": time_text(now),
        "region": settings.region,
        "resources": [format!("arn:aws:s3:::{bucket}")],
        "detail": {
            "version": "0",
            "bucket": { "name": bucket },
            "object": described,
            "request-id": identifier(&["request", &object.id]).to_uppercase()[..16],
            "requester": settings.account_id,
            "source-ip-address": "127.0.0.1",
            "reason": reason,
        },
    }))
}
