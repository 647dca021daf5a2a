//! The parameters of a template: those of the template configuration file, with those of `ParameterOverrides` over
//! them.
//!
//! CloudFormation's user guide, page "Using parameter override functions with CodePipeline pipelines".

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

/// `Artifact::file`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArtifactFile {
    pub artifact: String,
    pub path: String,
}

impl ArtifactFile {
    pub fn of(text: &str) -> Option<Self> {
        let (artifact, path) = text.split_once("::")?;
        let is_given = !artifact.is_empty() && !path.is_empty();
        is_given.then(|| Self { artifact: artifact.to_owned(), path: path.to_owned() })
    }
}

/// Where an input artifact is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactPlace {
    pub name: String,
    pub bucket: String,
    pub key: String,
    /// Of the artifact in S3.
    pub url: String,
}

/// The template configuration file. Unknown members are errors: a misspelt one would be missed silently.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct TemplateConfiguration {
    pub parameters: Map<String, Value>,
    pub tags: Map<String, Value>,
    pub stack_policy: Option<Value>,
}

/// Why there are no parameters, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterError(pub String);

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParameterError {}

/// The JSON files of artifacts that `Fn::GetParam` names in overrides: they have to be read first.
///
/// # Errors
/// The overrides are no JSON object, or a function is not understood.
pub fn artifact_files_of(overrides: &str) -> Result<Vec<ArtifactFile>, ParameterError> {
    let mut files = Vec::new();
    for (name, value) in &read_overrides(overrides)? {
        if let Given::Param { file, .. } = given(name, value)? {
            files.push(file);
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// Parameters by name. `files`: the contents of those that [`artifact_files_of`] names.
///
/// # Errors
/// A value that is not understood, or an artifact, file or key that is not there.
pub fn parameters(
    configuration: &TemplateConfiguration,
    overrides: &str,
    artifacts: &[ArtifactPlace],
    files: &BTreeMap<ArtifactFile, Value>,
) -> Result<BTreeMap<String, String>, ParameterError> {
    let mut parameters = BTreeMap::new();
    for (name, value) in &configuration.parameters {
        parameters.insert(name.clone(), text(name, value)?);
    }
    for (name, value) in &read_overrides(overrides)? {
        let value = match given(name, value)? {
            Given::Text(text) => text,
            Given::Attribute { artifact, attribute } => attribute_of(name, artifact, attribute, artifacts)?,
            Given::Param { file, key } => {
                let value = files.get(&file).and_then(|contents| contents.get(key));
                let ArtifactFile { artifact, path } = &file;
                let value = value.ok_or_else(|| {
                    wrong(name, &format!("there is no '{key}' in the file {path} of the artifact {artifact}"))
                })?;
                text(name, value)?
            }
        };
        parameters.insert(name.clone(), value);
    }
    Ok(parameters)
}

/// The value of an override.
enum Given<'a> {
    Text(String),
    Attribute { artifact: &'a str, attribute: &'a str },
    Param { file: ArtifactFile, key: &'a str },
}

fn read_overrides(overrides: &str) -> Result<Map<String, Value>, ParameterError> {
    if overrides.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(overrides)
        .map_err(|error| ParameterError(format!("ParameterOverrides is no JSON object: {error}")))
}

fn given<'a>(name: &str, value: &'a Value) -> Result<Given<'a>, ParameterError> {
    let Value::Object(function) = value else { return Ok(Given::Text(text(name, value)?)) };
    let texts = |arguments: &'a Value| -> Option<Vec<&'a str>> {
        arguments.as_array()?.iter().map(Value::as_str).collect()
    };
    let [(function, arguments)] = &function.iter().collect::<Vec<_>>()[..] else {
        return Err(wrong(name, "a function is an object with one member"));
    };
    match (function.as_str(), texts(arguments).as_deref()) {
        ("Fn::GetArtifactAtt", Some([artifact, attribute])) => Ok(Given::Attribute { artifact, attribute }),
        ("Fn::GetParam", Some([artifact, path, key])) => Ok(Given::Param {
            file: ArtifactFile { artifact: (*artifact).to_owned(), path: (*path).to_owned() },
            key,
        }),
        _ => Err(wrong(
            name,
            "write {\"Fn::GetArtifactAtt\": [artifact, attribute]} or {\"Fn::GetParam\": [artifact, file, key]}",
        )),
    }
}

fn attribute_of(
    name: &str,
    artifact: &str,
    attribute: &str,
    artifacts: &[ArtifactPlace],
) -> Result<String, ParameterError> {
    let place = artifacts.iter().find(|place| place.name == artifact);
    let place =
        place.ok_or_else(|| wrong(name, &format!("'{artifact}' is no input artifact of the action")))?;
    match attribute {
        "BucketName" => Ok(place.bucket.clone()),
        "ObjectKey" => Ok(place.key.clone()),
        "URL" => Ok(place.url.clone()),
        other => {
            Err(wrong(name, &format!("artifacts have BucketName, ObjectKey and URL, and not '{other}'")))
        }
    }
}

/// CloudFormation's parameters are texts; a list is one with commas.
fn text(name: &str, value: &Value) -> Result<String, ParameterError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            let texts: Result<Vec<_>, _> = items.iter().map(|item| text(name, item)).collect();
            Ok(texts?.join(","))
        }
        _ => Err(wrong(name, &format!("{value} is no text"))),
    }
}

fn wrong(name: &str, why: &str) -> ParameterError {
    ParameterError(format!("The parameter {name}: {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn artifacts() -> Vec<ArtifactPlace> {
        vec![ArtifactPlace {
            name: "Build".into(),
            bucket: "store".into(),
            key: "shop/Build/a1b2c3d".into(),
            url: "https://store.s3.amazonaws.com/shop/Build/a1b2c3d".into(),
        }]
    }

    fn resolved(configuration: Value, overrides: &Value) -> Result<Value, String> {
        let configuration: TemplateConfiguration = serde_json::from_value(configuration).unwrap();
        let overrides = overrides.to_string();
        let of = |error: ParameterError| error.to_string();
        let file = |file| (file, json!({ "DomainName": "example.com", "Port": 80 }));
        let files = artifact_files_of(&overrides).map_err(of)?.into_iter().map(file).collect();
        parameters(&configuration, &overrides, &artifacts(), &files).map(|found| json!(found)).map_err(of)
    }

    #[test]
    fn overrides_come_before_the_template_configuration() {
        let configuration = json!({ "Parameters": { "Size": "small", "Count": 2 }, "Tags": { "team": "a" } });
        let overrides = json!({
            "Size": "large",
            "Zones": ["a", "b"],
            "Bucket": { "Fn::GetArtifactAtt": ["Build", "BucketName"] },
            "Key": { "Fn::GetArtifactAtt": ["Build", "ObjectKey"] },
            "Template": { "Fn::GetArtifactAtt": ["Build", "URL"] },
            "Domain": { "Fn::GetParam": ["Build", "out/site.json", "DomainName"] },
            "Port": { "Fn::GetParam": ["Build", "out/site.json", "Port"] },
        });
        let expected = json!({
            "Size": "large",
            "Count": "2",
            "Zones": "a,b",
            "Bucket": "store",
            "Key": "shop/Build/a1b2c3d",
            "Template": "https://store.s3.amazonaws.com/shop/Build/a1b2c3d",
            "Domain": "example.com",
            "Port": "80",
        });
        assert_eq!(resolved(configuration, &overrides), Ok(expected));
        let none = parameters(&TemplateConfiguration::default(), "", &[], &BTreeMap::new());
        assert_eq!(none, Ok(BTreeMap::new()));
    }

    #[test]
    fn what_is_not_understood_is_told_with_the_name_of_the_parameter() {
        for (value, says) in [
            (json!({ "Fn::GetArtifactAtt": ["Other", "URL"] }), "'Other' is no input artifact"),
            (json!({ "Fn::GetArtifactAtt": ["Build", "Size"] }), "and not 'Size'"),
            (json!({ "Fn::GetArtifactAtt": "Build" }), "write {\"Fn::GetArtifactAtt\""),
            (
                json!({ "Fn::GetParam": ["Build", "site.json", "Host"] }),
                "there is no 'Host' in the file site.json",
            ),
            (json!({ "Ref": "AWS::Region" }), "write {\"Fn::GetArtifactAtt\""),
            (json!({ "a": 1, "b": 2 }), "an object with one member"),
            (json!(null), "null is no text"),
            (json!([["a"]]), "is no text"),
        ] {
            let error = resolved(json!({}), &json!({ "P": value })).unwrap_err();
            assert!(error.starts_with("The parameter P: ") && error.contains(says), "{error}");
        }
        let error = resolved(json!({}), &json!("text")).unwrap_err();
        assert!(error.starts_with("ParameterOverrides is no JSON object"), "{error}");
    }

    #[test]
    fn a_file_of_an_artifact_has_two_colons() {
        let file = |artifact: &str, path: &str| ArtifactFile { artifact: artifact.into(), path: path.into() };
        assert_eq!(ArtifactFile::of("Build::out/site.yml"), Some(file("Build", "out/site.yml")));
        for wrong in ["site.yml", "::site.yml", "Build::", "Build:site.yml"] {
            assert_eq!(ArtifactFile::of(wrong), None, "{wrong}");
        }
    }
}
