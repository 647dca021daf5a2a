//! What has tags, and how requests give them.

use engine::Rejection;
use engine::declaration::schema::{self, Shape, TextRule, required, text};
use platform::Config;
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

pub(crate) fn pipeline_arn(config: &Config, name: &str) -> String {
    format!("{}{name}", arns_begin_with(config))
}

fn arns_begin_with(config: &Config) -> String {
    format!("arn:aws:codepipeline:{}:{}:", config.region, config.account_id)
}

/// The name of the pipeline with this ARN.
///
/// # Errors
/// `InvalidArn` for one of elsewhere, or of something that has no tags. `ResourceNotFound` for a webhook or an
/// action type.
pub(crate) fn named_pipeline<'a>(config: &Config, arn: &'a str) -> Result<&'a str, Rejection> {
    let begin = arns_begin_with(config);
    let Some(resource) = arn.strip_prefix(&begin) else {
        return Err(Rejection::InvalidArn(format!(
            "The specified resource ARN is invalid: '{arn}' does not begin with {begin}, as those of this Region and \
             account do."
        )));
    };
    let name = schema::NAME.pattern.as_ref();
    if name.is_some_and(|pattern| (pattern.matches)(resource)) && resource.len() <= 100 {
        return Ok(resource);
    }
    if resource.starts_with("webhook:") || resource.starts_with("actiontype:") {
        return Err(not_found(arn));
    }
    Err(Rejection::InvalidArn(format!(
        "The specified resource ARN is invalid: '{resource}' is not the name of a pipeline."
    )))
}

pub(crate) fn not_found(arn: &str) -> Rejection {
    Rejection::ResourceNotFound(format!(
        "There is no resource '{arn}' that has tags. In Pipewright, pipelines have tags."
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
    fn an_arn_names_a_pipeline_of_this_region_and_account() {
        let here = "arn:aws:codepipeline:eu-west-1:111122223333:";
        let long = "x".repeat(101);
        for (arn, expected) in [
            (format!("{here}shop"), Ok("shop")),
            (format!("{here}shop@2.0-b_1"), Ok("shop@2.0-b_1")),
            (format!("{here}webhook:push"), Err("ResourceNotFoundException")),
            (format!("{here}actiontype:Custom/Build/Jenkins/1"), Err("ResourceNotFoundException")),
            (format!("{here}shop/Build"), Err("InvalidArnException")),
            (format!("{here}pipeline:shop"), Err("InvalidArnException")),
            (format!("{here}{long}"), Err("InvalidArnException")),
            ("arn:aws:codepipeline:us-east-1:111122223333:shop".to_owned(), Err("InvalidArnException")),
            ("arn:aws:codepipeline:eu-west-1:444455556666:shop".to_owned(), Err("InvalidArnException")),
            ("arn:aws-cn:codepipeline:eu-west-1:111122223333:shop".to_owned(), Err("InvalidArnException")),
        ] {
            let named = named_pipeline(&config(), &arn).map_err(|refused| refused.code());
            assert_eq!(named, expected, "{arn}");
        }
        let arn = pipeline_arn(&config(), "shop");
        assert_eq!(named_pipeline(&config(), &arn).expect("its own"), "shop");
    }
}
