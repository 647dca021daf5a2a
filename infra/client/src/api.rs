//! The calls that commands make. Every list is read to its end, or to as many items as are wanted.

use std::time::Duration;

use aws_sdk_cloudwatchlogs as cloudwatchlogs;
use aws_sdk_codebuild as codebuild;
use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::operation::get_pipeline::GetPipelineOutput;
use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{
    ActionExecutionDetail, ActionExecutionFilter, PipelineExecution, PipelineExecutionFilter,
    PipelineExecutionSummary, PipelineSummary, RuleExecutionDetail, RuleExecutionFilter,
    SucceededInStageFilter,
};

use crate::connection::{Connection, Endpoints};
use crate::exit::Exit;
use crate::failure::Failure;

/// Between two looks at a service of one's own.
const LOOK: Duration = Duration::from_millis(500);
/// Between two looks at AWS, which throttles.
const LOOK_AT_AWS: Duration = Duration::from_secs(3);
/// The largest page of ListPipelineExecutions and ListActionExecutions (API reference).
const PAGE: i32 = 100;

pub(crate) struct Api {
    pub codepipeline: Client,
    pub logs: cloudwatchlogs::Client,
    /// Asked only which builds a batch has.
    pub codebuild: codebuild::Client,
    /// Where a service of one's own is; none for AWS.
    pub endpoint: Option<String>,
    /// How long to wait between two looks at something that changes.
    pub look: Duration,
}

impl Api {
    pub async fn connect(connection: Connection) -> Result<Self, Failure> {
        let endpoints = Endpoints::of(connection)?;
        Ok(Self {
            codepipeline: Client::new(&endpoints.codepipeline),
            logs: cloudwatchlogs::Client::new(&endpoints.logs),
            codebuild: codebuild::Client::new(&endpoints.codebuild),
            look: if endpoints.custom.is_some() { LOOK } else { LOOK_AT_AWS },
            endpoint: endpoints.custom,
        })
    }

    pub async fn pipelines(&self) -> Result<Vec<PipelineSummary>, Failure> {
        let mut pages = self.codepipeline.list_pipelines().into_paginator().items().send();
        let mut pipelines = Vec::new();
        while let Some(pipeline) = pages.next().await {
            pipelines.push(pipeline?);
        }
        Ok(pipelines)
    }

    /// A version, or the current one.
    pub async fn pipeline(&self, name: &str, version: Option<i32>) -> Result<GetPipelineOutput, Failure> {
        Ok(self.codepipeline.get_pipeline().name(name).set_version(version).send().await?)
    }

    pub async fn state(&self, name: &str) -> Result<GetPipelineStateOutput, Failure> {
        Ok(self.codepipeline.get_pipeline_state().name(name).send().await?)
    }

    pub async fn execution(&self, name: &str, id: &str) -> Result<PipelineExecution, Failure> {
        let request =
            self.codepipeline.get_pipeline_execution().pipeline_name(name).pipeline_execution_id(id);
        let execution = request.send().await?.pipeline_execution;
        execution.ok_or_else(|| Failure::new(Exit::Unreachable, "the service answered without an execution"))
    }

    /// The newest first, at most `limit`.
    pub async fn executions(
        &self,
        name: &str,
        limit: usize,
    ) -> Result<Vec<PipelineExecutionSummary>, Failure> {
        let request = self.codepipeline.list_pipeline_executions().pipeline_name(name);
        let mut pages = request.max_results(page(limit)).into_paginator().items().send();
        let mut executions = Vec::new();
        while executions.len() < limit {
            let Some(execution) = pages.next().await else { break };
            executions.push(execution?);
        }
        Ok(executions)
    }

    /// Those of the current version that succeeded in a stage, the newest first.
    pub async fn executions_succeeded_in(
        &self,
        name: &str,
        stage: &str,
    ) -> Result<Vec<PipelineExecutionSummary>, Failure> {
        let stage = SucceededInStageFilter::builder().stage_name(stage).build();
        let filter = PipelineExecutionFilter::builder().succeeded_in_stage(stage).build();
        let request = self.codepipeline.list_pipeline_executions().pipeline_name(name).filter(filter);
        let mut pages = request.into_paginator().items().send();
        let mut executions = Vec::new();
        while let Some(execution) = pages.next().await {
            executions.push(execution?);
        }
        Ok(executions)
    }

    /// The rules of stage conditions, of one execution or of all; the newest first, at most `limit`.
    pub async fn rules(
        &self,
        name: &str,
        execution_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RuleExecutionDetail>, Failure> {
        let filter = execution_id.map(|id| RuleExecutionFilter::builder().pipeline_execution_id(id).build());
        let request = self.codepipeline.list_rule_executions().pipeline_name(name).set_filter(filter);
        let mut pages = request.max_results(page(limit)).into_paginator().items().send();
        let mut rules = Vec::new();
        while rules.len() < limit {
            let Some(rule) = pages.next().await else { break };
            rules.push(rule?);
        }
        Ok(rules)
    }

    /// Of one execution, or of all; the newest first, at most `limit`.
    pub async fn actions(
        &self,
        name: &str,
        execution_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ActionExecutionDetail>, Failure> {
        let filter =
            execution_id.map(|id| ActionExecutionFilter::builder().pipeline_execution_id(id).build());
        let request = self.codepipeline.list_action_executions().pipeline_name(name).set_filter(filter);
        let mut pages = request.max_results(page(limit)).into_paginator().items().send();
        let mut actions = Vec::new();
        while actions.len() < limit {
            let Some(action) = pages.next().await else { break };
            actions.push(action?);
        }
        Ok(actions)
    }

    /// The builds that a batch has begun: the identifier and the ARN of each.
    pub async fn builds_of_batch(&self, id: &str) -> Result<Vec<(String, String)>, Failure> {
        let output = self.codebuild.batch_get_build_batches().ids(id).send().await?;
        let groups = output.build_batches().iter().flat_map(|batch| batch.build_groups());
        let builds = groups.filter_map(|group| {
            let arn = group.current_build_summary()?.arn().filter(|arn| !arn.is_empty())?;
            Some((group.identifier().unwrap_or_default().to_owned(), arn.to_owned()))
        });
        Ok(builds.collect())
    }
}

/// No larger a page than is wanted.
fn page(limit: usize) -> i32 {
    i32::try_from(limit).unwrap_or(PAGE).clamp(1, PAGE)
}
