//! One request in, one answer out.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use local_service::{ApiError, Clock};
use serde_json::{Value, json};
use signature::{MasterKey, Principal};

use super::admission::Admission;
use super::allowed;
use super::destination::{self, Destination, WRITE_SNAPSHOT, destination};
use super::function;
use super::health::HealthDesk;
use super::owner;
use super::refusal::{Refusal, text_response};
use super::{body, health_page};
use crate::backup;
use crate::connector::Form;
use crate::{ApiFailure, DataDirectoryError, LocalStack};

/// The service, as requests over HTTP see it.
pub struct Gateway {
    pub(super) stack: Arc<LocalStack>,
    admission: Admission,
    master: MasterKey,
    health: HealthDesk,
}

impl Gateway {
    /// `master` verifies what is asked of the embedded services; functions verify for themselves.
    pub fn new(stack: Arc<LocalStack>, port: u16, master: MasterKey) -> Self {
        let health = HealthDesk::open(stack.clone());
        Self { stack, admission: Admission::for_port(port), master, health }
    }

    /// Never fails: what cannot be answered is told in the response.
    pub async fn answer(&self, request: Request<Incoming>, source: IpAddr) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let answered = self.answer_admitted(parts, body, source).await;
        answered.unwrap_or_else(|refusal| refusal.response())
    }

    async fn answer_admitted(
        &self,
        mut parts: Parts,
        body: Incoming,
        source: IpAddr,
    ) -> Result<Response<Bytes>, Refusal> {
        self.admission.check(&parts.uri, &parts.headers)?;
        let destination = destination(&parts.method, parts.uri.path(), &parts.headers);
        let body = body::read(body, &destination).await?;
        let now_ms = self.stack.clock.now();
        let changes = !destination::only_reads(&parts.method, parts.uri.path(), &parts.headers);
        let puts_objects = destination == (Destination::Service { name: "s3" });
        // Objects may be removed: that makes space.
        if changes && !puts_objects {
            self.check_space()?;
        }
        let answered = match destination {
            Destination::Health => Ok(health_page::answer(&parts.headers, &self.health.now().await)),
            Destination::Function => function::answer(self, &parts, &body, source, now_ms).await,
            Destination::Service { name } => match self.verify(&mut parts, &body, name, now_ms) {
                Ok(principal) => Ok(self.embedded(parts, body, &principal).await),
                Err(refused) => Ok(Form::of_headers(&parts.headers).error(&refused)),
            },
            Destination::Snapshot => match self.verify(&mut parts, &body, "pipewright", now_ms) {
                Ok(principal) => match allowed::check_own(&self.stack, &principal, WRITE_SNAPSHOT).await {
                    Ok(()) => self.snapshot().await,
                    Err(refused) => Ok(Form::of_headers(&parts.headers).error(&refused)),
                },
                Err(refused) => Ok(Form::of_headers(&parts.headers).error(&refused)),
            },
            Destination::Unknown { target } => {
                let message = format!("{target} is an operation of no service that is here.");
                Err(Refusal::new(StatusCode::BAD_REQUEST, "UnknownOperationException", message))
            }
        };
        if changes {
            self.settle(puts_objects).await?;
        }
        answered
    }

    /// What cannot be recorded is not begun. Clients do not try again after this status: space is made by a person.
    fn check_space(&self) -> Result<(), Refusal> {
        let full = |error: DataDirectoryError| {
            Refusal::new(StatusCode::INSUFFICIENT_STORAGE, "InsufficientStorage", error.to_string())
        };
        self.stack.directory.check_space().map_err(full)
    }

    /// Nobody is told of what is not on the disk.
    async fn settle(&self, puts_objects: bool) -> Result<(), Refusal> {
        let failed = |failure: ApiFailure| {
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", failure.message)
        };
        match puts_objects {
            true => self.stack.settle_all().await.map_err(failed),
            false => self.stack.settle().await.map_err(failed),
        }
    }

    fn verify(
        &self,
        parts: &mut Parts,
        body: &Bytes,
        service: &str,
        now_ms: i64,
    ) -> Result<Principal, ApiError> {
        owner::verify(parts, body, &self.master, now_ms, self.stack.region(), service)
    }

    async fn embedded(&self, parts: Parts, body: Bytes, principal: &Principal) -> Response<Bytes> {
        let request = Request::from_parts(parts, body);
        if let Err(refused) = allowed::check(&self.stack, principal, &request).await {
            return Form::of_headers(request.headers()).error(&refused);
        }
        match self.stack.aws().answer(request).await {
            Ok(response) => response,
            Err(lost) => {
                Refusal::new(StatusCode::BAD_GATEWAY, "InternalFailure", lost.to_string()).response()
            }
        }
    }

    /// A copy of the data as it is at one moment, for `pipewright backup`.
    async fn snapshot(&self) -> Result<Response<Bytes>, Refusal> {
        let snapshot = backup::snapshot_of_running(&self.stack).await.map_err(|error| {
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", error.to_string())
        })?;
        let answer: Value = json!({ "directory": snapshot });
        Ok(text_response(StatusCode::OK, "application/json", answer.to_string()))
    }
}
