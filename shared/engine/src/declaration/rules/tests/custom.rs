//! Rules of actions whose type the account created.

use serde_json::{Value, json};

use super::good;
use crate::catalog::CustomActionType;
use crate::declaration::{Circumstances, CustomActionTypes, Former, check, take_secrets};

fn forge() -> CustomActionType {
    let property = |name: &str, required: bool, word: &str| {
        let mut property =
            json!({ "name": name, "required": required, "key": true, "secret": word == "secret" });
        property["queryable"] = json!(word == "queryable");
        if word.starts_with(char::is_uppercase) {
            property["type"] = json!(word);
        }
        property
    };
    let forge = json!({
        "id": { "category": "Build", "owner": "Custom", "provider": "Forge", "version": "1" },
        "actionConfigurationProperties": [
            property("Project", true, "queryable"),
            property("Token", false, "secret"),
            property("Level", false, "Number"),
            property("Fast", false, "Boolean"),
        ],
        "inputArtifactDetails": { "minimumCount": 1, "maximumCount": 2 },
        "outputArtifactDetails": { "minimumCount": 0, "maximumCount": 1 },
    });
    serde_json::from_value(forge).expect("an action type")
}

/// What is wrong with a pipeline whose action of that type is changed so.
fn wrong(known: &CustomActionTypes, pointer: &str, value: Value) -> Vec<String> {
    let mut document = good();
    document["stages"][1]["actions"][0] = json!({
        "name": "Forge", "namespace": "Built",
        "actionTypeId": { "category": "Build", "owner": "Custom", "provider": "Forge", "version": "1" },
        "configuration": { "Project": "app", "Level": "#{variables.target}" },
        "inputArtifacts": [{ "name": "Tree" }], "outputArtifacts": [{ "name": "App" }],
    });
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
    document["stages"][1]["actions"][0].pointer_mut(parent).expect("it is there")[member] = value;
    let circumstances = Circumstances { custom_action_types: known.clone(), ..Circumstances::default() };
    let said = check(&document, &circumstances).violations.into_iter();
    said.map(|violation| format!("{} ({})", violation.message, violation.help)).collect()
}

#[test]
fn an_action_of_a_created_type_keeps_the_rules_of_the_type() {
    let known = CustomActionTypes::Known(vec![forge()]);
    let name = |value: &str| json!({ "Project": value });
    for (pointer, value, said) in [
        ("/configuration", json!({}), "is missing required configuration 'Project'"),
        ("/configuration/Projekt", json!("x"), "unknown configuration 'Projekt' (did you mean `Project`?)"),
        ("/configuration", name("has spaces"), "an invalid value 'has spaces' for configuration 'Project'"),
        ("/configuration", name("a-name-of-21-letters-"), "at most 20 letters"),
        ("/configuration/Token", json!("****"), "may be used in secret properties only when updating"),
        ("/configuration/Level", json!("high"), "use a number"),
        ("/configuration/Fast", json!("yes"), "use true or false"),
        ("/inputArtifacts", json!([]), "declares 0 input artifacts which is less than the minimum count (1)"),
        ("/timeoutInMinutes", json!(5), "a Build Forge action may run for 1440 minutes"),
        ("/commands", json!(["make"]), "`commands` can only be used with the Commands action"),
        ("/actionTypeId/version", json!("2"), "create the action type with CreateCustomActionType first"),
    ] {
        let wrong = wrong(&known, pointer, value);
        assert!(matches!(&wrong[..], [only] if only.contains(said)), "{pointer}: {wrong:#?}");
    }
    assert_eq!(wrong(&known, "/configuration/Fast", json!("true")), [""; 0], "all is well");
}

#[test]
fn asterisks_keep_a_secret_with_the_values_that_it_was_given_with() {
    let id = json!({ "category": "Build", "owner": "Custom", "provider": "Forge", "version": "1" });
    let declared = |project: &str, token: &str| {
        let mut document = good();
        document["stages"][1]["actions"][0] = json!({
            "name": "Forge", "namespace": "Built", "actionTypeId": id,
            "configuration": { "Project": project, "Token": token },
            "inputArtifacts": [{ "name": "Tree" }], "outputArtifacts": [{ "name": "App" }],
        });
        document
    };
    let custom_action_types = CustomActionTypes::Known(vec![forge()]);
    let mut circumstances = Circumstances { custom_action_types, ..Circumstances::default() };
    let first = check(&declared("app", "t1"), &circumstances);
    assert_eq!(first.violations, [], "it is a good one");
    let mut declaration = first.declaration;
    let secrets = take_secrets(&mut declaration, &circumstances.custom_action_types, None);
    circumstances.former = Some(Former { declaration, secrets });
    for (project, token, said) in [
        ("app", "****", None),
        ("app", "t2", None),
        ("shop", "t2", None),
        ("shop", "****", Some("other values of the configuration have changed")),
    ] {
        let wrong = check(&declared(project, token), &circumstances).violations;
        assert!(
            wrong.len() == said.iter().count()
                && wrong.iter().all(|violation| said.is_some_and(|said| violation.message.contains(said))),
            "{project} {token}: {wrong:#?}"
        );
    }
}

#[test]
fn a_type_that_nobody_created_is_not_available_unless_a_service_looks_later() {
    let unknown = wrong(&CustomActionTypes::Known(vec![]), "/runOrder", json!(1));
    let said = "ActionType (Category: 'Build', Provider: 'Forge', Owner: 'Custom', Version: '1') in action 'Forge' \
                is not available";
    assert!(matches!(&unknown[..], [only] if only.contains(said)), "{unknown:#?}");
    assert_eq!(wrong(&CustomActionTypes::Elsewhere, "/runOrder", json!(1)), [""; 0]);
}
