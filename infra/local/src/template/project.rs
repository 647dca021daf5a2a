//! `AWS::CodeBuild::Project`.

use serde_json::{Map, Value, json};

use super::TemplateError;
use super::properties::Properties;
use super::resolve::Resource;
use super::stack::Project;

pub(super) fn read(resource: Resource) -> Result<Project, TemplateError> {
    let Resource { logical_id, reference, mut properties, .. } = resource;
    properties.without_effect(&["Name"]);
    let mut definition = Map::new();
    definition.insert("name".into(), json!(reference.value));
    for field in ["Description", "ServiceRole", "TimeoutInMinutes", "QueuedTimeoutInMinutes"] {
        if let Some(value) = properties.take(field) {
            definition.insert(lower_first(field), value);
        }
    }
    const OBJECTS: [(&str, &[&str]); 3] = [
        ("Source", &["Type", "Location", "BuildSpec"]),
        ("Artifacts", &["Type"]),
        ("Environment", &["Type", "ComputeType", "Image", "PrivilegedMode"]),
    ];
    for (name, fields) in OBJECTS {
        let object = of_api(properties.object(name)?, fields)?;
        definition.insert(lower_first(name), object);
    }
    let mut logs = properties.object("LogsConfig")?;
    let cloud_watch = of_api(logs.object("CloudWatchLogs")?, &["Status", "GroupName"])?;
    logs.finish()?;
    definition.insert("logsConfig".into(), json!({ "cloudWatchLogs": cloud_watch }));
    properties.finish()?;
    Ok(Project {
        logical_id,
        arn: reference.attributes.get("Arn").cloned().unwrap_or_default(),
        name: reference.value,
        definition: Value::Object(definition),
    })
}

fn of_api(mut object: Properties, fields: &[&str]) -> Result<Value, TemplateError> {
    let mut of_api = Map::new();
    for field in fields {
        if let Some(value) = object.take(field) {
            of_api.insert(lower_first(field), value);
        }
    }
    object.finish()?;
    Ok(Value::Object(of_api))
}

/// CodeBuild's API has CloudFormation's names with a small first letter, and one exception.
fn lower_first(name: &str) -> String {
    if name == "BuildSpec" {
        return "buildspec".into();
    }
    let (first, rest) = name.split_at(1);
    first.to_ascii_lowercase() + rest
}
