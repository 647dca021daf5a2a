//! An execution as people ask about it: what ran, what it waits for, how it ended.

mod action;
mod condition;
mod reason;
mod rollback;
mod sentence;

pub(crate) use action::{ActionView, Log, LogStream, actions_in_order, log_of_build, with_rules};
pub(crate) use condition::{Checked, When, declared, said};
pub(crate) use reason::{Known, Reason, is_waiting, needs_rules, reason};
pub(crate) use rollback::{failed_execution, rollback_of, target, target_of_summary};
pub(crate) use sentence::{reason_to_json, sentence, short};
