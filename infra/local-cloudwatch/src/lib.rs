//! A miniature CloudWatch: alarms that are declared, and no metrics.
//!
//! It answers `DescribeAlarms` (by names, the beginning of names, types and state) and `SetAlarmState`. Alarms are
//! given with [`LocalCloudWatch::define`]; the API's create calls want a metric, of which there are none here.
//!
//! An alarm has one of two things:
//!
//! - a **state**, which it keeps until `SetAlarmState` gives it another one, or it is declared again;
//! - a **command** of this host, which runs whenever the alarm is asked for. Exit status 0 is `OK`. Another one, a
//!   signal, a program that does not start, or more than [`TIMEOUT`] is `ALARM`, and its last lines are the reason.
//!   What it leaves running is ended.
//!
//! # Differences from CloudWatch
//!
//! Every alarm is a metric alarm, though none has a metric. Nothing happens when a state changes. `SetAlarmState` of an
//! alarm with a command is refused: CloudWatch would take it back as soon as it looks at the metric.
//!
//! # Files
//!
//! ```text
//! <directory>/lock          held while the directory is open
//! <directory>/alarms.json   the alarms, with their states
//! <directory>/logs/<n>.log  what a command prints while it runs
//! ```

mod alarm;
mod check;
mod input;
mod service;

pub use alarm::{Alarm, InvalidAlarm, State, Tells};
pub use check::TIMEOUT;
pub use local_service::OpenError;
pub use service::{LocalCloudWatch, Settings};
