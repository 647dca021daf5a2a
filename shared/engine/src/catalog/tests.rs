//! The catalog is complete and consistent.

use std::collections::BTreeSet;

use super::*;
use crate::declaration::ActionTypeId;

fn id(category: &str, owner: &str, provider: &str) -> ActionTypeId {
    ActionTypeId {
        category: category.to_string(),
        owner: owner.to_string(),
        provider: provider.to_string(),
        version: "1".to_string(),
    }
}

#[test]
fn no_action_type_is_listed_twice_and_no_key_twice_in_one() {
    let mut seen = BTreeSet::new();
    for entry in action_types() {
        let same = (entry.category.as_str(), entry.owner.as_str(), entry.provider);
        assert!(seen.insert(same), "{same:?} twice");
        let names: BTreeSet<_> = entry.configuration.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), entry.configuration.len(), "{entry}");
    }
    assert_eq!(seen.len(), 32);
}

#[test]
fn the_function_of_every_action_type_that_runs_is_named() {
    let runs: Vec<String> =
        runnable_action_types().map(|entry| format!("{entry}: {}", entry.function.unwrap())).collect();
    expect_test::expect![[r#"
        [
            "Source CodeStarSourceConnection: source-git",
            "Source CodeCommit: source-git",
            "Source S3: source-s3",
            "Build CodeBuild: build-codebuild",
            "Compute Commands: compute-commands",
            "Build Commands: compute-commands",
            "Test CodeBuild: build-codebuild",
            "Approval Manual: approval-manual",
            "Invoke Lambda: invoke-lambda",
            "Invoke StepFunctions: invoke-stepfunctions",
            "Invoke CodePipeline: invoke-codepipeline",
            "Deploy S3: deploy-s3",
            "Deploy CodeDeploy: deploy-codedeploy",
            "Deploy CloudFormation: deploy-cloudformation",
        ]
    "#]]
    .assert_debug_eq(&runs);
}

#[test]
fn an_action_type_is_found_by_all_four_words() {
    let found = find(&id("Deploy", "AWS", "S3")).unwrap();
    assert_eq!((found.function, found.timeout_minutes), (Some("deploy-s3"), 90));
    assert_eq!(find(&id("Source", "AWS", "S3")).unwrap().function, Some("source-s3"));
    assert_eq!(find(&id("Deploy", "ThirdParty", "S3")), None);
    assert_eq!(find(&ActionTypeId { version: "2".to_string(), ..id("Deploy", "AWS", "S3") }), None);
}

#[test]
fn a_wrong_action_type_suggests_the_one_that_was_meant() {
    for (wrong, meant) in [
        (id("Build", "AWS", "CodeBiuld"), "Build CodeBuild"),
        (id("Build", "AWS", "codebuild"), "Build CodeBuild"),
        (id("Source", "ThirdParty", "CodeStarSourceConnection"), "Source CodeStarSourceConnection"),
        (id("Deploy", "AWS", "Manual"), "Approval Manual"),
    ] {
        assert_eq!(closest_action_type(&wrong).map(ToString::to_string).as_deref(), Some(meant), "{wrong:?}");
    }
    assert_eq!(closest_action_type(&id("Deploy", "AWS", "Kubernetes")), None);
}

#[test]
fn a_rule_that_is_an_actions_work_is_run_by_that_actions_function() {
    let mut others = Vec::new();
    for rule in rule_types() {
        match rule.acts_as {
            None => others.push(rule.function),
            Some((category, provider)) => {
                let action_type = find(&id(category, "AWS", provider)).unwrap();
                assert_eq!(action_type.function, Some(rule.function), "{}", rule.provider);
            }
        }
    }
    assert_eq!(others, ["rule-cloudwatchalarm", "rule-deploymentwindow", "rule-variablecheck"]);
}
