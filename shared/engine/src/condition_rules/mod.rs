//! The rules of stage conditions that no provider runs: what they are given, and what it means.

mod alarm_watch;
mod deployment_window;

pub use alarm_watch::{Alarm, AlarmWatch};
pub use deployment_window::DeploymentWindow;
