//! Deployments of a pipeline to directories that `local-resources.yaml` names, and their rollback.

use std::fs;
use std::path::Path;

use local::resources;
use serde_json::{Value, json};

use crate::declare::{action_type, pipeline, stage};
use crate::shop::Shop;

pub const RESOURCES: &str = "
applications:
  - name: shop
    deploymentGroups:
      - name: production
        directories: [hosts/one, hosts/two]
        deploymentConfigName: CodeDeployDefault.AllAtOnce
        autoRollbackConfiguration: { enabled: true, events: [DEPLOYMENT_FAILURE] }
functions:
  - FunctionName: check
    Command: [sh, -c, 'cat > event; grep -q good \"$HOSTS/one/www/page\"']
    Environment: { Variables: { HOSTS: '{directory}/hosts' } }
";

pub async fn have(shop: &Shop, text: &str) {
    let path = shop.place().join("local-resources.yaml");
    fs::write(&path, text).expect("a file");
    let resources = resources::read(&path, true).expect("the file is fine");
    resources::apply(shop.stack(), &resources).await.expect("everything in it can be made");
}

pub fn declaration() -> Value {
    let deploy = json!({
        "name": "Deploy",
        "actionTypeId": action_type("Deploy", "CodeDeploy"),
        "configuration": { "ApplicationName": "shop", "DeploymentGroupName": "production" },
        "inputArtifacts": [{ "name": "SourceOutput" }],
    });
    let check = json!({
        "name": "Check",
        "actionTypeId": action_type("Invoke", "Lambda"),
        "configuration": { "FunctionName": "check" },
    });
    pipeline([stage("Deploy", [deploy]), stage("Check", [check])])
}

pub async fn deliver(shop: &Shop, page: &str) {
    let appspec = "version: 0.0\nos: linux\nfiles:\n  - source: page\n    destination: /www\nhooks:\n  \
                   ValidateService:\n    - location: validate\n      runas: root\n";
    let files = [
        ("appspec.yml", appspec),
        ("page", page),
        ("validate", "#!/bin/sh\ngrep -q good \"$CODEDEPLOY_TARGET_ROOT/www/page\"\n"),
    ];
    shop.deliver_source(&files).await;
}

fn page(place: &Path, host: &str) -> String {
    fs::read_to_string(place.join("hosts").join(host).join("www/page")).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_fails_fails_its_action_and_the_last_good_one_comes_back() {
    let shop = Shop::with(&declaration()).await;
    have(&shop, RESOURCES).await;
    deliver(&shop, "good 1").await;
    let first = shop.start().await;
    assert_eq!(shop.end(&first).await, "Succeeded", "{:#?}", shop.story(&first).await);

    deliver(&shop, "bad 2").await;
    let second = shop.start().await;
    assert_eq!(shop.end(&second).await, "Failed");
    let error = shop.action(&second, "Deploy").await.error().to_owned();
    assert!(error.contains("HEALTH_CONSTRAINTS") && error.contains("ValidateService"), "{error}");
    let is_back = async || {
        let pages = (page(shop.place(), "one"), page(shop.place(), "two"));
        (pages == ("good 1".into(), "good 1".into())).then_some(())
    };
    shop.until(&second, "the rollback", is_back).await;
    assert_eq!(shop.status(&second).await, "Failed", "a rollback is no success of the release");

    deliver(&shop, "good 3").await;
    let is_free = async || {
        let third = shop.start().await;
        (shop.end(&third).await == "Succeeded").then_some(())
    };
    shop.until(&second, "the group to be free again", is_free).await;
    assert_eq!(page(shop.place(), "two"), "good 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_a_command_or_a_url_and_not_both() {
    let shop = Shop::open().await;
    let path = shop.place().join("local-resources.yaml");
    for (function, problem) in [
        ("{ FunctionName: f }", "give it a Command or a Url, one of them"),
        ("{ FunctionName: f, Command: ['true'], Url: 'http://x' }", "one of them"),
        ("{ FunctionName: f, Command: ['true'], Timeout: 1000 }", "its timeout is 1 to 900 seconds"),
    ] {
        fs::write(&path, format!("functions:\n  - {function}\n")).expect("a file");
        let resources = resources::read(&path, true).expect("it can be read");
        let refused = resources::apply(shop.stack(), &resources).await.expect_err(problem).to_string();
        assert!(refused.contains("function f") && refused.contains(problem), "{refused}");
    }
    fs::write(&path, "functions:\n  - FunctionName: f\n    Handler: index.main\n").expect("a file");
    let refused = resources::read(&path, true).expect_err("there is no code here").to_string();
    assert!(refused.contains("Handler"), "{refused}");
}
