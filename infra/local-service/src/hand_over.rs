//! Work that goes on while whoever began it goes on too.

use tokio::runtime::Handle;

/// Lets an idle thread begin the task that this thread has spawned last. tokio keeps that one for this thread,
/// which may have much to do before it gets there; a task that does nothing takes its place.
pub fn hand_over(runtime: &Handle) {
    runtime.spawn(async {});
}
