//! An execution as people ask about it: what ran, what it waits for, how it ended.

mod action;
mod reason;
mod sentence;

pub(crate) use action::{ActionView, Log, LogStream, actions_in_order, log_of_build};
pub(crate) use reason::{Reason, is_waiting, reason};
pub(crate) use sentence::{reason_to_json, sentence, short};
