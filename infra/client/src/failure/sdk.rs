//! The errors of the SDK as failures.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{Failure, codes};
use crate::exit::Exit;

const START_IT: &str =
    "start the service with `pipewright up`, or say with --endpoint-url or --data where it is";

impl<E: ProvideErrorMetadata + Error + 'static> From<SdkError<E, HttpResponse>> for Failure {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        match &error {
            SdkError::ServiceError(refused) => refusal(refused.err(), refused.raw().status().as_u16()),
            SdkError::TimeoutError(_) => {
                Self::new(Exit::Unreachable, "the service does not answer in time").help(START_IT)
            }
            SdkError::ResponseError(_) => {
                let message = format!("what answers is no CodePipeline service: {}", innermost(&error));
                Self::new(Exit::Unreachable, message).help("look at the endpoint")
            }
            SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => unsent(&error),
            _ => Self::new(Exit::Unreachable, innermost(&error)),
        }
    }
}

/// The service has said no.
fn refusal(error: &dyn ProvideErrorMetadata, status: u16) -> Failure {
    let metadata = error.meta();
    let code = metadata.code().unwrap_or("Unknown");
    let meaning = codes::meaning(code, status);
    let message = metadata.message().filter(|message| !message.is_empty());
    let message = message.map_or_else(|| format!("the service answered {code} ({status})"), str::to_owned);
    Failure {
        code: Some(code.to_owned()),
        request_id: metadata.extra("aws_request_id").map(str::to_owned),
        help: meaning.help.map(str::to_owned),
        ..Failure::new(meaning.exit, message)
    }
}

/// The request was not sent, or nobody took it.
fn unsent(error: &(dyn Error + 'static)) -> Failure {
    let is_about_credentials = chain(error).any(|error| error.is::<CredentialsError>());
    if is_about_credentials {
        return Failure::new(Exit::NotAllowed, format!("there are no credentials: {}", innermost(error)))
            .help("set up a profile or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }
    Failure::new(Exit::Unreachable, format!("no service answers: {}", innermost(error))).help(START_IT)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// What lies at the bottom says most.
fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}
