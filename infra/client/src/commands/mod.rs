//! One file per command: its arguments, what it does, and what it shows.

pub(crate) mod approve;
pub(crate) mod connections;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod diff;
pub(crate) mod events;
pub(crate) mod explain;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod logs;
mod new_version;
pub(crate) mod override_condition;
pub(crate) mod retry;
pub(crate) mod revert;
pub(crate) mod rollback;
pub(crate) mod start;
pub(crate) mod state;
pub(crate) mod stop;
pub(crate) mod transitions;
pub(crate) mod update;
pub(crate) mod versions;
pub(crate) mod watch;
pub(crate) mod why;
