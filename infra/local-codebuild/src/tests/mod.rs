//! Real builds: commands of this host, objects and events in memory.

mod api;
mod artifacts;
mod batches;
mod endings;
mod ground;
mod phases;
mod sandbox;
mod secrets;
mod sections;
mod session;
mod state;
