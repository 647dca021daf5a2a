//! The rules of CodePipeline, as pure functions.
//!
//! Nothing here sees an SDK, a clock, an environment or a network: `decide(state, event, now)`
//! answers with the new state and the effects to deliver, or with the [`Rejection`] that CodePipeline
//! would give. Time and ids are arguments, so that every run can be repeated.

pub mod approval_notification;
pub mod catalog;
pub mod condition_rules;
pub mod decide;
pub mod declaration;
pub mod events;
pub mod execution;
pub mod job;
pub mod permissions;
pub mod stack_action;
pub mod tags;
pub mod trigger;
pub mod variables;
pub mod webhook;

mod rejection;

pub use rejection::Rejection;
