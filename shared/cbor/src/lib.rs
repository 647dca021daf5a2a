//! CBOR as the protocol RPC v2 has it, from and to the JSON that operations take and give.
//!
//! The two differ in one point: a time has the tag 1 in CBOR and is a plain number in JSON. Which members are times is
//! what a service's model says.
//!
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

mod decode;
mod encode;

pub use decode::{NoCbor, decode};
pub use encode::{Unwritable, encode};

#[cfg(test)]
mod tests;
