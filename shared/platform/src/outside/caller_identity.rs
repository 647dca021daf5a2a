//! Who somebody is on AWS: STS is asked with a call that they have signed, and that nobody else can sign.

use aws_sdk_sts::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_sts::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sts::error::{BoxError, ProvideErrorMetadata};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;

use crate::{Fault, Platform};

/// What STS says of a presigned GetCallerIdentity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerIdentity {
    Known {
        /// `arn:aws:sts::123456789012:assumed-role/Developers/ann`
        arn: String,
    },
    /// The exception's name: the signature is not valid, or not any more.
    Refused { code: String },
}

impl Platform {
    /// Sends the call `path_and_query`, presigned by somebody else together with `headers`, to STS where the SDK
    /// finds it.
    ///
    /// # Errors
    /// STS does not answer.
    pub async fn caller_identity(
        &self,
        path_and_query: String,
        headers: Vec<(&'static str, String)>,
    ) -> Result<CallerIdentity, Fault> {
        let presigned = Presigned { path_and_query, headers };
        let call = self.sts.get_caller_identity().customize().interceptor(presigned);
        match call.send().await {
            Ok(output) => match output.arn {
                Some(arn) => Ok(CallerIdentity::Known { arn }),
                None => Err(Fault::unavailable("STS answers without an ARN")),
            },
            Err(SdkError::ServiceError(refused))
                if refused.raw().status().is_client_error() && !is_throttled(refused.err().code()) =>
            {
                let code = refused.err().code().unwrap_or("refused").to_owned();
                Ok(CallerIdentity::Refused { code })
            }
            Err(error) => Err(Fault::of_call("asking STS who somebody is", error)),
        }
    }
}

fn is_throttled(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.contains("Throttl"))
}

/// Puts the call in the place of the one that the SDK has signed, with nothing of that: neither our signature nor our
/// session token leaves in somebody else's name. What stays is where STS is.
#[derive(Debug)]
struct Presigned {
    path_and_query: String,
    headers: Vec<(&'static str, String)>,
}

impl Intercept for Presigned {
    fn name(&self) -> &'static str {
        "Presigned"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let mut presigned = HttpRequest::new(SdkBody::empty());
        presigned.set_method("GET")?;
        presigned.set_uri(format!("{}{}", origin(request.uri()), self.path_and_query))?;
        for (name, value) in &self.headers {
            presigned.headers_mut().try_insert(*name, value.clone())?;
        }
        *request = presigned;
        Ok(())
    }
}

/// `https://sts.eu-west-1.amazonaws.com` of a URI.
fn origin(uri: &str) -> &str {
    let host = uri.find("://").map_or(0, |scheme| scheme + 3);
    uri[host..].find(['/', '?']).map_or(uri, |end| &uri[..host + end])
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn the_origin_is_what_stands_before_the_path() {
        for (uri, expected) in [
            ("https://sts.eu-west-1.amazonaws.com/", "https://sts.eu-west-1.amazonaws.com"),
            ("https://sts.eu-west-1.amazonaws.com", "https://sts.eu-west-1.amazonaws.com"),
            ("http://127.0.0.1:4566/?a=b", "http://127.0.0.1:4566"),
            ("http://127.0.0.1:4566?a=/", "http://127.0.0.1:4566"),
        ] {
            assert_eq!(origin(uri), expected);
        }
    }
}
