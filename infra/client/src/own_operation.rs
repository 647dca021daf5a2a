//! Calls of operations that a service of one's own has beside CodePipeline's. The SDK carries them: it finds the
//! service, signs, tries again and reads errors as ever; only what is asked for is another operation.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_codepipeline::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;

/// What stands before the operation in `X-Amz-Target`.
const TARGET_PREFIX: &str = "Pipewright";

/// Puts an operation into the place of the one that carries it, and keeps the answer as it is.
#[derive(Debug, Clone)]
struct InPlace {
    target: String,
    input: String,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Intercept for InPlace {
    fn name(&self) -> &'static str {
        "an operation of the service's own"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let headers = request.headers_mut();
        headers.insert("x-amz-target", self.target.clone());
        headers.insert("content-length", self.input.len().to_string());
        *request.body_mut() = SdkBody::from(self.input.as_str());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let bytes = context.response().body().bytes().unwrap_or_default();
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = bytes.to_vec();
        Ok(())
    }
}

/// # Errors
/// What the service answers; AWS has no such operation.
pub(crate) async fn call(client: &Client, operation: &str, input: &Value) -> Result<Value, Failure> {
    let in_place = InPlace {
        target: format!("{TARGET_PREFIX}.{operation}"),
        input: input.to_string(),
        answer: Arc::default(),
    };
    let sent = client.list_pipelines().customize().interceptor(in_place.clone()).send().await;
    sent.map_err(|error| explained(Failure::from(error)))?;
    let answer = in_place.answer.lock().unwrap_or_else(PoisonError::into_inner);
    serde_json::from_slice(&answer).map_err(|error| {
        Failure::new(
            Exit::Unreachable,
            format!("what answers {operation} is no service of this kind: {error}"),
        )
    })
}

fn explained(failure: Failure) -> Failure {
    match failure.is("UnknownOperationException") {
        true => failure.help("CodePipeline itself has this not; a service of one's own needs this version"),
        false => failure,
    }
}
