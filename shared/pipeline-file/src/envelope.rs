//! What is around the declaration: the request of `create-pipeline`, the answer of `get-pipeline`, or nothing.

use engine::declaration::closest;
use serde_json::Value;

use crate::check::Tag;
use crate::node::{Kind, Node};
use crate::report::Problem;

const MEMBERS: [&str; 3] = ["pipeline", "tags", "metadata"];
const MAXIMUM_TAGS: usize = 50;

/// The declaration of a document, its tags, and what is wrong around the declaration.
pub(crate) struct Envelope<'a> {
    pub declaration: &'a Node,
    pub tags: Vec<Tag>,
    pub problems: Vec<Problem>,
}

pub(crate) fn open(document: &Node) -> Result<Envelope<'_>, Box<Problem>> {
    let Kind::Map(entries) = &document.kind else {
        let message = "this file is not a pipeline: it is no object with members";
        let help = "write what `aws codepipeline get-pipeline` prints: {\"pipeline\": {\"name\": …}}";
        return Err(Box::new(Problem::of_file(document.span.clone(), message.to_string(), help)));
    };
    if let Some(problem) = template(document) {
        return Err(Box::new(problem));
    }
    let Some(pipeline) = document.entry("pipeline") else {
        return Ok(Envelope { declaration: document, tags: Vec::new(), problems: Vec::new() });
    };
    if !matches!(pipeline.value.kind, Kind::Map(_)) {
        let message = "`pipeline` is not an object with members".to_string();
        return Err(Box::new(Problem::of_file(
            pipeline.name_span.clone(),
            message,
            "put the declaration into it",
        )));
    }
    let mut problems = Vec::new();
    for entry in entries.iter().filter(|entry| !MEMBERS.contains(&entry.name.as_str())) {
        let message =
            format!("Unknown parameter in input: \"{}\", must be one of: {}", entry.name, MEMBERS.join(", "));
        let help = match closest(&entry.name, MEMBERS) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "members of the pipeline belong into `pipeline`".to_string(),
        };
        problems.push(Problem::new(
            entry.name.clone(),
            entry.name_span.clone(),
            "ValidationException",
            message,
            help,
        ));
    }
    let tags = document.get("tags").map(|tags| read_tags(tags, &mut problems)).unwrap_or_default();
    Ok(Envelope { declaration: &pipeline.value, tags, problems })
}

/// CloudFormation writes the same members with capitals, and values that only CloudFormation can work out.
fn template(document: &Node) -> Option<Problem> {
    let resources = document.entry("Resources")?;
    let is_pipeline = |node: &Node| {
        matches!(node.get("Type").map(|node| &node.kind),
            Some(Kind::Scalar(Value::String(kind))) if kind == "AWS::CodePipeline::Pipeline")
    };
    let found = match &resources.value.kind {
        Kind::Map(entries) => entries.iter().find(|entry| is_pipeline(&entry.value)),
        Kind::Scalar(_) | Kind::List(_) => None,
    };
    let (span, message) = match found {
        Some(entry) => (
            entry.name_span.clone(),
            format!("this file is a CloudFormation template, and `{}` is its pipeline", entry.name),
        ),
        None => (
            resources.name_span.clone(),
            "this file is a CloudFormation template without a pipeline".to_string(),
        ),
    };
    let help = "deploy the stack, then take the declaration from AWS, where all references are filled in: \
                aws codepipeline get-pipeline --name <name> > pipeline.json";
    Some(Problem::of_file(span, message, help))
}

fn read_tags(node: &Node, problems: &mut Vec<Problem>) -> Vec<Tag> {
    let mut refuse = |path: String, node: &Node, message: &str, help: &str| {
        let exception = "InvalidTagsException";
        problems.push(Problem::new(path, node.span.clone(), exception, message.to_string(), help));
    };
    let Kind::List(items) = &node.kind else {
        let help = "write a list: [{\"key\": \"team\", \"value\": \"web\"}]";
        refuse("tags".to_string(), node, "`tags` is not a list", help);
        return Vec::new();
    };
    let mut tags: Vec<Tag> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("tags[{index}]");
        let text = |name: &str| match item.get(name).map(|node| &node.kind) {
            Some(Kind::Scalar(Value::String(text))) => Some(text.clone()),
            _ => None,
        };
        let (Some(key), Some(value)) = (text("key"), text("value")) else {
            refuse(path, item, "a tag has a text `key` and a text `value`", "write both, in quotes");
            continue;
        };
        if index == MAXIMUM_TAGS {
            refuse(path.clone(), item, "a pipeline has at most 50 tags", "remove some");
        }
        if key.is_empty() || key.chars().count() > 128 || key.starts_with("aws:") {
            let help = "use a key of 1 to 128 characters that does not start with `aws:`";
            refuse(path.clone(), item, "the key of this tag is not allowed", help);
        }
        if value.chars().count() > 256 {
            refuse(path.clone(), item, "the value of this tag is too long", "use at most 256 characters");
        }
        if tags.iter().any(|tag| tag.key == key) {
            refuse(path, item, "the key of this tag is used before", "remove one of the two");
        }
        tags.push(Tag { key, value });
    }
    tags
}
