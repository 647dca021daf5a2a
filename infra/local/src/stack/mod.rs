//! The stack of template.yaml, wired: its tables, buckets, functions, state machine, rules and schedules
//! in one process over one data directory.

mod at_work;
mod callers;
mod definition;
mod error;
mod job_functions;
mod local_stack;
mod log_files;
mod opened;
mod promise;
mod role_keys;
mod roles;
mod services;
mod state_machine_role;
mod store_upgrade;
mod sweeps;
mod table_streams;
mod triggers;
mod work_logs;

pub use at_work::Running;
pub use definition::{ACCOUNT_ID, DEFAULT_REGION, PRINCIPAL, Place, template};
pub use error::StartError;
pub use local_stack::{ApiFailure, LocalStack, Options};
pub(crate) use promise::only_reads;
pub use work_logs::WorkLog;
