//! Task, Parallel and Map: the states that do work.

use std::sync::Arc;

use serde_json::Value;

use super::machine::{Graph, Kind, MapWork, Resource, Seconds, Work};
use super::{Fields, Problems};
use crate::payload_template::PayloadTemplate;

const LAMBDA_INVOKE: &str = "arn:aws:states:::lambda:invoke";

fn read_work(parameters: &str, fields: &mut Fields<'_>, problems: &mut Problems) -> Work {
    Work {
        parameters: fields.template(parameters, problems),
        result_selector: fields.template("ResultSelector", problems),
        result_path: fields.result_path(problems),
        retriers: super::retry::read_retriers(fields, problems),
        catchers: super::retry::read_catchers(fields, problems),
    }
}

pub(super) fn read_task(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Kind> {
    let work = read_work("Parameters", fields, problems);
    let timeout = fields.seconds("TimeoutSeconds", 1, problems);
    let heartbeat = fields.seconds("HeartbeatSeconds", 1, problems);
    if let (Some(Seconds::Fixed(timeout)), Some(Seconds::Fixed(heartbeat))) = (&timeout, &heartbeat)
        && heartbeat >= timeout
    {
        problems.add(&fields.place("HeartbeatSeconds"), "must be less than TimeoutSeconds");
    }
    let source = fields.required_string("Resource", problems)?;
    let Some(resource) = read_resource(source) else {
        problems.add(
            &fields.place("Resource"),
            format!(
                "'{source}' is not supported; use {LAMBDA_INVOKE}, {LAMBDA_INVOKE}.waitForTaskToken, or the \
                 ARN of a Lambda function"
            ),
        );
        return None;
    };
    if let Resource::LambdaInvoke { .. } = resource {
        check_invocation(&work, &fields.place("Parameters"), problems);
    }
    Some(Kind::Task { work, resource, timeout, heartbeat })
}

fn read_resource(source: &str) -> Option<Resource> {
    if let Some(pattern) = source.strip_prefix(LAMBDA_INVOKE) {
        return match pattern {
            "" => Some(Resource::LambdaInvoke { waits_for_token: false }),
            ".waitForTaskToken" => Some(Resource::LambdaInvoke { waits_for_token: true }),
            _ => None,
        };
    }
    let mut parts = source.split(':');
    let is_function = parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some("lambda")
        && parts.nth(2) == Some("function")
        && parts.next().is_some_and(|name| !name.is_empty());
    is_function.then(|| Resource::Function(source.to_owned()))
}

/// The fields of Lambda's Invoke that are honoured here; anything else would be dropped silently.
fn check_invocation(work: &Work, at: &str, problems: &mut Problems) {
    let fields: Vec<(&str, Option<&Value>)> = match &work.parameters {
        Some(PayloadTemplate::Object(fields)) => {
            fields.iter().map(|(name, template)| (name.as_str(), template.constant())).collect()
        }
        Some(PayloadTemplate::Literal(Value::Object(fields))) => {
            fields.iter().map(|(name, value)| (name.as_str(), Some(value))).collect()
        }
        Some(_) => return problems.add(at, "must be an object with FunctionName and Payload"),
        None => return,
    };
    if !fields.iter().any(|(name, _)| *name == "FunctionName") {
        problems.add(at, "the field FunctionName is missing");
    }
    for (name, constant) in fields {
        match (name, constant) {
            ("FunctionName", Some(value)) if !value.is_string() => {
                problems.add(&format!("{at}.FunctionName"), "must be the name or ARN of a function");
            }
            ("FunctionName" | "Payload", _) => {}
            ("InvocationType", Some(Value::String(kind))) if kind == "RequestResponse" => {}
            ("InvocationType", _) => {
                problems.add(&format!("{at}.InvocationType"), "only \"RequestResponse\" is supported");
            }
            _ => problems
                .add(&format!("{at}.{name}"), "only FunctionName and Payload are supported; remove it"),
        }
    }
}

pub(super) fn read_parallel(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Kind> {
    let work = read_work("Parameters", fields, problems);
    let place = fields.place("Branches");
    let Some(items) = fields.take("Branches").and_then(Value::as_array).filter(|items| !items.is_empty())
    else {
        problems.add(&place, "must be an array of at least one branch");
        return None;
    };
    let mut branches = Vec::with_capacity(items.len());
    for (index, branch) in items.iter().enumerate() {
        let mut fields = Fields::of(branch, &format!("{place}[{index}]"), problems)?;
        fields.take("Comment");
        branches.push(Graph::read(&mut fields, problems).map(Arc::new));
        fields.finish("a branch", problems);
    }
    Some(Kind::Parallel { work, branches: branches.into_iter().collect::<Option<_>>()? })
}

pub(super) fn read_map(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Kind> {
    let (new, old) = (fields.has("ItemSelector"), fields.has("Parameters"));
    if new && old {
        problems.add(&fields.place("Parameters"), "cannot stand beside ItemSelector; remove one of them");
        fields.take("Parameters");
    }
    let selector = if old && !new { "Parameters" } else { "ItemSelector" };
    let work = read_work(selector, fields, problems);
    let items_path = fields.path("ItemsPath", problems);
    let max_concurrency = fields.seconds("MaxConcurrency", 0, problems);
    let name = match (fields.has("ItemProcessor"), fields.has("Iterator")) {
        (true, false) => "ItemProcessor",
        (false, true) => "Iterator",
        _ => {
            problems.add(fields.at(), "a Map state needs exactly one of ItemProcessor and Iterator");
            return None;
        }
    };
    let place = fields.place(name);
    let mut processor = Fields::of(fields.take(name)?, &place, problems)?;
    processor.take("Comment");
    read_processor_config(&mut processor, problems);
    let graph = Graph::read(&mut processor, problems);
    processor.finish("an item processor", problems);
    Some(Kind::Map { work, map: MapWork { items_path, max_concurrency, processor: Arc::new(graph?) } })
}

fn read_processor_config(processor: &mut Fields<'_>, problems: &mut Problems) {
    let place = processor.place("ProcessorConfig");
    let Some(config) = processor.take("ProcessorConfig") else { return };
    let Some(mut config) = Fields::of(config, &place, problems) else { return };
    if config.string("Mode", problems).is_some_and(|mode| mode != "INLINE") {
        let message =
            "Distributed Map is not supported; use \"INLINE\" (40 iterations at once, 25,000 events)";
        problems.add(&config.place("Mode"), message);
        config.take("ExecutionType");
    }
    config.finish("an inline processor's configuration", problems);
}
