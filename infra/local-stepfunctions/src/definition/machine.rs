//! The types of a definition that was accepted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::{Fields, Problems};
use crate::choice::Rule;
use crate::intrinsic::Call;
use crate::path::{JsonPath, ReferencePath};
use crate::payload_template::PayloadTemplate;

#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) graph: Arc<Graph>,
    pub(crate) timeout_seconds: Option<u64>,
}

/// The states of a machine, of a Parallel branch, or of a Map's item processor. Every name that a
/// transition uses is in `states`.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) start_at: String,
    pub(crate) states: BTreeMap<String, Arc<State>>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) name: String,
    pub(crate) input_path: Selector,
    pub(crate) output_path: Selector,
    /// `None` for Choice, Succeed and Fail.
    pub(crate) next: Option<Next>,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    State(String),
    End,
}

/// `InputPath` and `OutputPath`.
#[derive(Debug)]
pub(crate) enum Selector {
    Whole,
    /// The path is `null`: an empty object.
    Nothing,
    Path(JsonPath),
}

#[derive(Debug)]
pub(crate) enum Kind {
    Pass { parameters: Option<PayloadTemplate>, result: Option<Value>, result_path: ResultPath },
    Task { work: Work, resource: Resource, timeout: Option<Seconds>, heartbeat: Option<Seconds> },
    Choice { choices: Vec<Choice>, default: Option<String> },
    Wait(Until),
    Succeed,
    Fail { error: Option<Text>, cause: Option<Text> },
    Parallel { work: Work, branches: Vec<Arc<Graph>> },
    Map { work: Work, map: MapWork },
}

/// What Task, Parallel and Map have in common.
#[derive(Debug)]
pub(crate) struct Work {
    /// For a Map: `ItemSelector`, or `Parameters` of older definitions.
    pub(crate) parameters: Option<PayloadTemplate>,
    pub(crate) result_selector: Option<PayloadTemplate>,
    pub(crate) result_path: ResultPath,
    pub(crate) retriers: Vec<Retrier>,
    pub(crate) catchers: Vec<Catcher>,
}

#[derive(Debug)]
pub(crate) struct MapWork {
    pub(crate) items_path: Option<JsonPath>,
    pub(crate) max_concurrency: Option<Seconds>,
    pub(crate) processor: Arc<Graph>,
}

#[derive(Debug)]
pub(crate) enum ResultPath {
    /// `null`: the result is dropped, the input goes on.
    Discard,
    Into(ReferencePath),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// A Lambda function's ARN: the payload is the input, the output the function's answer.
    Function(String),
    /// `arn:aws:states:::lambda:invoke`, with or without `.waitForTaskToken`.
    LambdaInvoke { waits_for_token: bool },
}

/// A number in the definition, or the path to one.
#[derive(Debug)]
pub(crate) enum Seconds {
    Fixed(u64),
    Path(JsonPath),
}

#[derive(Debug)]
pub(crate) enum Until {
    Seconds(Seconds),
    Timestamp(local_service::Timestamp),
    TimestampPath(JsonPath),
}

#[derive(Debug)]
pub(crate) enum Text {
    Fixed(String),
    Path(JsonPath),
    Call(Call),
}

#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) rule: Rule,
    pub(crate) next: String,
}

#[derive(Debug)]
pub(crate) struct Retrier {
    pub(crate) error_equals: Vec<String>,
    pub(crate) interval_seconds: u64,
    pub(crate) max_attempts: u64,
    pub(crate) backoff_rate: f64,
    pub(crate) max_delay_seconds: Option<u64>,
    pub(crate) full_jitter: bool,
}

#[derive(Debug)]
pub(crate) struct Catcher {
    pub(crate) error_equals: Vec<String>,
    pub(crate) result_path: ResultPath,
    pub(crate) next: String,
}

/// Why a definition was refused: every problem with its JSON path and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionError(pub Vec<String>);

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for DefinitionError {}

/// Checks a definition without creating anything: the same check as CreateStateMachine's.
///
/// # Errors
/// Every problem, each with its JSON path and what to do.
pub fn validate_definition(definition: &str) -> Result<(), DefinitionError> {
    Machine::parse(definition).map(drop)
}

impl Machine {
    pub(crate) fn parse(definition: &str) -> Result<Self, DefinitionError> {
        let document: Value = serde_json::from_str(definition)
            .map_err(|error| DefinitionError(vec![format!("the definition is not JSON: {error}")]))?;
        let mut problems = Problems::default();
        let machine = Self::read(&document, &mut problems);
        match (machine, problems.into_messages()) {
            (Some(machine), messages) if messages.is_empty() => Ok(machine),
            (_, messages) => Err(DefinitionError(messages)),
        }
    }

    fn read(document: &Value, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(document, "$", problems)?;
        fields.take("Comment");
        fields.query_language(problems);
        if fields.take("Version").is_some_and(|version| version != "1.0") {
            problems.add(&fields.place("Version"), "only version \"1.0\" exists");
        }
        let timeout_seconds = fields.count("TimeoutSeconds", 1, problems);
        let graph = Graph::read(&mut fields, problems);
        fields.finish("a state machine", problems);
        let graph = graph?;
        graph.check_unique_names(problems);
        Some(Self { graph: Arc::new(graph), timeout_seconds })
    }
}

impl State {
    pub(crate) fn work(&self) -> Option<&Work> {
        match &self.kind {
            Kind::Task { work, .. } | Kind::Parallel { work, .. } | Kind::Map { work, .. } => Some(work),
            _ => None,
        }
    }

    /// The state's type as history events spell it: `Task`, `Map`, …
    pub(crate) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Pass { .. } => "Pass",
            Kind::Task { .. } => "Task",
            Kind::Choice { .. } => "Choice",
            Kind::Wait(_) => "Wait",
            Kind::Succeed => "Succeed",
            Kind::Fail { .. } => "Fail",
            Kind::Parallel { .. } => "Parallel",
            Kind::Map { .. } => "Map",
        }
    }
}
