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

/// Links are as long as that at most (service model, `Url`).
const URL_LENGTH_MAX: usize = 2048;

/// A template with its places filled in: `{Config:<key>}`, `{ExternalExecutionId}`, `{RevisionId}`. `value` tells what
/// stands between the braces. `None` if that is not known of one of them, or if the whole is no link to a page.
pub fn filled_in(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (mut url, mut rest) = (String::new(), template);
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        url.push_str(before);
        url.push_str(&value(name)?);
        rest = after;
    }
    url.push_str(rest);
    let is_page = url.starts_with("https://") || url.starts_with("http://");
    (is_page && url.chars().count() <= URL_LENGTH_MAX).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_in_whole_or_not_at_all() {
        let value = |name: &str| match name {
            "Config:Project" => Some("shop".to_owned()),
            "Config:Long" => Some("x".repeat(URL_LENGTH_MAX)),
            "Config:Script" => Some("javascript:alert(1)//".to_owned()),
            "ExternalExecutionId" => Some("{7}".to_owned()),
            _ => None,
        };
        for (template, expected) in [
            ("https://forge.example.com/", Some("https://forge.example.com/")),
            ("https://forge/{Config:Project}/{ExternalExecutionId}", Some("https://forge/shop/{7}")),
            ("http://forge/{Config:Project}/{RevisionId}", None),
            ("https://forge/{Config:Project", None),
            ("https://forge/{Config:Long}", None),
            ("{Config:Script}https://forge", None),
        ] {
            assert_eq!(filled_in(template, value).as_deref(), expected, "{template}");
        }
    }
}
