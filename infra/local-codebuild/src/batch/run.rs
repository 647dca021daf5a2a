//! One batch from its buildspec to its end.

use std::sync::Arc;

use local_process::{Stop, StopReason};
use serde_json::{Map, Value};

use super::children::{Artifacts, start_input};
use super::combine::combine;
use super::order::{TaskState, is_to_stop, ready, status};
use super::specification::specification;
use crate::buildspec::Batch;
use crate::model::{
    BatchPhaseType, BuildBatch, BuildGroup, BuildStatus, BuildSummary, PhaseContext, ProjectArtifacts,
};
use crate::names::parse_build_id;
use crate::operations::start_build;
use crate::service_state::ServiceState;
use crate::store::StoredBatch;

/// CodeBuild's limit of the time of a batch.
const DEFAULT_TIMEOUT_MINUTES: u32 = 2160;

/// What a batch's record does not hold.
pub struct BatchOrder {
    /// The input of StartBuildBatch.
    pub input: Map<String, Value>,
    pub artifacts: ProjectArtifacts,
    pub secondary_artifacts: Vec<ProjectArtifacts>,
}

/// Runs the batch in the background, to its end in any case.
pub fn spawn(service: Arc<ServiceState>, stored: StoredBatch, order: BatchOrder, stop: Stop) {
    tokio::spawn(async move {
        let timeout = stored.batch.build_batch_config.as_ref().and_then(|config| config.timeout_in_mins);
        let minutes = i64::from(timeout.unwrap_or(DEFAULT_TIMEOUT_MINUTES));
        let deadline = stored.batch.start_time.0 + minutes * 60_000;
        let (clock, late) = (service.clock.clone(), stop.clone());
        let timer = tokio::spawn(async move {
            clock.sleep_until(deadline).await;
            late.request(StopReason::TimedOut);
        });
        BatchRun { service, stored, order, stop }.execute().await;
        timer.abort();
    });
}

struct BatchRun {
    service: Arc<ServiceState>,
    stored: StoredBatch,
    order: BatchOrder,
    stop: Stop,
}

impl BatchRun {
    async fn execute(mut self) {
        self.leave(BuildStatus::Succeeded, None);
        self.enter(BatchPhaseType::DownloadBatchspec);
        let configuration = self.stored.batch.build_batch_config.clone().unwrap_or_default();
        let batch = match specification(&self.service, &self.stored.batch.source, &configuration).await {
            Ok(batch) => batch,
            Err(context) => return self.end(BuildStatus::Failed, Some(context)),
        };
        self.change(|record| record.build_groups = groups(&batch));
        self.leave(BuildStatus::Succeeded, None);
        self.enter(BatchPhaseType::InProgress);
        let states = self.run_builds(&batch).await;
        if let Some(reason) = self.stop.reason() {
            let status = match reason {
                StopReason::TimedOut => BuildStatus::TimedOut,
                StopReason::Cancelled => BuildStatus::Stopped,
                StopReason::ServiceEnded => BuildStatus::Fault,
            };
            return self.end(status, None);
        }
        let status = status(&batch, &states);
        if status != BuildStatus::Succeeded || configuration.combine_artifacts != Some(true) {
            return self.end(status, None);
        }
        self.leave(BuildStatus::Succeeded, None);
        self.enter(BatchPhaseType::CombineArtifacts);
        match self.combine(&batch).await {
            Ok(()) => self.end(BuildStatus::Succeeded, None),
            Err(message) => {
                self.end(BuildStatus::Failed, Some(PhaseContext::new("COMBINE_ARTIFACTS_ERROR", message)));
            }
        }
    }

    /// Starts what can begin whenever a build has ended, until nothing runs any more.
    async fn run_builds(&mut self, batch: &Batch) -> Vec<TaskState> {
        let mut ended = self.service.build_ends();
        let mut states: Vec<TaskState> = vec![None; batch.tasks.len()];
        let mut is_stopping = false;
        loop {
            ended.mark_unchanged();
            self.look(&mut states);
            let is_stopped = self.stop.reason().is_some() || is_to_stop(batch, &states);
            if is_stopped && !is_stopping {
                is_stopping = true;
                self.stop_builds();
            }
            if !is_stopped {
                for index in ready(batch, &states) {
                    states[index] = Some(self.start(batch, index));
                }
            }
            if !states.contains(&Some(BuildStatus::InProgress)) {
                let has_more = !is_stopped && !ready(batch, &states).is_empty();
                if !has_more {
                    return states;
                }
                continue;
            }
            tokio::select! {
                _ = ended.changed() => {}
                _ = self.stop.requested(), if !is_stopping => {}
            }
        }
    }

    /// The build of the task `index` begins, or has failed because it cannot.
    fn start(&mut self, batch: &Batch, index: usize) -> BuildStatus {
        let task = &batch.tasks[index];
        let value = |artifacts: &ProjectArtifacts| {
            let mut artifacts = artifacts.clone();
            artifacts.name.get_or_insert_with(|| self.stored.batch.project_name.clone());
            serde_json::to_value(artifacts).unwrap_or_default()
        };
        let primary = value(&self.order.artifacts);
        let secondary: Vec<Value> = self.order.secondary_artifacts.iter().map(value).collect();
        let artifacts = Artifacts { primary: &primary, secondary: &secondary };
        let input = start_input(&self.order.input, task, artifacts);
        let batch_arn = self.stored.batch.arn.clone();
        let (status, arn) = match start_build::start(&self.service, input, Some(batch_arn)) {
            Ok(output) => {
                (BuildStatus::InProgress, output["build"]["arn"].as_str().unwrap_or_default().to_owned())
            }
            Err(error) => {
                tracing::error!(batch = self.stored.batch.id, %error, "a build of a batch was not started");
                (BuildStatus::Failed, String::new())
            }
        };
        let summary = BuildSummary { arn, requested_on: self.service.now(), build_status: status };
        self.change(|record| record.build_groups[index].current_build_summary = Some(summary));
        status
    }

    /// Reads how the builds are that were running.
    fn look(&mut self, states: &mut [TaskState]) {
        for (index, state) in states.iter_mut().enumerate() {
            if *state != Some(BuildStatus::InProgress) {
                continue;
            }
            let summary = self.stored.batch.build_groups[index].current_build_summary.clone();
            let arn = summary.map(|summary| summary.arn).unwrap_or_default();
            let id = parse_build_id(&arn);
            let build = id.and_then(|(project, uuid)| self.service.find_build(project, uuid).ok().flatten());
            let status = build.map_or(BuildStatus::Fault, |build| build.build_status);
            if status != BuildStatus::InProgress {
                *state = Some(status);
                self.change(|record| {
                    if let Some(summary) = &mut record.build_groups[index].current_build_summary {
                        summary.build_status = status;
                    }
                });
            }
        }
    }

    fn stop_builds(&self) {
        let summaries =
            self.stored.batch.build_groups.iter().filter_map(|group| group.current_build_summary.as_ref());
        let arns: Vec<&str> = summaries.map(|summary| summary.arn.as_str()).collect();
        let records = self.service.records();
        let running = records.active.values().filter(|active| arns.contains(&active.build.arn.as_str()));
        running.for_each(|active| active.stop.request(StopReason::Cancelled));
    }

    async fn combine(&mut self, batch: &Batch) -> Result<(), String> {
        let identifiers: Vec<String> = batch.tasks.iter().map(|task| task.identifier.clone()).collect();
        let record = &self.stored.batch;
        let mut digests = Vec::new();
        for artifacts in std::iter::once(&self.order.artifacts).chain(&self.order.secondary_artifacts) {
            let key = artifacts.key(&record.project_name, record.uuid(), None);
            digests.push(combine(&self.service, artifacts, &key, &identifiers).await?);
        }
        self.change(|record| {
            let artifacts = std::iter::once(&mut record.artifacts).chain(&mut record.secondary_artifacts);
            artifacts.zip(digests).for_each(|(artifacts, digest)| artifacts.sha256sum = digest);
        });
        Ok(())
    }

    fn enter(&mut self, phase: BatchPhaseType) {
        let now = self.service.now();
        self.change(|batch| batch.enter(phase, now));
    }

    fn leave(&mut self, status: BuildStatus, context: Option<PhaseContext>) {
        let now = self.service.now();
        self.change(|batch| batch.leave(status, context.into_iter().collect(), now));
    }

    fn end(mut self, status: BuildStatus, context: Option<PhaseContext>) {
        self.leave(status, context);
        let now = self.service.now();
        self.change(|batch| batch.complete(status, now));
    }

    fn change(&mut self, change: impl FnOnce(&mut BuildBatch)) {
        change(&mut self.stored.batch);
        self.service.publish_batch(&self.stored);
    }
}

fn groups(batch: &Batch) -> Vec<BuildGroup> {
    let group = |task: &crate::buildspec::BatchTask| BuildGroup {
        identifier: task.identifier.clone(),
        depends_on: task.depend_on.clone(),
        ignore_failure: task.is_failure_ignored,
        current_build_summary: None,
    };
    batch.tasks.iter().map(group).collect()
}
