//! Triggers: what a push, a tag or a pull request starts, and for what it does not start, which filter said no.
//!
//! A host of repositories tells in its own words ([`events_of`]); they become a [`GitEvent`], which the filters of a
//! source action are held against ([`judge`]).
//!
//! Source: CodePipeline user guide, "Automate starting pipelines using triggers and filtering".

mod decision;
mod denial;
mod detail;
mod event;
mod glob;
mod hosts;

pub use decision::{ChangedFiles, Judgement, judge};
pub use denial::Denial;
pub use detail::{TriggerDetail, trigger_of_connection};
pub use event::{GitChange, GitEvent, PULL_REQUEST, PUSH};
pub use glob::{Glob, GlobError};
pub use hosts::{Host, Ignored, events_of};
