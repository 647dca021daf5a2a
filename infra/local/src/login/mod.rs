//! `pipewright login`: lets the AWS CLI and the SDKs find a service, and keys for it, by a profile.
//!
//! The profile is written to the file that they all read. Everything else in that file stays as it is, byte for byte;
//! what was written is between two marks, so that it can be replaced, and nothing else is.

mod arguments;
mod command;
mod config_file;
mod home;
mod profile;
mod sections;
mod write;

pub use arguments::LoginArguments;
pub use command::login;
pub(crate) use profile::{Profile, of_data, quoted};
