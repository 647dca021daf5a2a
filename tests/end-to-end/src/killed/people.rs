//! Somebody who starts, approves, stops and retries with the official client, and tries again when the service
//! does not answer.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_codepipeline::types::{
    ActionExecutionFilter, ApprovalResult, ApprovalStatus, PipelineExecutionStatus, StageRetryMode,
};

use super::history::{Everything, Seen, Told};
use crate::declare::PIPELINE;
use crate::served::client_of;

pub struct Person {
    name: String,
    data: PathBuf,
    over: Arc<AtomicBool>,
    told: Vec<Told>,
}

impl Person {
    pub fn new(number: usize, data: PathBuf, over: Arc<AtomicBool>) -> Self {
        Self { name: format!("person-{number}"), data, over, told: Vec::new() }
    }

    /// Until it is over; answers with what was acknowledged.
    pub async fn work(mut self) -> Vec<Told> {
        let mut count = 0;
        while !self.over.load(Ordering::Relaxed) {
            count += 1;
            let (wish, approves) = (rand::random_range(0..10), rand::random_bool(0.8));
            match wish {
                0..4 => self.start(count).await,
                4..8 => self.answer(count, approves).await,
                8 => self.stop().await,
                _ => self.retry().await,
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        self.told
    }

    /// The same token until there is an answer, and once more: one token is one execution.
    async fn start(&mut self, count: u32) {
        let token = format!("{}-{count}", self.name);
        let mut ids = Vec::new();
        for _ in 0..2 {
            let started = self.until_answered(|client| {
                client.start_pipeline_execution().name(PIPELINE).client_request_token(&token).send()
            });
            match started.await {
                Ok(output) => ids.extend(output.pipeline_execution_id),
                Err(code) => {
                    assert_eq!(code, "ConcurrentPipelineExecutionsLimitExceededException");
                    return;
                }
            }
        }
        assert_eq!(ids.first(), ids.last(), "{token} started two executions");
        self.told.extend(ids.into_iter().take(1).map(|id| Told::Started { id }));
    }

    /// Answers an approval that waits. Whose reply was lost does not know whether the answer counted.
    async fn answer(&mut self, count: u32, approved: bool) {
        let Some(token) = self.waiting_approval().await else { return };
        let comment = format!("{} says {approved} for the {count}th time", self.name);
        let status = if approved { ApprovalStatus::Approved } else { ApprovalStatus::Rejected };
        let result = ApprovalResult::builder().summary(&comment).status(status).build().expect("an answer");
        let client = self.client();
        let request = client.put_approval_result().pipeline_name(PIPELINE).stage_name("Approve");
        let request = request.action_name("Approve").token(&token).result(result);
        if request.send().await.is_ok() {
            self.told.push(Told::Answered { token, comment, approved });
        }
    }

    async fn waiting_approval(&self) -> Option<String> {
        let waiting = self.actions().await.into_iter();
        let mut waiting: Vec<_> = waiting
            .filter(|action| !action.is_command && action.status == "InProgress")
            .map(|action| action.external_execution_id)
            .filter(|token| !token.is_empty())
            .collect();
        if waiting.is_empty() {
            return None;
        }
        Some(waiting.swap_remove(rand::random_range(0..waiting.len())))
    }

    async fn stop(&mut self) {
        let Some(id) = self.one_that_is(PipelineExecutionStatus::InProgress).await else { return };
        let client = self.client();
        let request = client.stop_pipeline_execution().pipeline_name(PIPELINE).pipeline_execution_id(&id);
        if request.abandon(rand::random_bool(0.5)).reason("wrong day").send().await.is_ok() {
            self.told.push(Told::Stopped { id });
        }
    }

    async fn retry(&mut self) {
        let Some(id) = self.one_that_is(PipelineExecutionStatus::Failed).await else { return };
        let client = self.client();
        let request = client.retry_stage_execution().pipeline_name(PIPELINE).stage_name("Build");
        let request = request.pipeline_execution_id(id).retry_mode(StageRetryMode::FailedActions);
        // Whether it was too late is no matter.
        let _ = request.send().await;
    }

    async fn one_that_is(&self, status: PipelineExecutionStatus) -> Option<String> {
        let listed = self.until_answered(|client| {
            client.list_pipeline_executions().pipeline_name(PIPELINE).max_results(20).send()
        });
        let listed = listed.await.ok()?.pipeline_execution_summaries.unwrap_or_default();
        let mut ids: Vec<_> = listed
            .into_iter()
            .filter(|execution| execution.status.as_ref() == Some(&status))
            .filter_map(|execution| execution.pipeline_execution_id)
            .collect();
        if ids.is_empty() {
            return None;
        }
        Some(ids.swap_remove(rand::random_range(0..ids.len())))
    }

    /// Approves whatever waits until nothing is in progress.
    pub async fn end_everything(&self) {
        loop {
            if let Some(token) = self.waiting_approval().await {
                let result = ApprovalResult::builder().summary("the end").status(ApprovalStatus::Approved);
                let client = self.client();
                let request = client.put_approval_result().pipeline_name(PIPELINE).stage_name("Approve");
                let request = request.action_name("Approve").token(&token);
                let _ = request.result(result.build().expect("an answer")).send().await;
            }
            let there = self.everything().await;
            let is_open = |status: &str| ["InProgress", "Stopping"].contains(&status);
            if !there.executions.values().any(|(status, _)| is_open(status)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn everything(&self) -> Everything {
        let mut everything = Everything { actions: self.actions().await, ..Everything::default() };
        let client = self.client();
        let mut pages = client.list_pipeline_executions().pipeline_name(PIPELINE).into_paginator().send();
        while let Some(page) = pages.next().await {
            for execution in page.expect("a page").pipeline_execution_summaries.unwrap_or_default() {
                let status = execution.status.map(|status| status.as_str().to_owned()).unwrap_or_default();
                let trigger = execution.trigger.and_then(|trigger| trigger.trigger_type);
                let trigger = trigger.map(|trigger| trigger.as_str().to_owned()).unwrap_or_default();
                let id = execution.pipeline_execution_id.unwrap_or_default();
                everything.executions.insert(id, (status, trigger));
            }
        }
        everything
    }

    /// All action executions, or as many as there were before the service stopped answering.
    async fn actions(&self) -> Vec<Seen> {
        let client = self.client();
        let request = client.list_action_executions().pipeline_name(PIPELINE);
        let mut pages = request.set_filter(None::<ActionExecutionFilter>).into_paginator().send();
        let mut seen = Vec::new();
        while let Some(Ok(page)) = pages.next().await {
            for action in page.action_execution_details.unwrap_or_default() {
                let result = action.output.and_then(|output| output.execution_result);
                let provider = action.input.and_then(|input| input.action_type_id).map(|kind| kind.provider);
                seen.push(Seen {
                    action_execution_id: action.action_execution_id.unwrap_or_default(),
                    is_command: provider.as_deref() == Some("Commands"),
                    status: action.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
                    external_execution_id: result
                        .as_ref()
                        .and_then(|result| result.external_execution_id.clone())
                        .unwrap_or_default(),
                    summary: result.and_then(|result| result.external_execution_summary).unwrap_or_default(),
                });
            }
        }
        seen
    }

    /// Asks until there is an answer: the output, or the exception's name.
    async fn until_answered<T, E, Asked>(&self, ask: impl Fn(Client) -> Asked) -> Result<T, String>
    where
        E: ProvideErrorMetadata,
        Asked: Future<Output = Result<T, SdkError<E>>>,
    {
        loop {
            match ask(self.client()).await {
                Ok(output) => return Ok(output),
                Err(SdkError::ServiceError(error)) if error.raw().status().as_u16() < 500 => {
                    return Err(error.err().code().unwrap_or_default().to_owned());
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// For the service as it is now.
    fn client(&self) -> Client {
        client_of(&self.data, &self.name)
    }
}
