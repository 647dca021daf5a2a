//! Where a build's results go.

use local_service::ApiError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::invalid;
use crate::names::check_identifier;

/// What a project or a start of a build asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectArtifacts {
    #[serde(rename = "type")]
    pub artifacts_type: ArtifactsType,
    /// The bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The folder in the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace_type: Option<Namespace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packaging: Option<Packaging>,
    /// The name in the buildspec is used instead of `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_artifact_name: Option<bool>,
    /// Of a secondary artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_identifier: Option<String>,
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ArtifactsType {
    Codepipeline,
    S3,
    NoArtifacts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Namespace {
    None,
    BuildId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Packaging {
    /// Each file is an object of its own. CodeBuild's default.
    None,
    Zip,
}

/// What a build says about its results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildArtifacts {
    /// An ARN (`arn:aws:s3:::bucket/key`); empty without artifacts.
    pub location: String,
    /// Of the zip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256sum: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_artifact_name: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_identifier: Option<String>,
}

impl ProjectArtifacts {
    pub fn check(&self) -> Result<(), ApiError> {
        if self.artifacts_type == ArtifactsType::S3 && self.location.as_deref().unwrap_or("").is_empty() {
            return Err(invalid("Artifacts of type S3 need a location: the name of the bucket"));
        }
        Ok(())
    }

    pub fn check_secondary(&self) -> Result<(), ApiError> {
        let Some(identifier) = &self.artifact_identifier else {
            return Err(invalid("A secondary artifact needs an artifactIdentifier"));
        };
        check_identifier(identifier)?;
        self.check()
    }

    pub fn is_overriding_name(&self) -> bool {
        self.override_artifact_name == Some(true)
    }

    /// The buildspec's `s3-prefix` takes the place of the path when the build's id is in the key.
    pub fn with_prefix(&self, prefix: Option<&str>) -> Self {
        let path = prefix.filter(|_| self.namespace_type == Some(Namespace::BuildId)).map(str::to_owned);
        Self { path: path.or_else(|| self.path.clone()), ..self.clone() }
    }

    /// The object's key: path, namespace and name. `from_buildspec` is the buildspec's name.
    pub fn key(&self, project: &str, build_uuid: &str, from_buildspec: Option<&str>) -> String {
        let overriding = from_buildspec.filter(|_| self.is_overriding_name());
        let name = overriding.or(self.name.as_deref()).unwrap_or(project);
        let namespace = if self.namespace_type == Some(Namespace::BuildId) { build_uuid } else { "" };
        let parts = [self.path.as_deref().unwrap_or(""), namespace, name];
        let parts = parts.iter().flat_map(|part| part.split('/')).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("/")
    }

    /// What the build's record says before anything is stored.
    pub fn planned(&self, project: &str, build_uuid: &str) -> BuildArtifacts {
        let location = match (&self.location, self.artifacts_type) {
            (Some(bucket), ArtifactsType::S3) => {
                format!("arn:aws:s3:::{bucket}/{}", self.key(project, build_uuid, None))
            }
            _ => String::new(),
        };
        BuildArtifacts {
            location,
            sha256sum: None,
            override_artifact_name: self.override_artifact_name,
            artifact_identifier: self.artifact_identifier.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_put_together_as_codebuild_documents() {
        let artifacts = |json: &str| serde_json::from_str::<ProjectArtifacts>(json).unwrap();
        let cases = [
            (r#"{"type":"S3"}"#, None, "demo"),
            (r#"{"type":"S3","name":"out.zip"}"#, None, "out.zip"),
            (r#"{"type":"S3","path":"a/b/","name":"out"}"#, None, "a/b/out"),
            (r#"{"type":"S3","path":"/a","namespaceType":"BUILD_ID","name":"out"}"#, None, "a/uuid/out"),
            (r#"{"type":"S3","path":"a","namespaceType":"NONE","name":"x"}"#, Some("spec"), "a/x"),
            (r#"{"type":"S3","name":"x","overrideArtifactName":true}"#, Some("spec"), "spec"),
            (r#"{"type":"S3","name":"x","overrideArtifactName":true}"#, None, "x"),
        ];
        for (json, from_buildspec, expected) in cases {
            assert_eq!(artifacts(json).key("demo", "uuid", from_buildspec), expected, "{json}");
        }
    }
}
