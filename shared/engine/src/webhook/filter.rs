//! Which requests a webhook lets through: every filter has to match.

use std::fmt;

use serde_json::Value;

use super::{FilterRule, JsonPath, REDACTED, WebhookDefinition};
use crate::declaration::ActionDeclaration;

/// The first filter that does not match, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched(String);

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl WebhookDefinition {
    /// Whether the body starts the pipeline; `action` is the target as it is configured now.
    ///
    /// # Errors
    /// The filter that it does not match. What the body has there is not repeated.
    pub fn matches(&self, action: &ActionDeclaration, body: &Value) -> Result<(), Unmatched> {
        self.filters.iter().try_for_each(|rule| rule.matches(action, body))
    }
}

impl FilterRule {
    /// What the value has to be; `None` if any will do.
    ///
    /// # Errors
    /// The key between braces that the action has no value for.
    pub(super) fn expected(&self, action: &ActionDeclaration) -> Result<Option<String>, String> {
        self.match_equals.as_deref().map(|text| filled(text, action)).transpose()
    }

    fn matches(&self, action: &ActionDeclaration, body: &Value) -> Result<(), Unmatched> {
        let path = &self.json_path;
        let unmatched = |why: String| Err(Unmatched(why));
        let selected = match JsonPath::parse(path) {
            Ok(parsed) => parsed.select(body),
            Err(why) => return unmatched(format!("The jsonPath '{path}' cannot be used: {why}")),
        };
        let expected = match self.expected(action) {
            Ok(expected) => expected,
            Err(key) => {
                let action = &action.name;
                return unmatched(format!("The action '{action}' has no '{key}', which a filter names."));
            }
        };
        match (selected, expected) {
            (None, _) => unmatched(format!("The body has nothing at {path}.")),
            (Some(value), Some(expected)) if as_text(value) != expected => {
                // As it was put: what is filled in is no business of the sender.
                let equals = self.match_equals.as_deref().unwrap_or_default();
                unmatched(format!("The value at {path} is not '{equals}'."))
            }
            (Some(_), _) => Ok(()),
        }
    }
}

/// A text as it is, everything else as JSON.
fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The text with the values of the action's configuration in the place of `{Key}`. Braces around anything that is no
/// key are braces.
fn filled(text: &str, action: &ActionDeclaration) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from_brace) = rest.split_at(open);
        filled.push_str(before);
        let key = from_brace[1..].split_once('}').map(|(key, _)| key).filter(|key| is_key(key));
        match key {
            Some(key) => {
                // What is shown in the place of a secret is no value.
                let value = action.configuration(key).filter(|value| *value != REDACTED);
                filled.push_str(value.ok_or_else(|| key.to_owned())?);
                rest = &from_brace[key.len() + 2..];
            }
            None => {
                filled.push('{');
                rest = &from_brace[1..];
            }
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn action() -> ActionDeclaration {
        serde_json::from_value(json!({
            "name": "Source", "configuration": { "BranchName": "main", "Owner": "{BranchName}", "Token": "****" },
        }))
        .expect("an action")
    }

    #[test]
    fn a_filter_compares_the_value_with_what_the_action_is_configured_to() {
        let body = json!({
            "ref": "refs/heads/main", "deleted": false, "size": 3, "none": null, "commits": [{ "id": "c" }],
            "odd": "{}main{", "stars": "****", "owner": "{BranchName}",
        });
        for (path, equals, unmatched) in [
            ("$.ref", Some("refs/heads/main"), None),
            ("$.ref", Some("refs/heads/{BranchName}"), None),
            ("$.ref", Some("refs/heads/mai"), Some("The value at $.ref is not 'refs/heads/mai'.")),
            ("$.ref", Some("Refs/heads/main"), Some("is not 'Refs/heads/main'")),
            ("$.size", Some("{BranchName}"), Some("The value at $.size is not '{BranchName}'.")),
            ("$.stars", Some("{Token}"), Some("The action 'Source' has no 'Token'")),
            ("$.ref", Some("refs/heads/{Branch}"), Some("The action 'Source' has no 'Branch'")),
            ("$.ref", None, None),
            ("$.nothing", None, Some("The body has nothing at $.nothing.")),
            ("$.nothing", Some("x"), Some("The body has nothing at $.nothing.")),
            ("$.deleted", Some("false"), None),
            ("$.deleted", Some("true"), Some("is not 'true'")),
            ("$.size", Some("3"), None),
            ("$.none", Some("null"), None),
            ("$.commits[0]", Some(r#"{"id":"c"}"#), None),
            ("$.odd", Some("{}{BranchName}{"), None),
            // What is filled in is not looked at again.
            ("$.owner", Some("{Owner}"), None),
        ] {
            let rule = FilterRule { json_path: path.to_owned(), match_equals: equals.map(str::to_owned) };
            let found = rule.matches(&action(), &body).err();
            match (&found, unmatched) {
                (None, None) => {}
                (Some(found), Some(expected)) if found.to_string().contains(expected) => {}
                _ => panic!("{path} {equals:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn every_filter_has_to_match() {
        let rule = |path: &str, equals: &str| json!({ "jsonPath": path, "matchEquals": equals });
        let body = json!({ "ref": "refs/heads/main", "action": "opened" });
        for (filters, expected) in [
            (vec![], true),
            (vec![rule("$.ref", "refs/heads/main"), rule("$.action", "opened")], true),
            (vec![rule("$.ref", "refs/heads/main"), rule("$.action", "closed")], false),
            (vec![rule("$.ref", "refs/heads/other"), rule("$.action", "opened")], false),
        ] {
            let webhook: WebhookDefinition = serde_json::from_value(json!({
                "name": "w", "targetPipeline": "p", "targetAction": "Source", "filters": filters,
                "authentication": "GITHUB_HMAC", "authenticationConfiguration": {},
            }))
            .expect("a webhook");
            assert_eq!(webhook.matches(&action(), &body).is_ok(), expected, "{filters:?}");
        }
    }
}
