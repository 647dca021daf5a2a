//! Where a build's files come from.

use local_service::ApiError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::invalid;
use crate::names::{check_identifier, parse_object};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSource {
    #[serde(rename = "type")]
    pub source_type: SourceType,
    /// `bucket/key` of a zip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The buildspec's text, or its path in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buildspec: Option<String>,
    /// Of a secondary source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identifier: Option<String>,
    /// What is kept for the answers and has no effect on such sources.
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SourceType {
    Codepipeline,
    S3,
    NoSource,
    Github,
    GithubEnterprise,
    Gitlab,
    GitlabSelfManaged,
    Bitbucket,
    Codecommit,
}

impl ProjectSource {
    /// Refuses what cannot be fetched here.
    pub fn check(&self) -> Result<(), ApiError> {
        match self.source_type {
            SourceType::Codepipeline | SourceType::NoSource => Ok(()),
            SourceType::S3 => match self.location.as_deref().map(parse_object) {
                Some(Some(_)) => Ok(()),
                _ => Err(invalid("Source location of type S3 must be bucket/key of a zip")),
            },
            _ => Err(invalid(format!(
                "Source type {} is not supported here; use CODEPIPELINE, S3 or NO_SOURCE, and let the \
                 pipeline's source action fetch the repository",
                serde_json::to_string(&self.source_type).unwrap_or_default()
            ))),
        }
    }

    /// [`Self::check`] for a secondary source, which needs an identifier.
    pub fn check_secondary(&self) -> Result<(), ApiError> {
        let Some(identifier) = &self.source_identifier else {
            return Err(invalid("A secondary source needs a sourceIdentifier"));
        };
        check_identifier(identifier)?;
        self.check()
    }
}
