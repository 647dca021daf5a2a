//! Webhooks: what may be one, whom it lets in, which requests it lets through, and what a push says.
//!
//! Source: API reference, PutWebhook, WebhookDefinition, WebhookFilterRule and WebhookAuthConfiguration.

mod definition;
mod filter;
mod json_path;
mod network;
mod push;

pub use definition::{
    AuthenticationConfiguration, AuthenticationType, FilterRule, REDACTED, SecretToken,
    UnauthenticatedWebhooks, WEBHOOKS_MAX, WebhookDefinition, not_found,
};
pub use filter::Unmatched;
pub use json_path::{JsonPath, Segment};
pub use network::Network;
pub use push::{Push, ZERO_COMMIT};
