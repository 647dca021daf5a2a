//! A webhook as PutWebhook takes it, and whether it may be one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{JsonPath, Network};
use crate::Rejection;
use crate::declaration::{ActionDeclaration, PipelineDeclaration};

/// So many webhooks a Region has at most (user guide, "Quotas in AWS CodePipeline").
pub const WEBHOOKS_MAX: usize = 300;
/// What answers have in the place of a secret.
pub const REDACTED: &str = "****";

/// Which pipeline a webhook starts, for whom, and because of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDefinition {
    pub name: String,
    pub target_pipeline: String,
    pub target_action: String,
    pub filters: Vec<FilterRule>,
    pub authentication: AuthenticationType,
    pub authentication_configuration: AuthenticationConfiguration,
}

/// What a body must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FilterRule {
    pub json_path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_equals: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthenticationType {
    GithubHmac,
    Ip,
    Unauthenticated,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationConfiguration {
    #[serde(rename = "AllowedIPRange", default, skip_serializing_if = "Option::is_none")]
    pub allowed_ip_range: Option<String>,
    #[serde(rename = "SecretToken", default, skip_serializing_if = "Option::is_none")]
    pub secret_token: Option<SecretToken>,
}

/// What a sender signs with. It does not show itself in logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretToken(pub String);

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Whether this stack has webhooks that let everybody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnauthenticatedWebhooks {
    Allowed,
    Refused,
}

impl WebhookDefinition {
    /// What can be said without looking at the target.
    ///
    /// # Errors
    /// `InvalidWebhookAuthenticationParameters`, `InvalidWebhookFilterPattern`
    pub fn check(&self, unauthenticated: UnauthenticatedWebhooks) -> Result<(), Rejection> {
        self.check_authentication(unauthenticated)?;
        for rule in &self.filters {
            JsonPath::parse(&rule.json_path).map_err(|why| {
                Rejection::InvalidWebhookFilterPattern(format!(
                    "The jsonPath '{}' cannot be used: {why}",
                    rule.json_path
                ))
            })?;
        }
        Ok(())
    }

    fn check_authentication(&self, unauthenticated: UnauthenticatedWebhooks) -> Result<(), Rejection> {
        let AuthenticationConfiguration { allowed_ip_range, secret_token } =
            &self.authentication_configuration;
        let refused = |why: String| Err(Rejection::InvalidWebhookAuthenticationParameters(why));
        // In the service's own words.
        let only = |property: &str| {
            refused(format!("'authenticationConfig' should contain only one property: '{property}'"))
        };
        match (self.authentication, secret_token, allowed_ip_range) {
            (AuthenticationType::GithubHmac, Some(token), None) if token.0 == REDACTED => refused(format!(
                "The SecretToken is '{REDACTED}', which answers have in the place of a secret. Give the secret itself."
            )),
            (AuthenticationType::GithubHmac, Some(_), None) => Ok(()),
            (AuthenticationType::GithubHmac, ..) => only("SecretToken"),
            (AuthenticationType::Ip, None, Some(range)) => match range.parse::<Network>() {
                Err(why) => refused(format!("The AllowedIPRange '{range}' is not a CIDR range: {why}")),
                Ok(network) if network.is_everybody() => {
                    allowed(unauthenticated, &format!("The AllowedIPRange '{range}' lets everybody in"))
                }
                Ok(_) => Ok(()),
            },
            (AuthenticationType::Ip, ..) => only("AllowedIPRange"),
            (AuthenticationType::Unauthenticated, None, None) => allowed(
                unauthenticated,
                "A webhook with the authentication UNAUTHENTICATED lets everybody in",
            ),
            (AuthenticationType::Unauthenticated, ..) => {
                refused("'authenticationConfig' should contain no property".to_owned())
            }
        }
    }

    /// What the target has to have.
    ///
    /// # Errors
    /// `Validation` when the action is not in the pipeline's first stage, `InvalidWebhookFilterPattern` for a
    /// placeholder that its configuration has no value for.
    pub fn check_target(&self, pipeline: &PipelineDeclaration) -> Result<(), Rejection> {
        let action = self.target(pipeline).ok_or_else(|| Rejection::Validation(self.no_target()))?;
        self.filters.iter().try_for_each(|rule| match rule.expected(action) {
            Ok(_) => Ok(()),
            Err(key) => Err(Rejection::InvalidWebhookFilterPattern(format!(
                "The matchEquals '{}' names {{{key}}}, and the configuration of the action '{}' has no '{key}'. It has: \
                 {}.",
                rule.match_equals.as_deref().unwrap_or_default(),
                action.name,
                action.configuration_entries().map(|(key, _)| key).collect::<Vec<_>>().join(", ")
            ))),
        })
    }

    /// The target, if it is in the pipeline's first stage.
    pub fn target<'a>(&self, pipeline: &'a PipelineDeclaration) -> Option<&'a ActionDeclaration> {
        pipeline.stages.first()?.actions.iter().find(|action| action.name == self.target_action)
    }

    /// That there is none.
    pub fn no_target(&self) -> String {
        let Self { target_pipeline, target_action, .. } = self;
        format!("The first stage of the pipeline '{target_pipeline}' has no action '{target_action}'.")
    }

    /// As answers show it.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let mut shown = self.clone();
        if let Some(token) = &mut shown.authentication_configuration.secret_token {
            REDACTED.clone_into(&mut token.0);
        }
        shown
    }
}

/// That there is no webhook of this name.
pub fn not_found(name: &str) -> Rejection {
    Rejection::WebhookNotFound(format!("There is no webhook with the name '{name}'."))
}

fn allowed(unauthenticated: UnauthenticatedWebhooks, what: &str) -> Result<(), Rejection> {
    match unauthenticated {
        UnauthenticatedWebhooks::Allowed => Ok(()),
        UnauthenticatedWebhooks::Refused => Err(Rejection::InvalidWebhookAuthenticationParameters(format!(
            "{what}, and this stack has none of that kind: its parameter AllowUnauthenticatedWebhooks is false. Use \
             GITHUB_HMAC, or a smaller range."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn definition(authentication: &str, configuration: Value) -> WebhookDefinition {
        serde_json::from_value(json!({
            "name": "push", "targetPipeline": "shop", "targetAction": "Source",
            "filters": [{ "jsonPath": "$.ref", "matchEquals": "refs/heads/{BranchName}" }],
            "authentication": authentication, "authenticationConfiguration": configuration,
        }))
        .expect("a definition")
    }

    #[test]
    fn each_kind_of_authentication_has_its_own_property_and_no_other() {
        use UnauthenticatedWebhooks::{Allowed, Refused};
        let (token, range) = (json!({ "SecretToken": "s" }), json!({ "AllowedIPRange": "192.0.2.0/24" }));
        let both = json!({ "SecretToken": "s", "AllowedIPRange": "192.0.2.0/24" });
        let everybody = json!({ "AllowedIPRange": "0.0.0.0/0" });
        let only = |property| Some(format!("should contain only one property: '{property}'"));
        let (secret, cidr) = (only("SecretToken"), only("AllowedIPRange"));
        let some = |text: &str| Some(text.to_owned());
        for (authentication, configuration, unauthenticated, expected) in [
            ("GITHUB_HMAC", token.clone(), Refused, None),
            ("GITHUB_HMAC", json!({}), Refused, secret.clone()),
            ("GITHUB_HMAC", range.clone(), Refused, secret.clone()),
            ("GITHUB_HMAC", both.clone(), Refused, secret),
            ("GITHUB_HMAC", json!({ "SecretToken": "****" }), Refused, some("Give the secret itself")),
            ("IP", range.clone(), Refused, None),
            ("IP", json!({ "AllowedIPRange": "2001:db8::/32" }), Refused, None),
            ("IP", json!({ "AllowedIPRange": "192.0.2.7" }), Refused, some("is not a CIDR range")),
            ("IP", json!({ "AllowedIPRange": "192.0.2.0/33" }), Refused, some("is not a CIDR range")),
            ("IP", everybody.clone(), Refused, some("AllowUnauthenticatedWebhooks is false")),
            ("IP", everybody, Allowed, None),
            ("IP", token.clone(), Refused, cidr.clone()),
            ("IP", both, Refused, cidr),
            ("UNAUTHENTICATED", json!({}), Allowed, None),
            ("UNAUTHENTICATED", json!({}), Refused, some("AllowUnauthenticatedWebhooks is false")),
            ("UNAUTHENTICATED", token, Allowed, some("should contain no property")),
            ("UNAUTHENTICATED", range, Allowed, some("should contain no property")),
        ] {
            let refused = definition(authentication, configuration.clone()).check(unauthenticated).err();
            let row = format!("{authentication} {configuration} {unauthenticated:?}: {refused:?}");
            match (&refused, expected) {
                (None, None) => {}
                (Some(refused), Some(expected)) => {
                    assert_eq!(refused.code(), "InvalidWebhookAuthenticationParametersException", "{row}");
                    assert!(refused.message().contains(&expected), "{row}");
                }
                _ => panic!("{row}"),
            }
        }
    }

    fn pipeline() -> PipelineDeclaration {
        let action = |name: &str| json!({ "name": name, "configuration": { "BranchName": "main" } });
        serde_json::from_value(json!({
            "name": "shop",
            "stages": [
                { "name": "Source", "actions": [action("Source")] },
                { "name": "Build", "actions": [action("Compile")] },
            ],
        }))
        .expect("a declaration")
    }

    #[test]
    fn the_target_is_in_the_first_stage_and_has_what_filters_name() {
        let sound = definition("GITHUB_HMAC", json!({ "SecretToken": "s" }));
        assert_eq!(sound.check_target(&pipeline()), Ok(()));
        let elsewhere = WebhookDefinition { target_action: "Compile".to_owned(), ..sound.clone() };
        let refused = elsewhere.check_target(&pipeline()).expect_err("it is in another stage");
        assert_eq!(refused.code(), "ValidationException");
        let mut misspelt = sound.clone();
        misspelt.filters[0].match_equals = Some("refs/heads/{Branch}".to_owned());
        let refused = misspelt.check_target(&pipeline()).expect_err("nobody configured it");
        assert_eq!(refused.code(), "InvalidWebhookFilterPatternException");
        assert!(refused.message().ends_with("has no 'Branch'. It has: BranchName."), "{refused}");
        let mut wrong = sound;
        wrong.filters[0].json_path = "$.commits[*].id".to_owned();
        let refused = wrong.check(UnauthenticatedWebhooks::Refused).expect_err("it selects many");
        assert_eq!(refused.code(), "InvalidWebhookFilterPatternException");
    }

    #[test]
    fn a_secret_shows_itself_neither_in_answers_nor_in_logs() {
        let webhook = definition("GITHUB_HMAC", json!({ "SecretToken": "hush" }));
        assert_eq!(webhook.authentication_configuration.secret_token, Some(SecretToken("hush".to_owned())));
        assert!(!format!("{webhook:?}").contains("hush"), "{webhook:?}");
        let shown = json!(webhook.redacted());
        assert_eq!(shown["authenticationConfiguration"], json!({ "SecretToken": REDACTED }));
    }
}
