//! What has tags, and how requests give them.

use engine::Rejection;
use engine::declaration::ActionTypeId;
use engine::declaration::schema::{self, Shape, TextRule, required, text};
use platform::Config;
use platform::store::TaggedResource;
use serde::{Deserialize, Serialize};

/// Of the three operations on tags.
pub(crate) const RESOURCE_ARN: Shape = Shape::Text(&schema::RESOURCE_ARN);
pub(crate) const TAGS: Shape = Shape::List { item: &TAG, minimum: 0, maximum: None };
pub(crate) const TAG_KEYS: Shape = Shape::List { item: &Shape::Text(&KEY), minimum: 0, maximum: None };

static TAG: Shape =
    Shape::Structure(&[required("key", Shape::Text(&KEY)), required("value", Shape::Text(&VALUE))]);
static KEY: TextRule = text(1, 128);
static VALUE: TextRule = text(0, 256);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Tag {
    pub key: String,
    pub value: String,
}

impl From<Tag> for (String, String) {
    fn from(Tag { key, value }: Tag) -> Self {
        (key, value)
    }
}

/// The pipeline, webhook or custom action type with this ARN. (user guide, pages `pipelines-tag`, `webhooks-tag` and
/// `customactions-tag`)
///
/// # Errors
/// `InvalidArn` for one of elsewhere, or of something that has no tags. `ResourceNotFound` for an action type
/// that is not the account's own.
pub(crate) fn resource(config: &Config, arn: &str) -> Result<TaggedResource, Rejection> {
    let begin = config.codepipeline_arns();
    let Some(resource) = arn.strip_prefix(&begin) else {
        return Err(Rejection::InvalidArn(format!(
            "The specified resource ARN is invalid: '{arn}' does not begin with {begin}, as those of this Region and \
             account do."
        )));
    };
    if let Some(id) = resource.strip_prefix("actiontype:") {
        let words: Vec<_> = id.split('/').map(str::to_owned).collect();
        return match <[String; 4]>::try_from(words) {
            Ok([owner, category, provider, version]) if owner == "Custom" => {
                Ok(TaggedResource::CustomActionType(ActionTypeId { category, owner, provider, version }))
            }
            _ => Err(not_found(arn)),
        };
    }
    let (name, what, tagged): (_, _, fn(String) -> TaggedResource) = match resource.strip_prefix("webhook:") {
        Some(name) => (name, "webhook", TaggedResource::Webhook),
        None => (resource, "pipeline", TaggedResource::Pipeline),
    };
    let pattern = schema::NAME.pattern.as_ref();
    match pattern.is_some_and(|pattern| (pattern.matches)(name)) && name.len() <= 100 {
        true => Ok(tagged(name.to_owned())),
        false => Err(Rejection::InvalidArn(format!(
            "The specified resource ARN is invalid: '{name}' is not the name of a {what}."
        ))),
    }
}

pub(crate) fn not_found(arn: &str) -> Rejection {
    Rejection::ResourceNotFound(format!(
        "There is no resource '{arn}' that has tags. Pipelines, webhooks and custom action types have tags."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let variable = |name: &str| match name {
            "STAGE_EXECUTION_STATE_MACHINE_ARN" => {
                Some("arn:aws:states:eu-west-1:111122223333:stateMachine:m".to_owned())
            }
            name => Some(name.to_owned()),
        };
        Config::from_environment(variable).expect("everything is set")
    }

    #[test]
    fn an_arn_names_a_pipeline_or_an_action_type_of_this_region_and_account() {
        let here = "arn:aws:codepipeline:eu-west-1:111122223333:";
        let long = "x".repeat(101);
        let pipeline = |name: &str| Ok(TaggedResource::Pipeline(name.to_owned()));
        let words = ["Build", "Custom", "Jenkins", "1"].map(str::to_owned);
        let [category, owner, provider, version] = words;
        let jenkins = ActionTypeId { category, owner, provider, version };
        for (arn, expected) in [
            (format!("{here}shop"), pipeline("shop")),
            (format!("{here}shop@2.0-b_1"), pipeline("shop@2.0-b_1")),
            (
                format!("{here}actiontype:Custom/Build/Jenkins/1"),
                Ok(TaggedResource::CustomActionType(jenkins)),
            ),
            (format!("{here}actiontype:AWS/Build/CodeBuild/1"), Err("ResourceNotFoundException")),
            (format!("{here}actiontype:Custom/Build/Jenkins"), Err("ResourceNotFoundException")),
            (format!("{here}webhook:push"), Ok(TaggedResource::Webhook("push".to_owned()))),
            (format!("{here}webhook:"), Err("InvalidArnException")),
            (format!("{here}webhook:push/main"), Err("InvalidArnException")),
            (format!("{here}shop/Build"), Err("InvalidArnException")),
            (format!("{here}pipeline:shop"), Err("InvalidArnException")),
            (format!("{here}{long}"), Err("InvalidArnException")),
            ("arn:aws:codepipeline:us-east-1:111122223333:shop".to_owned(), Err("InvalidArnException")),
            ("arn:aws:codepipeline:eu-west-1:444455556666:shop".to_owned(), Err("InvalidArnException")),
            ("arn:aws-cn:codepipeline:eu-west-1:111122223333:shop".to_owned(), Err("InvalidArnException")),
        ] {
            assert_eq!(resource(&config(), &arn).map_err(|refused| refused.code()), expected, "{arn}");
        }
        let arn = config().pipeline_arn("shop");
        assert_eq!(resource(&config(), &arn).map_err(|refused| refused.code()), pipeline("shop"), "its own");
    }
}
