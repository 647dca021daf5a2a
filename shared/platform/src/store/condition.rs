//! One write whose condition did not hold, or that met a transaction on the same item: somebody else was faster.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

pub(super) fn was_refused<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    matches!(code, Some("ConditionalCheckFailedException" | "TransactionConflictException"))
}
