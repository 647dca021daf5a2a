//! `appspec.yml` of an EC2/on-premises deployment.
//!
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html>
//!
//! Pure: text to [`AppSpec`], and [`AppSpec`] against what is in a revision and who is on this host.

mod check;
mod parse;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lifecycle::LifecycleEvent;

pub(crate) use check::{Problem, check};
pub(crate) use parse::{EVENT_SECONDS_MAX, parse, parse_behavior};

/// All paths are normalised and relative: `source`s and `location`s to the revision, `destination`s
/// and `object`s to the target's root; empty for `/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AppSpec {
    pub(crate) files: Vec<FileMapping>,
    /// Takes precedence over the deployment's, as in the agent.
    pub(crate) file_exists_behavior: Option<FileExistsBehavior>,
    pub(crate) permissions: Vec<Permission>,
    pub(crate) hooks: BTreeMap<LifecycleEvent, Vec<Script>>,
    /// Hooks around a load balancer, which is not there: named in the log, not run.
    pub(crate) traffic_hooks: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileMapping {
    pub(crate) source: String,
    pub(crate) destination: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum FileExistsBehavior {
    #[default]
    Disallow,
    Overwrite,
    Retain,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Permission {
    pub(crate) object: String,
    /// `**`: everything below; otherwise a name with `*`, directly in the object.
    pub(crate) pattern: String,
    pub(crate) except: Vec<String>,
    pub(crate) owner: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) mode: Option<u32>,
    pub(crate) to_files: bool,
    pub(crate) to_directories: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) location: String,
    pub(crate) timeout_seconds: u64,
    pub(crate) runas: Option<String>,
}
