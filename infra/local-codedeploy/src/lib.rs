//! A miniature CodeDeploy for EC2/on-premises ("Server") deployments, to directories of this host.
//!
//! It speaks the CodeDeploy API for applications, deployment groups and deployments, takes S3
//! revisions (zips with an `appspec.yml`), installs files, runs hooks, and emits CodeDeploy's
//! "Deployment State-change Notification" events.
//!
//! # Targets
//!
//! On AWS the instances of a deployment group are found by tags. Here a group has targets: named
//! *root directories*, given with [`LocalCodeDeploy::define_group`], because the API has no field
//! for them. A `destination` of `/var/www/html` means `<root>/var/www/html`; nothing outside of
//! the root is written, also not through symbolic links, which are not followed below the root.
//! **Hooks are ordinary programs of this host**: an absolute path in a script is a path of the
//! host. A script finds its target's root in `CODEDEPLOY_TARGET_ROOT`.
//!
//! # Hooks
//!
//! They run in the archive's root directory with `LIFECYCLE_EVENT`, `DEPLOYMENT_ID`,
//! `APPLICATION_NAME`, `DEPLOYMENT_GROUP_NAME`, `DEPLOYMENT_GROUP_ID`, `BUNDLE_BUCKET`, `BUNDLE_KEY`,
//! `BUNDLE_VERSION`, `BUNDLE_ETAG` (when the revision has them) and [`Settings::environment`].
//! `runas` and `owner` are refused unless they name the current user, or
//! [`Settings::as_current_user`] says to pass over them.
//!
//! # Targets at a time
//!
//! As many as the deployment configuration allows, and no more once so many have failed. The
//! predefined configurations of AWS are there, and CreateDeploymentConfig makes others.
//!
//! # Rollback
//!
//! `autoRollbackConfiguration` of the group or of the deployment, or `autoRollbackEnabled` of
//! StopDeployment, deploys the group's last successful revision again, as a new deployment. A
//! rollback that fails is not rolled back.
//!
//! # Stricter than AWS
//!
//! The whole revision is checked before the first hook runs: the appspec, that each source and
//! script is there, users, and what [`Settings`] forbids. Files that are in the way are found
//! before the previous revision's files are removed.
//!
//! # Files
//!
//! ```text
//! <directory>/lock                                     held while the directory is open
//! <directory>/applications.json                        applications, groups, targets
//! <directory>/configurations.json                      deployment configurations besides the predefined
//! <directory>/deployments/<deployment id>.json         one deployment with its lifecycle events
//! <directory>/logs/<deployment id>.log                 what hooks printed, written while they run
//! <directory>/targets/<group id>/<target>/state.json   what is installed
//! <directory>/targets/<group id>/<target>/archives/    the last revisions, unpacked
//! ```

mod appspec;
mod configuration;
mod deploy;
mod event;
mod host;
mod install;
mod lifecycle;
mod record;
mod revision;
mod rollback;
mod service;
mod settings;

pub use local_service::OpenError;
pub use record::Target;
pub use revision::{LatestRevisions, RevisionStore, S3Location};
pub use service::LocalCodeDeploy;
pub use settings::Settings;
