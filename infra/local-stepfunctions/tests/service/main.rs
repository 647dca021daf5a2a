//! The service as its users see it: API calls in, functions invoked, nothing of the inside.
#![cfg(test)]

mod api;
mod events;
mod killed;
mod restart;
mod stack;
mod stage_execution;
