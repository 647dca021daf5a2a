//! Custom action types: what an account creates beside CodePipeline's own, for workers that poll for jobs.
//!
//! The structs are the service model's `ActionType`, member for member.

use serde::{Deserialize, Serialize};

use crate::Rejection;
use crate::declaration::ActionTypeId;

/// An account may have so many (user guide, "Quotas").
pub const CUSTOM_ACTION_TYPES_MAX: usize = 50;
/// How long a custom action may run (user guide, "Quotas").
pub const CUSTOM_ACTION_TIMEOUT_MINUTES: u32 = 24 * 60;
/// The function that makes jobs of custom actions, by its folder.
pub const CUSTOM_ACTION_FUNCTION: &str = "custom-job";
/// Of a queryable property's value (service model, `ActionConfigurationProperty`).
const QUERYABLE_MAXIMUM: usize = 20;
/// The categories that have custom actions (user guide, "Create and add a custom action").
const CATEGORIES: &[&str] = &["Build", "Deploy", "Test", "Invoke"];

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomActionType {
    pub id: ActionTypeId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<ActionTypeSettings>,
    #[serde(default)]
    pub action_configuration_properties: Vec<ConfigurationProperty>,
    pub input_artifact_details: ArtifactDetails,
    pub output_artifact_details: ArtifactDetails,
}

/// Links that people are shown. `{Config:name}` stands for a configuration value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionTypeSettings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub third_party_configuration_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_url_template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_url_template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_url_template: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationProperty {
    pub name: String,
    pub required: bool,
    pub key: bool,
    pub secret: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queryable: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub property_type: Option<PropertyType>,
}

impl ConfigurationProperty {
    /// Workers ask for jobs by its value.
    pub fn is_queryable(&self) -> bool {
        self.queryable == Some(true)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PropertyType {
    String,
    Number,
    Boolean,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactDetails {
    pub minimum_count: usize,
    pub maximum_count: usize,
}

impl CustomActionType {
    /// The property of that name.
    pub fn property(&self, name: &str) -> Option<&ConfigurationProperty> {
        self.action_configuration_properties.iter().find(|property| property.name == name)
    }

    /// The property by whose value workers ask for jobs.
    pub fn queryable(&self) -> Option<&ConfigurationProperty> {
        self.action_configuration_properties.iter().find(|property| property.is_queryable())
    }

    /// Whether workers can ask for jobs by this value of the queryable property.
    pub fn is_queryable_value(value: &str) -> bool {
        let is_allowed = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
        (1..=QUERYABLE_MAXIMUM).contains(&value.len()) && value.chars().all(is_allowed)
    }

    /// Whether there can be such an action type. The texts on counts and queryable properties are the service's.
    ///
    /// # Errors
    /// `Validation`
    pub fn check(&self) -> Result<(), Rejection> {
        match self.problem() {
            Some(problem) => Err(Rejection::Validation(problem)),
            None => Ok(()),
        }
    }

    /// Whether it may be created where `before` is what was created under its id, and `count` is how many there are.
    /// What was deleted comes back under its old id only as it was (service model, `DeleteCustomActionType`).
    ///
    /// # Errors
    /// `ActionTypeAlreadyExists`, `LimitExceeded`
    pub fn may_follow(&self, before: Option<&Self>, count: usize) -> Result<(), Rejection> {
        match before {
            Some(before) if before == self => Ok(()),
            Some(_) => Err(Rejection::ActionTypeAlreadyExists(format!(
                "The version '{}' of {} {} has another definition already. Use a version that was never used.",
                self.id.version, self.id.category, self.id.provider
            ))),
            None if count < CUSTOM_ACTION_TYPES_MAX => Ok(()),
            None => Err(Rejection::LimitExceeded(format!(
                "The account has {count} custom action types, and may have {CUSTOM_ACTION_TYPES_MAX}. Delete one first."
            ))),
        }
    }

    fn problem(&self) -> Option<String> {
        let category = self.id.category.as_str();
        if !CATEGORIES.contains(&category) {
            let categories = CATEGORIES.join(", ");
            return Some(format!(
                "There are no custom actions of category {category}. Use one of: {categories}."
            ));
        }
        let wrong = |details: &&ArtifactDetails| details.maximum_count < details.minimum_count;
        if let Some(details) =
            [&self.input_artifact_details, &self.output_artifact_details].into_iter().find(wrong)
        {
            return Some(format!(
                "Maximum Number of Artifacts ({}) has to be greater than or equal to minimum ({}).",
                details.maximum_count, details.minimum_count
            ));
        }
        self.wrong_property().or_else(|| self.wrong_template())
    }

    fn wrong_property(&self) -> Option<String> {
        let properties = &self.action_configuration_properties;
        let is_repeated = |(index, property): &(usize, &ConfigurationProperty)| {
            properties.iter().take(*index).any(|earlier| earlier.name == property.name)
        };
        if let Some((_, property)) = properties.iter().enumerate().find(is_repeated) {
            return Some(format!("The configuration property '{}' is declared twice.", property.name));
        }
        let queryable: Vec<_> = properties.iter().filter(|property| property.is_queryable()).collect();
        if queryable.len() > 1 {
            let names: Vec<_> = queryable.iter().map(|property| property.name.as_str()).collect();
            return Some(format!(
                "Multiple queryable configuration properties found with names '{}'. Up to one queryable property \
                 may be specified.",
                names.join(", ")
            ));
        }
        let wrong = queryable.into_iter().find(|property| !property.required || property.secret)?;
        Some(format!(
            "Invalid queryable property '{}'. Queryable configuration properties must be required and non-secret.",
            wrong.name
        ))
    }

    /// Templates show configuration to everybody who sees the pipeline, and so no secret.
    fn wrong_template(&self) -> Option<String> {
        let settings = self.settings.as_ref()?;
        let templates = [
            &settings.entity_url_template,
            &settings.execution_url_template,
            &settings.revision_url_template,
        ];
        for template in templates.into_iter().flatten() {
            for part in template.split("{Config:").skip(1) {
                let name = part.split('}').next().unwrap_or_default();
                if !self.property(name).is_some_and(|property| property.required && !property.secret) {
                    return Some(format!(
                        "The URL template '{template}' refers to '{name}', which is not a configuration property \
                         that is both required and not secret."
                    ));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(name: &str, required: bool, secret: bool, queryable: bool) -> ConfigurationProperty {
        let queryable = queryable.then_some(true);
        ConfigurationProperty {
            name: name.into(),
            required,
            secret,
            queryable,
            ..ConfigurationProperty::default()
        }
    }

    fn build() -> CustomActionType {
        let id = |text: &str| text.to_owned();
        CustomActionType {
            id: ActionTypeId {
                category: id("Build"),
                owner: id("Custom"),
                provider: id("Forge"),
                version: id("1"),
            },
            input_artifact_details: ArtifactDetails { minimum_count: 0, maximum_count: 1 },
            action_configuration_properties: vec![
                property("Project", true, false, true),
                property("Level", false, false, false),
            ],
            ..CustomActionType::default()
        }
    }

    fn linked(template: &str) -> CustomActionType {
        let settings = ActionTypeSettings {
            entity_url_template: Some(template.into()),
            ..ActionTypeSettings::default()
        };
        CustomActionType { settings: Some(settings), ..build() }
    }

    fn with_property(property: ConfigurationProperty) -> CustomActionType {
        let mut changed = build();
        changed.action_configuration_properties.push(property);
        changed
    }

    #[test]
    fn an_action_type_that_cannot_be_is_refused() {
        let mut approval = build();
        approval.id.category = "Approval".into();
        let few = ArtifactDetails { minimum_count: 2, maximum_count: 1 };
        let optional_query = CustomActionType {
            action_configuration_properties: vec![property("Project", false, false, true)],
            ..build()
        };
        let secret_query = CustomActionType {
            action_configuration_properties: vec![property("Project", true, true, true)],
            ..build()
        };
        for (wrong, said) in [
            (approval, "There are no custom actions of category Approval"),
            (
                CustomActionType { output_artifact_details: few, ..build() },
                "Maximum Number of Artifacts (1) has to be greater than or equal to minimum (2).",
            ),
            (with_property(property("Level", false, false, false)), "'Level' is declared twice"),
            (with_property(property("Queue", true, false, true)), "found with names 'Project, Queue'"),
            (optional_query, "Invalid queryable property 'Project'."),
            (secret_query, "Invalid queryable property 'Project'."),
            (
                CustomActionType {
                    settings: linked("https://forge/{Config:Token}").settings,
                    ..with_property(property("Token", true, true, false))
                },
                "refers to 'Token'",
            ),
            (linked("https://forge/{Config:Level}"), "refers to 'Level'"),
            (linked("https://forge/{Config:Nothing}"), "refers to 'Nothing'"),
        ] {
            let refused = wrong.check().expect_err(said);
            assert!(
                matches!(&refused, Rejection::Validation(message) if message.contains(said)),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_version_has_one_definition_for_ever_and_an_account_fifty_types() {
        let (same, other) = (build(), with_property(property("Queue", false, false, false)));
        assert_eq!(build().may_follow(None, CUSTOM_ACTION_TYPES_MAX - 1), Ok(()));
        assert_eq!(build().may_follow(Some(&same), CUSTOM_ACTION_TYPES_MAX), Ok(()), "it comes back");
        let refused = build().may_follow(Some(&other), 1).expect_err("another definition");
        assert_eq!(refused.code(), "ActionTypeAlreadyExistsException");
        let refused = build().may_follow(None, CUSTOM_ACTION_TYPES_MAX).expect_err("too many");
        assert_eq!(refused.code(), "LimitExceededException");
    }

    #[test]
    fn an_action_type_that_can_be_has_a_property_that_workers_ask_by() {
        assert_eq!(build().check(), Ok(()));
        assert_eq!(with_property(property("Token", true, true, false)).check(), Ok(()), "it may be a secret");
        assert_eq!(build().queryable().map(|property| property.name.as_str()), Some("Project"));
        assert_eq!(linked("https://forge/{Config:Project}/{ExternalExecutionId}").check(), Ok(()));
    }
}
