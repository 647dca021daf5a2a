//! Where the logs of builds and deployments are on this machine.

use std::path::PathBuf;

use local_process::Follower;

use super::LocalStack;

/// One log of outside work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkLog {
    /// Of the build or the deployment.
    pub id: String,
    /// Which build of a batch it is.
    pub build: Option<String>,
    /// Where it is, once there is one.
    pub path: Option<PathBuf>,
}

impl LocalStack {
    /// The logs of outside work: those of the builds of a batch, each by its identifier; one for all else.
    pub fn logs_of(&self, external_execution_id: &str, url: Option<&str>) -> Vec<WorkLog> {
        let builds = self.codebuild.builds_of_batch(external_execution_id);
        if builds.is_empty() {
            let path = self.log_path(external_execution_id, url);
            return vec![WorkLog { id: external_execution_id.to_owned(), build: None, path }];
        }
        let of_build = |(identifier, id): (String, String)| {
            let path = self.codebuild.log_path(&id).filter(|path| path.is_file());
            WorkLog { id, build: Some(identifier), path }
        };
        builds.into_iter().map(of_build).collect()
    }

    /// The log of outside work while it is written; `None` for work that has none.
    pub fn follow_log(&self, external_execution_id: &str) -> Option<Follower> {
        let build = self.codebuild.follow_log(external_execution_id).ok();
        build.or_else(|| self.codedeploy.follow_log(external_execution_id).ok())
    }

    /// Where the log of outside work is; a build says so itself, in its URL.
    pub fn log_path(&self, external_execution_id: &str, url: Option<&str>) -> Option<PathBuf> {
        let of_build = url.filter(|url| url.starts_with('/')).map(PathBuf::from);
        let path = of_build.unwrap_or_else(|| self.codedeploy.log_path(external_execution_id));
        path.is_file().then_some(path)
    }
}
