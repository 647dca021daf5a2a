//! The shape of a catalog entry.

use std::fmt;

use super::{ConfigurationKey, UrlTemplates};

/// One action type: category, owner, provider and version together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionType {
    pub category: ActionCategory,
    pub owner: ActionOwner,
    pub provider: &'static str,
    pub version: &'static str,
    pub configuration: &'static [ConfigurationKey],
    pub input_artifacts: Count,
    pub output_artifacts: Count,
    pub output_variables: OutputVariables,
    /// Refused in a V1 pipeline.
    pub v2_only: bool,
    /// How long an action may run when nothing is declared. (user guide, page `limits`)
    pub timeout_minutes: u32,
    /// Whether `timeoutInMinutes` may be declared: the service model says manual approvals only.
    pub timeout_declarable: bool,
    /// Whether the work is in the `commands` member instead of the configuration.
    pub takes_commands: bool,
    /// Where more is to be seen of it.
    pub url_templates: UrlTemplates,
    /// The function that runs it; none when this build of Pipewright does not run it.
    pub function: Option<&'static str>,
}

impl ActionType {
    /// An entry that takes nothing, gives nothing, lasts an hour at most and does not run here.
    pub(super) const fn new(category: ActionCategory, owner: ActionOwner, provider: &'static str) -> Self {
        Self {
            category,
            owner,
            provider,
            version: "1",
            configuration: &[],
            input_artifacts: Count::exactly(0),
            output_artifacts: Count::exactly(0),
            output_variables: OutputVariables::Closed(&[]),
            v2_only: false,
            timeout_minutes: 60,
            timeout_declarable: false,
            takes_commands: false,
            url_templates: UrlTemplates::NONE,
            function: None,
        }
    }

    pub(super) const fn configured_by(mut self, configuration: &'static [ConfigurationKey]) -> Self {
        self.configuration = configuration;
        self
    }

    pub(super) const fn artifacts(mut self, input: Count, output: Count) -> Self {
        self.input_artifacts = input;
        self.output_artifacts = output;
        self
    }

    pub(super) const fn gives(mut self, variables: &'static [&'static str]) -> Self {
        self.output_variables = OutputVariables::Closed(variables);
        self
    }

    pub(super) const fn gives_what_it_exports(mut self) -> Self {
        self.output_variables = OutputVariables::Open;
        self
    }

    pub(super) const fn v2_only(mut self) -> Self {
        self.v2_only = true;
        self
    }

    pub(super) const fn timeout(mut self, minutes: u32) -> Self {
        self.timeout_minutes = minutes;
        self
    }

    pub(super) const fn shown_at(mut self, url_templates: UrlTemplates) -> Self {
        self.url_templates = url_templates;
        self
    }

    pub(super) const fn run_by(mut self, function: &'static str) -> Self {
        self.function = Some(function);
        self
    }

    /// The configuration key of that name.
    pub fn configuration_key(&self, name: &str) -> Option<&'static ConfigurationKey> {
        self.configuration.iter().find(|key| key.name == name)
    }

    pub fn is_runnable(&self) -> bool {
        self.function.is_some()
    }
}

impl fmt::Display for ActionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.category, self.provider)
    }
}

/// How many artifacts an action declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub minimum: usize,
    pub maximum: usize,
}

impl Count {
    pub(super) const fn exactly(count: usize) -> Self {
        Self { minimum: count, maximum: count }
    }

    pub(super) const fn between(minimum: usize, maximum: usize) -> Self {
        Self { minimum, maximum }
    }
}

/// The variables that an action leaves for later actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputVariables {
    /// These and no others.
    Closed(&'static [&'static str]),
    /// Named by the work itself: exported variables of a build, outputs of a stack.
    Open,
}

/// What kind of work an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionCategory {
    Source,
    Build,
    Deploy,
    Test,
    Invoke,
    Approval,
    Compute,
}

impl ActionCategory {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Build => "Build",
            Self::Deploy => "Deploy",
            Self::Test => "Test",
            Self::Invoke => "Invoke",
            Self::Approval => "Approval",
            Self::Compute => "Compute",
        }
    }
}

impl fmt::Display for ActionCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who made the action type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionOwner {
    Aws,
    ThirdParty,
    Custom,
}

impl ActionOwner {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::ThirdParty => "ThirdParty",
            Self::Custom => "Custom",
        }
    }
}

impl fmt::Display for ActionOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
