//! One request in, one answer out.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use dynoxide::Database;
use http::uri::Authority;
use http::{Request, Response};
use local_service::{ApiError, BoxFuture, DiskQueue, Service};
use serde_json::Value;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::answer::Form;
use super::credential::{self, Credential};
use super::fault::{Call, Fault, FaultInjection, HalfArrives, Lost};
use super::sts::Identities;
use super::{addressing, cloudwatch, dynamodb, lambda, query, sts};
use crate::forwarding::{self, AwsEndpoints, Route, is_unknown_here};
use crate::permissions::{Decision, Permission, Statement, evaluate, request_of};
use crate::streams::TableStream;
use crate::template::Account;

/// The access key id of the service's owner, who may do everything but read the key that proves who that is.
pub(crate) const OWNER: &str = "owner";

/// A service that speaks its own HTTP, as S3 does; the bucket is in the path.
pub trait HttpService: Send + Sync + 'static {
    fn serve(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>>;
}

/// Is shown every transaction that DynamoDB has written, as it was asked for.
pub type WriteObserver = Arc<dyn Fn(&Bytes) + Send + Sync>;

/// AWS on this machine, as its callers see it.
pub struct LocalAws {
    account: Account,
    database: Database,
    /// By the prefix of `X-Amz-Target`: `AWSStepFunctions`.
    services: BTreeMap<String, Arc<dyn Service>>,
    s3: Option<Arc<dyn HttpService>>,
    identities: Option<Arc<dyn Identities>>,
    /// By access key id.
    policies: BTreeMap<String, Vec<Statement>>,
    faults: Option<FaultInjection>,
    observer: Option<WriteObserver>,
    streams: Vec<Arc<TableStream>>,
    disk: Option<(DiskQueue, PathBuf)>,
    endpoints: AwsEndpoints,
    /// Names of the state machines that only this process knows.
    own_machines: Vec<String>,
    /// Read over every call; written while nothing may change.
    calls: RwLock<()>,
}

impl LocalAws {
    pub fn new(account: Account, database: Database) -> Self {
        Self {
            account,
            database,
            services: BTreeMap::new(),
            s3: None,
            identities: None,
            policies: BTreeMap::new(),
            faults: None,
            observer: None,
            streams: Vec::new(),
            disk: None,
            endpoints: AwsEndpoints::default(),
            own_machines: Vec::new(),
            calls: RwLock::new(()),
        }
    }

    /// `target` is what stands before the dot in the service's `X-Amz-Target`: `AWSStepFunctions`,
    /// `CodeBuild_20161006`, `CodeDeploy_20141006`; Lambda and STS, whose calls have none, are
    /// `lambda` and `sts`.
    #[must_use]
    pub fn with_service(mut self, target: &str, service: Arc<dyn Service>) -> Self {
        self.services.insert(target.to_owned(), service);
        self
    }

    #[must_use]
    pub fn with_s3(mut self, s3: Arc<dyn HttpService>) -> Self {
        self.s3 = Some(s3);
        self
    }

    /// Who STS says has presigned a call.
    #[must_use]
    pub fn with_identities(mut self, identities: Arc<dyn Identities>) -> Self {
        self.identities = Some(identities);
        self
    }

    /// Whoever signs with this access key id may do what the statements allow, and nothing else.
    /// For a function the id is its logical id in the template.
    #[must_use]
    pub fn with_caller(mut self, access_key_id: &str, policies: Vec<Statement>) -> Self {
        self.policies.insert(access_key_id.to_owned(), policies);
        self
    }

    #[must_use]
    pub fn with_faults(mut self, faults: FaultInjection) -> Self {
        self.faults = Some(faults);
        self
    }

    /// Where DynamoDB's writes are named, and the file that they are in until they are on the disk.
    #[must_use]
    pub fn with_disk(mut self, disk: DiskQueue, write_ahead_log: PathBuf) -> Self {
        disk.named(&write_ahead_log);
        // A log is worth nothing when the database is lost that it belongs to.
        disk.named(&write_ahead_log.with_extension("sqlite"));
        self.disk = Some((disk, write_ahead_log));
        self
    }

    #[must_use]
    pub fn with_observer(mut self, observer: WriteObserver) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Transactions are told to it.
    #[must_use]
    pub fn with_stream(mut self, stream: Arc<TableStream>) -> Self {
        self.streams.push(stream);
        self
    }

    /// Who answers what nothing here does. `own_machines`: names of state machines that nobody else knows.
    #[must_use]
    pub fn with_endpoints(self, endpoints: AwsEndpoints, own_machines: Vec<String>) -> Self {
        Self { endpoints, own_machines, ..self }
    }

    /// Waits for the calls under way; later ones wait until the guard is dropped.
    pub async fn hold(&self) -> RwLockWriteGuard<'_, ()> {
        self.calls.write().await
    }

    /// Waits while calls are held; they are not held while the guard lives.
    pub async fn under_way(&self) -> RwLockReadGuard<'_, ()> {
        self.calls.read().await
    }

    /// # Errors
    /// [`Lost`] only when a fault was injected.
    pub async fn answer(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        if let Some(identities) = self.identities.as_deref().filter(|_| sts::is_presigned(&request)) {
            return Ok(sts::identity(identities, &request));
        }
        let form = form_of(&request);
        if form == Form::Xml {
            addressing::to_path_style(&mut request);
        }
        let fault = match self.admit(&request) {
            Ok(fault) => fault,
            Err(Refusal::Denied(message)) => return Ok(form.access_denied(message)),
            Err(Refusal::Unsupported(message)) => {
                return Ok(form.error(&ApiError::client("UnsupportedOperation", message)));
            }
        };
        match fault {
            None => Ok(self.route(request, &form).await),
            Some(Fault::Throttle) => Ok(form.throttled()),
            Some(Fault::LoseReply) => {
                self.route(request, &form).await;
                Err(Lost)
            }
            Some(Fault::CutRequest) => {
                self.route(request.map(|body| body.slice(..body.len() / 2)), &form).await;
                Err(Lost)
            }
            Some(Fault::CutReply) => {
                let mut response = self.route(request, &form).await;
                response.extensions_mut().insert(HalfArrives);
                Ok(response)
            }
        }
    }

    /// Whether the caller may do this, and what shall go wrong with it.
    fn admit(&self, request: &Request<Bytes>) -> Result<Option<Fault>, Refusal> {
        let Some(Credential { access_key_id: caller, service }) = credential::of_request(request) else {
            return Err(Refusal::Denied("the request is not signed, so nobody is known to ask".into()));
        };
        let is_told = request.headers().contains_key("x-amz-target")
            || query::is_query(request.headers())
            || cloudwatch::operation(request.uri().path(), request.headers()).is_some();
        if !is_told && !["s3", "lambda", "sts"].contains(&service) {
            let what = format!("{service} {} {}", request.method(), request.uri());
            return Err(Refusal::Unsupported(format!("{what} is not supported by the local stack")));
        }
        let Some(policies) = self.policies.get(caller) else {
            return Err(Refusal::Denied(format!("there is no function {caller} in template.yaml")));
        };
        let needed =
            request_of(request, &self.account).map_err(|error| Refusal::Unsupported(error.to_string()))?;
        for permission in &needed {
            let decision = evaluate(policies, permission);
            if decision != Decision::Allowed {
                return Err(Refusal::Denied(denial(caller, permission, decision)));
            }
        }
        let action = needed.first().map_or("", |permission| permission.action.as_str());
        Ok(self.faults.as_ref().and_then(|faults| faults(&Call { caller, action })))
    }

    /// By whoever answers it. What is under way at another host holds nothing up here.
    async fn route(&self, request: Request<Bytes>, form: &Form) -> Response<Bytes> {
        let service = credential::of_request(&request).map_or("", |credential| credential.service).to_owned();
        match forwarding::route(&self.endpoints, &self.own_machines, &service, &request) {
            Route::Here => self.embedded(request, form).await,
            Route::There(there) => self.forward(request, there, &service, form).await,
            Route::HereOrThere(there) => {
                let answer = self.embedded(request.clone(), form).await;
                if is_unknown_here(&answer) {
                    return self.forward(request, there, &service, form).await;
                }
                answer
            }
            Route::Nowhere(error) => form.error(&error),
        }
    }

    /// An endpoint that does not answer is a service that is not available: the SDKs try again.
    async fn forward(
        &self,
        request: Request<Bytes>,
        there: &Authority,
        service: &str,
        form: &Form,
    ) -> Response<Bytes> {
        let answered = forwarding::send(request, there, &self.account, service).await;
        answered.unwrap_or_else(|message| {
            form.error(&ApiError { code: "ServiceUnavailable".into(), message, status: 503 })
        })
    }

    async fn embedded(&self, request: Request<Bytes>, form: &Form) -> Response<Bytes> {
        let _under_way = self.under_way().await;
        let without_target = |name: &str| self.services.get(name).map(AsRef::as_ref);
        match form {
            Form::RestJson => return lambda::answer(without_target("lambda"), request, form).await,
            Form::Query => return sts::answer(without_target("sts"), request, form).await,
            Form::RpcV2Cbor => {
                return cloudwatch::answer(without_target(cloudwatch::TARGET), request, form).await;
            }
            Form::Json(_) | Form::Xml => {}
        }
        let Some((target, operation)) = target(&request) else {
            return match &self.s3 {
                Some(s3) => s3.serve(request).await,
                None => form.error(&ApiError::unsupported("S3", request.method().as_str())),
            };
        };
        if target == "DynamoDB_20120810" {
            return self.dynamodb(&operation, request.body(), form);
        }
        let Some(service) = self.services.get(&target) else {
            return form.error(&ApiError::unsupported(&target, &operation));
        };
        let input: Value = match serde_json::from_slice(request.body()) {
            Ok(input) => input,
            Err(error) => {
                return form.error(&ApiError::client("SerializationException", error.to_string()));
            }
        };
        match service.call(&operation, input).await {
            Ok(output) => form.success(output.to_string()),
            Err(error) => form.error(&error),
        }
    }

    /// Takes some tens of microseconds, also for a write: the disk is waited for by whoever answers a client.
    fn dynamodb(&self, operation: &str, input: &Bytes, form: &Form) -> Response<Bytes> {
        let response = match operation {
            "TransactWriteItems" => self.transaction(input, form),
            operation => dynamodb::answer(&self.database, operation, input, form),
        };
        if dynamodb::writes(operation) && response.status().is_success() {
            if let Some((disk, write_ahead_log)) = &self.disk {
                disk.wrote(write_ahead_log);
            }
            if let Some(observer) = self.observer.as_ref().filter(|_| operation == "TransactWriteItems") {
                observer(input);
            }
        }
        response
    }

    /// Nothing is written that its stream does not know of.
    fn transaction(&self, input: &Bytes, form: &Form) -> Response<Bytes> {
        let begun: io::Result<Vec<_>> = self.streams.iter().map(|stream| stream.begin(input)).collect();
        let begun = match begun {
            Ok(begun) => begun,
            Err(error) => return form.error(&ApiError::internal(format!("the table's stream: {error}"))),
        };
        let response = dynamodb::answer(&self.database, "TransactWriteItems", input, form);
        for stream in begun.into_iter().flatten() {
            stream.end(response.status().is_success());
        }
        response
    }
}

impl fmt::Debug for LocalAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalAws").field("account", &self.account).finish_non_exhaustive()
    }
}

enum Refusal {
    Denied(String),
    Unsupported(String),
}

fn denial(caller: &str, permission: &Permission, decision: Decision) -> String {
    let why = match decision {
        Decision::DeniedByStatement => "a statement denies it",
        Decision::Allowed | Decision::NotAllowed => "no statement allows it",
    };
    format!(
        "{caller} is not authorized to perform {permission}: {why}. If it should be, add it to \
         Resources.{caller}.Properties.Policies in template.yaml"
    )
}

fn form_of(request: &Request<Bytes>) -> Form {
    match (lambda::is_lambda(request), sts::is_sts(request)) {
        (true, _) => Form::RestJson,
        (_, true) => Form::Query,
        _ if query::is_query(request.headers()) => Form::Query,
        _ => Form::of_headers(request.headers()),
    }
}

/// `X-Amz-Target: <service>.<operation>`
fn target<B>(request: &Request<B>) -> Option<(String, String)> {
    let (service, operation) = request.headers().get("x-amz-target")?.to_str().ok()?.split_once('.')?;
    Some((service.to_owned(), operation.to_owned()))
}
