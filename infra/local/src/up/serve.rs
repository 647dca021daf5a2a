//! The service, from its start to its end.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::declaration::PipelineDeclaration;
use local_service::Clock;
use tokio::sync::{mpsc, watch};

use super::changes::{self, Change};
use super::drain;
use super::failure::{UpFailure, unavailable, usage};
use super::functions;
use super::greeting::greeting;
use super::lines::Lines;
use super::service_file::ServiceFile;
use crate::cli::UpArguments;
use crate::forwarding::AwsEndpoints;
use crate::gateway::{self, Gateway, Listeners};
use crate::pushes;
use crate::resources::{self, Resources};
use crate::run::{Interrupts, say};
use crate::stack::DEFAULT_REGION;
use crate::{DataDirectory, DataDirectoryError, LocalStack, Options};
use crate::{backup, credentials};

/// A stack that serves.
pub(super) struct Serving {
    pub stack: Arc<LocalStack>,
    pub interrupts: Interrupts,
    pub transactions: mpsc::Receiver<Bytes>,
    pub lines: Lines,
    pub endpoints: AwsEndpoints,
    pub stop: watch::Sender<bool>,
    pub connections: tokio::task::JoinHandle<()>,
}

pub(super) async fn serve(arguments: &UpArguments) -> Result<(), UpFailure> {
    let interrupts = Interrupts::listen().map_err(unavailable)?;
    let resources = read(arguments)?;
    let directory = open(&arguments.data)?;
    // Until this one is ready there is none, whatever a killed one left.
    ServiceFile::remove(directory.path()).map_err(unavailable)?;
    backup::remove_leftovers(directory.path()).map_err(unavailable)?;
    let region = region(&directory, arguments)?;
    // Before anything goes on that was interrupted: without the port there is no service.
    let listeners = Listeners::open(arguments.port).await.map_err(unavailable)?;
    let port = listeners.port;
    let endpoint = format!("http://127.0.0.1:{port}");
    let (observer, transactions) = changes::observed();
    let endpoints: AwsEndpoints = arguments.aws_endpoints.iter().cloned().collect();
    let options = Options {
        region: Some(region.clone()),
        api_endpoint: Some(endpoint.clone()),
        allow_unauthenticated_webhooks: arguments.allow_unauthenticated_webhooks,
        caller_roles: arguments.caller_roles.join(","),
        secrets: arguments.secrets.clone(),
        sandbox: arguments.sandbox.settings().map_err(unavailable)?,
        aws_endpoints: endpoints.clone(),
        observer: Some(observer),
        ..Options::default()
    };
    let stack = Arc::new(LocalStack::start(directory, options).await.map_err(unavailable)?);
    for resources in &resources {
        resources::apply(&stack, resources).await.map_err(usage)?;
    }
    let data = stack.directory.path().to_owned();
    let master = credentials::master_key(&data).map_err(unavailable)?;
    let gateway = Arc::new(Gateway::new(stack.clone(), port, master));
    let (stop, stopped) = watch::channel(false);
    let connections = tokio::spawn(gateway::serve(listeners, gateway, stopped));
    let service = ServiceFile {
        endpoint,
        region,
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    // Functions may be invoked before the service says that it is there.
    stack.lambda.surround_with(functions::surroundings(service.endpoint.clone(), data.clone()));
    service.write(&data).map_err(unavailable)?;
    let program = std::env::current_exe().unwrap_or_else(|_| "pipewright".into());
    say(&greeting(&service, &data, &program));
    tokio::spawn(catch_up(stack.clone()));
    let lines = Lines::default();
    let mut serving = Serving { stack, interrupts, transactions, lines, endpoints, stop, connections };
    let pushes = tokio::spawn(pushes::pick_up(serving.stack.clone()));
    let space = tokio::spawn(go_on_when_there_is_space(serving.stack.clone()));
    serving.until_interrupted().await;
    // The next service finds those that come from now on.
    pushes.abort();
    space.abort();
    drain::end(serving, arguments.grace_seconds).await
}

impl Serving {
    /// Tells what happens until somebody wants it to stop.
    async fn until_interrupted(&mut self) {
        loop {
            tokio::select! {
                biased;
                () = self.interrupts.next() => return,
                Some(transaction) = self.transactions.recv() => self.tell(&transaction),
            }
        }
    }

    pub fn tell(&mut self, transaction: &[u8]) {
        for change in changes::of_transaction(transaction) {
            if let Some(line) = self.lines.of(&change) {
                say(&line);
            }
            if let Change::Version(declaration) = &change {
                self.warn_of(declaration);
            }
        }
    }

    /// What a pipeline needs that nobody answers: it can be made, and the action fails or the approval tells nobody.
    fn warn_of(&self, declaration: &PipelineDeclaration) {
        let silent = self.endpoints.silent_approvals(declaration);
        for unanswered in self.endpoints.missing_for(declaration).into_iter().chain(silent) {
            self.note(&format!("{}: {unanswered}", declaration.name));
        }
    }

    /// Says something about the service itself.
    pub fn note(&self, text: &str) {
        say(&format!("{}  {text}\n", super::lines::time(self.stack.clock.now())));
    }
}

/// What a killed service left is taken up at once, not when the schedule comes to it.
async fn catch_up(stack: Arc<LocalStack>) {
    if let Err(fault) = stack.take_up().await {
        tracing::error!(%fault, "what a former process left could not be taken up");
    }
    stack.sweep().await;
}

/// Between two looks at what is free on the disk.
const SPACE_LOOK: Duration = Duration::from_secs(1);

/// What a full disk has held up is taken up when there is space again, not when the schedule comes to it.
async fn go_on_when_there_is_space(stack: Arc<LocalStack>) {
    let mut was_full = false;
    loop {
        tokio::time::sleep(SPACE_LOOK).await;
        let is_full = stack.directory.check_space().is_err();
        if was_full && !is_full {
            catch_up(stack.clone()).await;
        }
        was_full = is_full;
    }
}

/// The directory, or who has it.
fn open(data: &Path) -> Result<DataDirectory, UpFailure> {
    DataDirectory::open(data).map_err(|error| {
        let service = match &error {
            DataDirectoryError::InUse(path) => ServiceFile::read(path).ok().flatten(),
            _ => None,
        };
        let who = service
            .map(|ServiceFile { pid, endpoint, .. }| format!(": process {pid} serves it at {endpoint}"));
        unavailable(format!("{error}{}", who.unwrap_or_default()))
    })
}

fn read(arguments: &UpArguments) -> Result<Vec<Resources>, UpFailure> {
    arguments.resources.iter().map(|path| resources::read(path, true).map_err(usage)).collect()
}

/// The Region of the directory, which is chosen once.
fn region(directory: &DataDirectory, arguments: &UpArguments) -> Result<String, UpFailure> {
    let remembered = directory.region().map_err(unavailable)?;
    match (remembered, &arguments.region) {
        (Some(remembered), Some(wanted)) if remembered != *wanted => Err(usage(format!(
            "the data directory {} is of the region {remembered}, and the ARNs in it say so. Leave --region {wanted} \
             out, or choose another directory with --data",
            directory.path().display()
        ))),
        (Some(remembered), _) => Ok(remembered),
        (None, wanted) => {
            let region = wanted.clone().unwrap_or_else(|| DEFAULT_REGION.to_owned());
            directory.remember_region(&region).map_err(unavailable)?;
            Ok(region)
        }
    }
}
