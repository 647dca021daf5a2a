//! The log groups of this machine: builds of a project, deployments of an application.
//!
//! Named as on AWS: `/aws/codebuild/<project>` with a stream for each build, by the build's UUID, and
//! `/aws/codedeploy/<application>` with a stream for each deployment, by its id. What was put to EventBridge is in
//! `/aws/events/pipewright`, with a stream for each megabyte.

use std::path::{Path, PathBuf};

use futures::executor::block_on;
use local_codebuild::LocalCodeBuild;
use local_codedeploy::LocalCodeDeploy;
use local_logs::{LogSource, LogStream};
use local_service::Service;
use serde_json::{Value, json};

use crate::events::{EVENT_LOG_GROUP, EventLog};

const BUILDS: &str = "/aws/codebuild/";
const DEPLOYMENTS: &str = "/aws/codedeploy/";
/// BatchGetBuilds takes as many ids at once.
const BATCH: usize = 100;

pub(super) struct LogFiles {
    codebuild: LocalCodeBuild,
    codedeploy: LocalCodeDeploy,
    /// `logs/<project>/<uuid>.log` in CodeBuild's directory.
    build_logs: PathBuf,
    events: EventLog,
}

impl LogFiles {
    pub(super) fn new(
        codebuild: LocalCodeBuild,
        codedeploy: LocalCodeDeploy,
        codebuild_data: &Path,
        events: EventLog,
    ) -> Self {
        Self { codebuild, codedeploy, build_logs: codebuild_data.join("logs"), events }
    }

    fn events(&self) -> Vec<LogStream> {
        let files = self.events.files();
        let newest = files.len().saturating_sub(1);
        let streams = files.into_iter().enumerate().map(|(index, (name, path))| LogStream {
            name,
            path,
            created_at_ms: 0,
            is_complete: index < newest,
        });
        streams.collect()
    }

    fn build(&self, build: &Value) -> Option<LogStream> {
        let (project, uuid) = build["id"].as_str()?.split_once(':')?;
        Some(LogStream {
            name: uuid.to_owned(),
            path: self.build_logs.join(project).join(format!("{uuid}.log")),
            created_at_ms: milliseconds(&build["startTime"]),
            is_complete: build["buildComplete"].as_bool().unwrap_or(false),
        })
    }

    fn builds(&self, ids: &[String]) -> Vec<LogStream> {
        let found =
            ids.chunks(BATCH).filter_map(|ids| ask(&self.codebuild, "BatchGetBuilds", json!({ "ids": ids })));
        let builds = found.flat_map(|found| found["builds"].as_array().cloned().unwrap_or_default());
        builds.filter_map(|build| self.build(&build)).collect()
    }

    fn builds_of(&self, project: &str) -> Option<Vec<LogStream>> {
        let mut ids = Vec::new();
        let mut token = Value::Null;
        loop {
            let input = match token {
                Value::Null => json!({ "projectName": project }),
                token => json!({ "projectName": project, "nextToken": token }),
            };
            let mut page = ask(&self.codebuild, "ListBuildsForProject", input)?;
            ids.extend(page["ids"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned));
            token = page["nextToken"].take();
            if token.is_null() {
                return Some(self.builds(&ids));
            }
        }
    }

    fn deployment(&self, application: &str, id: &str) -> Option<LogStream> {
        let found = ask(&self.codedeploy, "GetDeployment", json!({ "deploymentId": id }))?;
        let deployment = &found["deploymentInfo"];
        (deployment["applicationName"] == application).then(|| LogStream {
            name: id.to_owned(),
            path: self.codedeploy.log_path(id),
            created_at_ms: milliseconds(&deployment["createTime"]),
            is_complete: !deployment["completeTime"].is_null(),
        })
    }

    fn deployments_of(&self, application: &str) -> Option<Vec<LogStream>> {
        let input = json!({ "applicationName": application });
        ask(&self.codedeploy, "GetApplication", input.clone())?;
        let found = ask(&self.codedeploy, "ListDeployments", input)?;
        let ids = found["deployments"].as_array()?.iter().filter_map(Value::as_str);
        Some(ids.filter_map(|id| self.deployment(application, id)).collect())
    }
}

impl LogSource for LogFiles {
    fn streams(&self, group: &str) -> Option<Vec<LogStream>> {
        if group == EVENT_LOG_GROUP {
            return Some(self.events());
        }
        match (group.strip_prefix(BUILDS), group.strip_prefix(DEPLOYMENTS)) {
            (Some(project), _) => self.builds_of(project),
            (None, Some(application)) => self.deployments_of(application),
            (None, None) => None,
        }
    }

    fn stream(&self, group: &str, name: &str) -> Option<LogStream> {
        if group == EVENT_LOG_GROUP {
            return self.events().into_iter().find(|stream| stream.name == name);
        }
        match (group.strip_prefix(BUILDS), group.strip_prefix(DEPLOYMENTS)) {
            (Some(project), _) => self.builds(&[format!("{project}:{name}")]).pop(),
            (None, Some(application)) => self.deployment(application, name),
            (None, None) => None,
        }
    }
}

/// `None` for whatever the service refuses, which is that something is not there. Services answer from memory
/// and files, so waiting for one holds up only the thread that reads logs.
fn ask(service: &impl Service, operation: &str, input: Value) -> Option<Value> {
    block_on(service.call(operation, input)).ok()
}

/// Of the API's seconds since the epoch.
fn milliseconds(seconds: &Value) -> i64 {
    (seconds.as_f64().unwrap_or_default() * 1000.0).round() as i64
}
