//! What `--aws-endpoint SERVICE=URL` says: who answers for a service, on this machine and nowhere else.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use engine::declaration::{ActionTypeId, PipelineDeclaration};
use http::Uri;
use http::uri::Authority;

use super::services::{OutsideService, SERVICES, service_called, service_of_provider};

/// Who answers for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsEndpoint {
    /// As requests are signed for it.
    service: &'static str,
    /// Host and port.
    authority: Authority,
}

impl FromStr for AwsEndpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, url) =
            text.split_once('=').ok_or("write it as SERVICE=URL, as cloudformation=http://127.0.0.1:5000")?;
        let Some(service) = service_called(name) else {
            let names: Vec<_> = SERVICES.iter().map(|service| service.name).collect();
            return Err(format!("no calls of '{name}' can be sent on; it is one of {}", names.join(", ")));
        };
        Ok(Self { service: service.name, authority: loopback(url)? })
    }
}

/// Nothing is encrypted on the way, so it must not leave this machine.
fn loopback(url: &str) -> Result<Authority, String> {
    let uri: Uri = url.parse().map_err(|error| format!("'{url}' is no URL: {error}"))?;
    if uri.scheme_str() != Some("http") {
        return Err(format!("'{url}' does not begin with http://; an emulator on this machine is called so"));
    }
    if !["", "/"].contains(&uri.path()) || uri.query().is_some() {
        return Err(format!("'{url}' has a path; give the scheme, the host and the port"));
    }
    let Some(authority) = uri.authority().filter(|authority| !authority.as_str().contains('@')) else {
        return Err(format!("'{url}' names no host, or a user besides it"));
    };
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    if host != "localhost" && !address.is_ok_and(|address| address.is_loopback()) {
        return Err(format!(
            "'{host}' is not this machine, and http:// is for 127.0.0.1, [::1] or localhost"
        ));
    }
    Ok(authority.clone())
}

/// The endpoints of a stack; the last one given for a service counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsEndpoints(BTreeMap<&'static str, Authority>);

impl FromIterator<AwsEndpoint> for AwsEndpoints {
    fn from_iter<I: IntoIterator<Item = AwsEndpoint>>(endpoints: I) -> Self {
        Self(endpoints.into_iter().map(|endpoint| (endpoint.service, endpoint.authority)).collect())
    }
}

impl AwsEndpoints {
    /// Host and port of who answers for the service that requests are signed for by this name.
    pub(crate) fn of(&self, service: &str) -> Option<&Authority> {
        self.0.get(service)
    }

    /// The actions of a pipeline that call a service which nobody answers.
    pub(crate) fn missing_for(&self, declaration: &PipelineDeclaration) -> Vec<Unanswered> {
        let actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
        let unanswered = actions.filter_map(|action| {
            let ActionTypeId { category, owner, provider, .. } = &action.action_type_id;
            let service = service_of_provider(category, provider).filter(|_| owner == "AWS")?;
            let is_answered = self.of(service.name).is_some();
            (!is_answered).then(|| Unanswered { action: action.name.clone(), service })
        });
        unanswered.collect()
    }

    /// The approvals that tell a topic which nobody has: they wait all the same.
    pub(crate) fn silent_approvals(&self, declaration: &PipelineDeclaration) -> Vec<Unanswered> {
        let Some(service) = service_called("sns").filter(|service| self.of(service.name).is_none()) else {
            return Vec::new();
        };
        let actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
        let telling = actions
            .filter(|action| action.is_approval() && action.configuration("NotificationArn").is_some());
        telling.map(|action| Unanswered { action: action.name.clone(), service }).collect()
    }
}

/// An action whose service nobody answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unanswered {
    action: String,
    service: &'static OutsideService,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, service } = self;
        write!(f, "the action '{action}' needs {}, which {}", service.title, service.how_to_answer())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_and_a_url_of_this_machine() {
        for (text, service, authority) in [
            ("cloudformation=http://127.0.0.1:5000", "cloudformation", "127.0.0.1:5000"),
            ("ecs=http://localhost:4566/", "ecs", "localhost:4566"),
            ("elbv2=http://[::1]:5000", "elasticloadbalancing", "[::1]:5000"),
            ("stepfunctions=http://127.8.8.8", "states", "127.8.8.8"),
        ] {
            let endpoint: AwsEndpoint = text.parse().expect(text);
            assert_eq!((endpoint.service, endpoint.authority.as_str()), (service, authority));
        }
        for (text, says) in [
            ("http://127.0.0.1:5000", "no calls of 'http://127.0.0.1:5000'"),
            ("cloudformation", "write it as SERVICE=URL"),
            ("dynamodb=http://127.0.0.1:5000", "it is one of cloudformation, ecs"),
            ("ecs=https://127.0.0.1:5000", "does not begin with http://"),
            ("ecs=127.0.0.1:5000", "does not begin with http://"),
            ("ecs=http://127.0.0.1:5000/moto", "has a path"),
            ("ecs=http://ecs.us-east-1.amazonaws.com", "is not this machine"),
            ("ecs=http://127.0.0.1.example.com:5000", "is not this machine"),
            ("ecs=http://127.0.0.1:5000@example.com", "or a user besides it"),
        ] {
            let refused = text.parse::<AwsEndpoint>().expect_err(text);
            assert!(text == "http://127.0.0.1:5000" || refused.contains(says), "{text}: {refused}");
        }
    }
}
