//! The whole of Pipewright on this machine: the functions, the state machine and the services of
//! `template.yaml` in one process, and the `pipewright` binary as a process of its own.
//!
//! A scenario is what a user would tell: what was started, what happened meanwhile, how it ended. The rules
//! in all their cases are tested beside the code in `engine`, and under faults in `tests/simulation`; here
//! it is shown that the parts keep to them when they are put together.
//!
//! Builds are lines of `sh`, but for the one run of `examples/quickstart`.

#![cfg(test)]
// Futures around futures around those of the SDK.
#![recursion_limit = "256"]

// The house: what scenarios are written with.
mod declare;
mod emulator;
mod gate;
mod process;
mod served;
mod shop;
mod small_disk;

// The scenarios.
mod alarms;
mod api;
mod approvals;
mod artifact_store;
mod at_once;
mod backups;
mod bad_input;
mod batches;
mod budget;
mod command_line;
mod conditions;
mod connections;
mod deployments;
mod disk;
mod editing;
mod execution_modes;
mod faults;
mod full_disk;
mod functions;
mod hostile_requests;
mod hostile_sources;
mod interrupts;
mod invoked_pipelines;
mod killed;
mod login;
mod lost_workflows;
mod machines;
mod quickstart;
mod restarts;
mod retries;
mod rollbacks;
mod service;
mod service_ends;
mod stacks;
mod state_changes;
mod stopping;
mod told_approvers;
mod torn_files;
mod triggers;
mod webhooks;
mod working_trees;
