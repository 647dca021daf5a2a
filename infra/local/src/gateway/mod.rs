//! The HTTP endpoint of the service: API Gateway's part, and the endpoints of the embedded services.
//!
//! It listens on this machine's loopback addresses only. Every request is first asked whether it is meant for
//! us and comes from no foreign web page ([`admission`]), then taken to where it belongs ([`destination`]): to
//! a function, by the routes of template.yaml and as the event that API Gateway would make of it; to an
//! embedded service, once its signature is verified; or to the page about the service itself.

mod admission;
mod allowed;
mod answer;
mod body;
mod connections;
mod destination;
mod endpoint;
mod event;
mod function;
mod health;
mod health_page;
mod listen;
mod owner;
mod refusal;

pub use connections::serve;
pub(crate) use destination::{PIPEWRIGHT, WRITE_SNAPSHOT};
pub use endpoint::Gateway;
pub use health::{Health, OUTBOX_SECONDS_MAX};
pub use listen::{ListenError, Listeners};
