//! `#{namespace.key}`: a place in a text that is filled in before its action starts.

use std::ops::Range;

use crate::declaration::ActionDeclaration;

/// A reference in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub namespace: String,
    pub key: String,
    /// The bytes of `#{…}` in the text, braces included.
    pub range: Range<usize>,
}

impl Reference {
    /// What is between the braces.
    pub fn text(&self) -> String {
        format!("{}.{}", self.namespace, self.key)
    }
}

/// Something between `#{` and `}` that is no namespace and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What is between the braces.
    pub text: String,
    pub range: Range<usize>,
}

/// All references in a text, in order. `#{` without `}` is plain text, as it is for CodePipeline.
pub fn references_in(text: &str) -> Vec<Result<Reference, Unreadable>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("#{").map(|offset| from + offset) {
        let Some(end) = text[start..].find('}').map(|offset| start + offset) else { break };
        found.push(read(&text[start + 2..end], start..end + 1));
        from = end + 1;
    }
    found
}

/// The namespace is of the model's pattern. A key may hold what an output variable may: the quota page of the
/// user guide allows `^ [ ] * $` besides the model's letters, and providers have dots in some keys.
fn read(inside: &str, range: Range<usize>) -> Result<Reference, Unreadable> {
    let allowed = |text: &str, others: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    };
    match inside.split_once('.') {
        Some((namespace, key)) if allowed(namespace, "@-_") && allowed(key, "@-_^[]*$.") => {
            Ok(Reference { namespace: namespace.to_string(), key: key.to_string(), range })
        }
        _ => Err(Unreadable { text: inside.to_string(), range }),
    }
}

/// A text of an action in which references are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The value of a configuration key.
    Configuration(String),
    /// A line of `commands`, counted from 0.
    Command(usize),
    /// The value of an item of `environmentVariables`, counted from 0.
    EnvironmentVariable(usize),
}

/// Every reference of an action: in its configuration, its commands and its environment variables.
pub fn references(action: &ActionDeclaration) -> Vec<(Place, Result<Reference, Unreadable>)> {
    let configuration =
        action.configuration_entries().map(|(key, value)| (Place::Configuration(key.to_string()), value));
    let commands =
        action.commands().iter().enumerate().map(|(index, line)| (Place::Command(index), line.as_str()));
    let environment = action
        .environment_variables()
        .iter()
        .enumerate()
        .map(|(index, variable)| (Place::EnvironmentVariable(index), variable.value.as_str()));
    configuration
        .chain(commands)
        .chain(environment)
        .flat_map(|(place, text)| references_in(text).into_iter().map(move |found| (place.clone(), found)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_with_their_places() {
        let text = "v#{variables.version}-#{Source.CommitId} #{oops} #{ a.b } #{open";
        let found: Vec<String> = references_in(text)
            .into_iter()
            .map(|found| match found {
                Ok(reference) => format!("{} at {:?}", reference.text(), reference.range),
                Err(unreadable) => format!("unreadable {:?} at {:?}", unreadable.text, unreadable.range),
            })
            .collect();
        expect_test::expect![[r#"
            [
                "variables.version at 1..21",
                "Source.CommitId at 22..40",
                "unreadable \"oops\" at 41..48",
                "unreadable \" a.b \" at 49..57",
            ]
        "#]]
        .assert_debug_eq(&found);
    }

    #[test]
    fn every_text_of_an_action_that_is_filled_in_is_read() {
        let action: ActionDeclaration = serde_json::from_value(serde_json::json!({
            "configuration": {"K": "#{a.one}"}, "commands": ["x", "#{a.two}"],
            "environmentVariables": [{"name": "N", "value": "#{a.three}"}],
        }))
        .unwrap();
        let places: Vec<Place> = references(&action).into_iter().map(|(place, _)| place).collect();
        let expected =
            [Place::Configuration("K".to_string()), Place::Command(1), Place::EnvironmentVariable(0)];
        assert_eq!(places, expected);
    }
}
