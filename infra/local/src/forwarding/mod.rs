//! Calls of AWS services that nothing in this process answers, sent on to an endpoint that the user names: an emulator
//! on this machine.
//!
//! The functions do not know of it: they call AWS, and the connector decides who answers. A caller's policies are
//! checked before anything is sent. Each request is signed anew, since its host is another one, with the account's id
//! as the key: emulators that have several accounts tell them apart by that. None of them checks signatures by default;
//! no key of the user's is ever sent.

mod endpoint;
mod route;
mod send;
mod services;

pub use endpoint::{AwsEndpoint, AwsEndpoints};
pub(crate) use route::{Route, is_unknown_here, route};
pub(crate) use send::send;
