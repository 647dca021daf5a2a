//! The local stack: what `template.yaml` describes, in one process.

pub mod connector;
pub mod events;
pub mod permissions;
pub mod template;
