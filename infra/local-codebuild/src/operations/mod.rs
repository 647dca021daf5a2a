//! One file per operation of CodeBuild's API: from its JSON input to its JSON output.

pub mod batch_get_build_batches;
pub mod batch_get_builds;
pub mod batch_get_projects;
pub mod batch_get_reports;
pub mod create_project;
pub mod delete_project;
mod input;
pub mod list_build_batches_for_project;
pub mod list_builds_for_project;
pub mod list_projects;
mod page;
pub mod start_build;
pub mod start_build_batch;
pub mod stop_build;
pub mod stop_build_batch;
pub mod update_project;
