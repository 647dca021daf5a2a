//! The rules of stage conditions that no provider runs: what they are given, and what it means.

pub(crate) mod alarm_watch;
pub(crate) mod deployment_window;
pub(crate) mod variable_check;

pub use alarm_watch::{Alarm, AlarmWatch};
pub use deployment_window::DeploymentWindow;
pub use variable_check::variable_compares;
