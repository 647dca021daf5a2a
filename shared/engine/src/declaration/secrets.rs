//! Secrets of a declaration: configuration values that whoever does the work is given, and nobody else.
//!
//! A version of a pipeline keeps them beside its declaration, which has `****` in their places. So whoever shows a
//! declaration, or what an action was given, has no secret to show.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ActionDeclaration, CustomActionTypes, PipelineDeclaration};

/// Stands for a secret wherever it is shown.
pub const HIDDEN: &str = "****";

/// Values of secret configuration keys.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets {
    /// By stage, action and key.
    values: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
}

impl Secrets {
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Those of an action, by key.
    pub fn of_action(&self, stage_name: &str, action_name: &str) -> Option<&BTreeMap<String, String>> {
        self.values.get(stage_name)?.get(action_name)
    }

    /// The action with its secrets in their places: what its work is begun with.
    #[must_use]
    pub fn put_back(&self, stage_name: &str, action: &ActionDeclaration) -> ActionDeclaration {
        let mut action = action.clone();
        if let Some(secrets) = self.of_action(stage_name, &action.name) {
            action.configuration.get_or_insert_default().extend(secrets.clone());
        }
        action
    }
}

/// Values do not get into logs.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

/// The version that a declaration is to follow: what `****` may stand for in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Former {
    /// As it is kept.
    pub declaration: PipelineDeclaration,
    pub secrets: Secrets,
}

/// Why `****` stands for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// There was no such action, or not with this secret.
    New,
    /// The secret stays only "without changing any other values of the action" (service model,
    /// `ActionConfigurationProperty`): else who may edit a pipeline could have the secret sent elsewhere.
    Changed,
}

impl Former {
    /// The secret that `****` stands for in this action.
    pub(super) fn secret(
        &self,
        stage_name: &str,
        action: &ActionDeclaration,
        key: &str,
    ) -> Result<&str, Unknown> {
        let stage = self.declaration.stages.iter().find(|stage| stage.name == stage_name);
        let mut actions = stage.into_iter().flat_map(|stage| &stage.actions);
        let before = actions
            .find(|before| before.name == action.name && before.action_type_id == action.action_type_id);
        let secrets = self.secrets.of_action(stage_name, &action.name);
        let (before, secrets) = before.zip(secrets).ok_or(Unknown::New)?;
        let value = secrets.get(key).ok_or(Unknown::New)?;
        let others = |action: &ActionDeclaration| -> BTreeMap<String, String> {
            let entries = action.configuration_entries().filter(|(key, _)| !secrets.contains_key(*key));
            entries.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
        };
        if others(before) == others(action) { Ok(value) } else { Err(Unknown::Changed) }
    }
}

/// Takes the secrets out of a declaration that was checked; `****` is what it was in the version before.
pub fn take_secrets(
    declaration: &mut PipelineDeclaration,
    types: &CustomActionTypes,
    former: Option<&Former>,
) -> Secrets {
    let mut taken = Secrets::default();
    for stage in &mut declaration.stages {
        for action in &mut stage.actions {
            let Some(found) = types.find(&action.action_type_id) else { continue };
            let secrets = found.action_configuration_properties.iter().filter(|property| property.secret);
            let mut values = BTreeMap::new();
            for key in secrets.map(|property| &property.name) {
                let value = match action.configuration(key) {
                    Some(HIDDEN) => former.and_then(|former| former.secret(&stage.name, action, key).ok()),
                    value => value,
                };
                values.extend(value.map(|value| (key.clone(), value.to_owned())));
            }
            if values.is_empty() {
                continue;
            }
            let hidden = values.keys().map(|key| (key.clone(), HIDDEN.to_owned()));
            action.configuration.get_or_insert_default().extend(hidden);
            taken.values.entry(stage.name.clone()).or_default().insert(action.name.clone(), values);
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn types() -> CustomActionTypes {
        let property = |name: &str, secret: bool| json!({ "name": name, "required": false, "key": false, "secret": secret });
        let forge = json!({
            "id": { "category": "Build", "owner": "Custom", "provider": "Forge", "version": "1" },
            "actionConfigurationProperties": [property("Host", false), property("Token", true), property("Pin", true)],
            "inputArtifactDetails": { "minimumCount": 0, "maximumCount": 1 },
            "outputArtifactDetails": { "minimumCount": 0, "maximumCount": 1 },
        });
        CustomActionTypes::Known(vec![serde_json::from_value(forge).expect("an action type")])
    }

    fn declared(stage: &str, action: &str, configuration: Value) -> PipelineDeclaration {
        let id = json!({ "category": "Build", "owner": "Custom", "provider": "Forge", "version": "1" });
        let action = json!({ "name": action, "actionTypeId": id, "configuration": configuration });
        serde_json::from_value(json!({ "name": "p", "stages": [{ "name": stage, "actions": [action] }] }))
            .expect("a declaration")
    }

    fn former() -> Former {
        let mut declaration = declared("Build", "Forge", json!({ "Host": "a", "Token": "t1", "Pin": "p1" }));
        let secrets = take_secrets(&mut declaration, &types(), None);
        Former { declaration, secrets }
    }

    #[test]
    fn a_declaration_is_kept_without_its_secrets_and_run_with_them() {
        let Former { declaration, secrets } = former();
        let kept = serde_json::to_string(&declaration).expect("JSON");
        assert!(!kept.contains("t1") && !kept.contains("p1") && kept.contains(r#""Token":"****""#), "{kept}");
        assert_eq!(format!("{secrets:?}"), "Secrets", "nor does a log show them");
        let run = secrets.put_back("Build", &declaration.stages[0].actions[0]);
        let expected = [("Host", "a"), ("Pin", "p1"), ("Token", "t1")];
        assert!(run.configuration_entries().eq(expected));
    }

    #[test]
    fn asterisks_stand_for_what_the_same_action_had_and_for_nothing_else() {
        let configuration = |host: &str| json!({ "Host": host, "Token": HIDDEN, "Pin": "p2" });
        let mut other_type = declared("Build", "Forge", configuration("a"));
        other_type.stages[0].actions[0].action_type_id.version = "2".into();
        for (declared, expected) in [
            (declared("Build", "Forge", configuration("a")), Ok("t1")),
            (declared("Build", "Forge", configuration("b")), Err(Unknown::Changed)),
            (declared("Build", "Forge", json!({ "Token": HIDDEN })), Err(Unknown::Changed)),
            (declared("Build", "Other", configuration("a")), Err(Unknown::New)),
            (declared("Test", "Forge", configuration("a")), Err(Unknown::New)),
            (other_type, Err(Unknown::New)),
        ] {
            let stage = &declared.stages[0];
            assert_eq!(former().secret(&stage.name, &stage.actions[0], "Token"), expected, "{declared:?}");
        }
        let mut next = declared("Build", "Forge", configuration("a"));
        let secrets = take_secrets(&mut next, &types(), Some(&former()));
        let expected = BTreeMap::from([("Pin".into(), "p2".into()), ("Token".into(), "t1".into())]);
        assert_eq!(secrets.of_action("Build", "Forge"), Some(&expected));
    }
}
