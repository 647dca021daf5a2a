//! Where more is to be seen of an action type: the `settings` of ListActionTypes.
//!
//! Known are those that CodePipeline's API reference shows (ListActionTypes, sample response).

/// Pages about what an action works on. `{Config:<key>}` stands for a value of the action's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UrlTemplates {
    /// Of the resource that the action works on.
    pub entity: Option<&'static str>,
    /// Of one execution; `{ExternalExecutionId}` stands for its id.
    pub execution: Option<&'static str>,
    /// Of a revision; `{RevisionId}` stands for it.
    pub revision: Option<&'static str>,
}

impl UrlTemplates {
    pub(super) const NONE: Self = Self { entity: None, execution: None, revision: None };

    pub(super) const fn of_entity(template: &'static str) -> Self {
        Self { entity: Some(template), ..Self::NONE }
    }

    pub(super) const fn of_execution(mut self, template: &'static str) -> Self {
        self.execution = Some(template);
        self
    }

    pub(super) const fn of_revision(mut self, template: &'static str) -> Self {
        self.revision = Some(template);
        self
    }
}
