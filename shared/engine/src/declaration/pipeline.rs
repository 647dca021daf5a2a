//! The pipeline itself: its stores, its mode, its variables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{StageDeclaration, TriggerDeclaration};

/// A pipeline as `CreatePipeline` takes it and `GetPipeline` returns it.
///
/// A required member that a document lacks is read as empty, so that every rule can still be checked;
/// `declaration::check` reports it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineDeclaration {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub role_arn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_store: Option<ArtifactStore>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_stores: Option<BTreeMap<String, ArtifactStore>>,
    #[serde(default)]
    pub stages: Vec<StageDeclaration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_mode: Option<ExecutionMode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline_type: Option<PipelineType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<VariableDeclaration>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggers: Option<Vec<TriggerDeclaration>>,
}

impl PipelineDeclaration {
    /// The declared mode; SUPERSEDED when omitted.
    pub fn execution_mode(&self) -> ExecutionMode {
        self.execution_mode.unwrap_or(ExecutionMode::Superseded)
    }

    pub fn variables(&self) -> &[VariableDeclaration] {
        self.variables.as_deref().unwrap_or_default()
    }

    pub fn triggers(&self) -> &[TriggerDeclaration] {
        self.triggers.as_deref().unwrap_or_default()
    }

    pub fn stage(&self, name: &str) -> Option<&StageDeclaration> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    pub fn stage_index(&self, name: &str) -> Option<usize> {
        self.stages.iter().position(|stage| stage.name == name)
    }

    /// The store of a Region: `artifactStores[region]`, else `artifactStore`.
    pub fn artifact_store(&self, region: &str) -> Option<&ArtifactStore> {
        self.artifact_stores.as_ref().and_then(|stores| stores.get(region)).or(self.artifact_store.as_ref())
    }
}

/// How executions of one pipeline meet. (user guide, page `execution-modes`)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ExecutionMode {
    /// One execution per stage; a newer one takes the place of an older one that waits.
    Superseded,
    /// One execution per stage; the others wait in order of arrival.
    Queued,
    /// Executions are independent.
    Parallel,
}

impl ExecutionMode {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Superseded => "SUPERSEDED",
            Self::Queued => "QUEUED",
            Self::Parallel => "PARALLEL",
        }
    }
}

/// V1 pipelines lack modes, variables, triggers, conditions and some action types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PipelineType {
    V1,
    V2,
}

/// Where artifacts are kept: a bucket, and the key that encrypts them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactStore {
    /// `S3` is the only word of the model.
    #[serde(default, rename = "type")]
    pub store_type: String,
    #[serde(default)]
    pub location: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<EncryptionKey>,
}

/// A KMS key: id, ARN or alias ARN.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionKey {
    #[serde(default)]
    pub id: String,
    /// `KMS` is the only word of the model.
    #[serde(default, rename = "type")]
    pub key_type: String,
}

/// A variable at the pipeline level, read as `#{variables.name}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariableDeclaration {
    #[serde(default)]
    pub name: String,
    /// Without it a value is required at every start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
