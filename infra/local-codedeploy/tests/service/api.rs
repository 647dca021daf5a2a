//! Applications, groups, and what the operations refuse.

use local_codedeploy::{LatestRevisions, RevisionStore, S3Location, Target};
use local_service::{ApiError, BoxFuture, ObjectStore};
use serde_json::{Value, json};

use crate::fixture::fixture;

#[tokio::test]
async fn applications_and_groups_are_made_read_changed_and_removed() {
    let fixture = fixture();
    let call = |operation: &'static str, input: Value| fixture.call(operation, input);
    let created =
        call("CreateApplication", json!({ "applicationName": "blog", "computePlatform": "Server" }))
            .await
            .unwrap();
    let got = call("GetApplication", json!({ "applicationName": "blog" })).await.unwrap();
    assert_eq!(got["application"]["applicationId"], created["applicationId"]);
    assert_eq!(
        call("ListApplications", json!({})).await.unwrap(),
        json!({ "applications": ["blog", "shop"] })
    );

    let group = json!({
        "applicationName": "blog",
        "deploymentGroupName": "test",
        "serviceRoleArn": "arn:aws:iam::000000000000:role/deploy",
        "ec2TagFilters": [{ "Key": "Name", "Value": "web", "Type": "KEY_AND_VALUE" }],
        "alarmConfiguration": { "enabled": false, "alarms": [] },
    });
    let id = call("CreateDeploymentGroup", group).await.unwrap()["deploymentGroupId"].clone();
    call(
        "UpdateDeploymentGroup",
        json!({
            "applicationName": "blog",
            "currentDeploymentGroupName": "test",
            "newDeploymentGroupName": "staging",
            "deploymentConfigName": "CodeDeployDefault.AllAtOnce",
        }),
    )
    .await
    .unwrap();
    let named = json!({ "applicationName": "blog", "deploymentGroupName": "staging" });
    let info = call("GetDeploymentGroup", named.clone()).await.unwrap()["deploymentGroupInfo"].clone();
    assert_eq!(
        (&info["deploymentGroupId"], &info["deploymentConfigName"]),
        (&id, &json!("CodeDeployDefault.AllAtOnce"))
    );
    assert_eq!(info["ec2TagFilters"][0]["Value"], "web");
    assert!(info["alarmConfiguration"].is_null());
    let listed = call("ListDeploymentGroups", json!({ "applicationName": "blog" })).await.unwrap();
    assert_eq!(listed["deploymentGroups"], json!(["staging"]));

    let fixture = fixture.reopened();
    let call = |operation: &'static str, input: Value| fixture.call(operation, input);
    assert!(call("GetDeploymentGroup", named.clone()).await.is_ok(), "it is there after a restart");
    call("DeleteDeploymentGroup", named.clone()).await.unwrap();
    assert_eq!(
        call("GetDeploymentGroup", named).await.unwrap_err().code,
        "DeploymentGroupDoesNotExistException"
    );
    call("DeleteApplication", json!({ "applicationName": "blog" })).await.unwrap();
    let gone = call("GetApplication", json!({ "applicationName": "blog" })).await.unwrap_err();
    assert_eq!(
        gone,
        ApiError::client("ApplicationDoesNotExistException", "No application found for name: blog")
    );
}

/// `fields` and those of `more`.
fn merged(fields: Value, more: Value) -> Value {
    let mut merged = fields.as_object().unwrap().clone();
    merged.extend(more.as_object().unwrap().clone());
    merged.into()
}

#[tokio::test]
async fn groups_that_cannot_be_are_refused_with_the_exception_of_the_model() {
    let fixture = fixture();
    let role = "arn:aws:iam::000000000000:role/deploy";
    let group = |more: Value| {
        merged(
            json!({ "applicationName": "shop", "deploymentGroupName": "new", "serviceRoleArn": role }),
            more,
        )
    };
    let cases = [
        (json!({ "applicationName": "no" }), "ApplicationDoesNotExistException"),
        (json!({ "serviceRoleArn": null }), "RoleRequiredException"),
        (json!({ "deploymentGroupName": "" }), "DeploymentGroupNameRequiredException"),
        (json!({ "deploymentConfigName": "Mine" }), "DeploymentConfigDoesNotExistException"),
        (json!({ "deploymentStyle": { "deploymentType": "BLUE_GREEN" } }), "InvalidDeploymentStyleException"),
        (
            json!({ "loadBalancerInfo": { "elbInfoList": [{ "name": "x" }] } }),
            "InvalidLoadBalancerInfoException",
        ),
        (json!({ "triggerConfigurations": [{ "triggerName": "x" }] }), "InvalidTriggerConfigException"),
    ];
    for (more, code) in cases {
        let error = fixture.call("CreateDeploymentGroup", group(more.clone())).await.expect_err(code);
        assert_eq!(error.code, code, "{more}: {error}");
    }
}

#[tokio::test]
async fn deployments_that_cannot_be_are_refused_with_the_exception_of_the_model() {
    let fixture = fixture();
    let location = json!({ "bucket": "b", "key": "k", "bundleType": "zip" });
    let revision = |more: Value| json!({ "revision": { "revisionType": "S3", "s3Location": merged(location.clone(), more) } });
    let cases = [
        (json!({}), "RevisionRequiredException"),
        (json!({ "revision": { "revisionType": "GitHub" } }), "InvalidRevisionException"),
        (revision(json!({ "bundleType": "tgz" })), "InvalidRevisionException"),
        (revision(json!({ "unknown": "x" })), "InvalidRevisionException"),
        (
            merged(revision(json!({})), json!({ "deploymentGroupName": "no" })),
            "DeploymentGroupDoesNotExistException",
        ),
        (
            merged(revision(json!({})), json!({ "fileExistsBehavior": "KEEP" })),
            "InvalidFileExistsBehaviorException",
        ),
        (
            merged(revision(json!({})), json!({ "deploymentConfigName": "Mine" })),
            "DeploymentConfigDoesNotExistException",
        ),
        (
            merged(revision(json!({})), json!({ "targetInstances": { "tagFilters": [{ "Key": "a" }] } })),
            "UnsupportedOperation",
        ),
    ];
    for (more, code) in cases {
        let shop = json!({ "applicationName": "shop", "deploymentGroupName": "production" });
        let error = fixture.call("CreateDeployment", merged(shop, more.clone())).await.expect_err(code);
        assert_eq!(error.code, code, "{more}: {error}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_refused_with_the_exception_of_the_model() {
    let fixture = fixture();
    let cases = [
        ("CreateApplication", json!({}), "ApplicationNameRequiredException"),
        ("CreateApplication", json!({ "applicationName": "shop" }), "ApplicationAlreadyExistsException"),
        (
            "CreateApplication",
            json!({ "applicationName": "f", "computePlatform": "ECS" }),
            "InvalidComputePlatformException",
        ),
        ("GetDeployment", json!({}), "DeploymentIdRequiredException"),
        ("GetDeployment", json!({ "deploymentId": "x" }), "InvalidDeploymentIdException"),
        ("GetDeployment", json!({ "deploymentId": "d-ABCDEFGHI" }), "DeploymentDoesNotExistException"),
        ("StopDeployment", json!({ "deploymentId": "../d-ABCDEFGHI" }), "InvalidDeploymentIdException"),
        ("BatchGetDeployments", json!({ "deploymentIds": vec!["d-A"; 26] }), "BatchLimitExceededException"),
        ("RegisterApplicationRevision", json!({}), "UnsupportedOperation"),
    ];
    for (operation, input, code) in cases {
        let error = fixture.call(operation, input.clone()).await.expect_err(operation);
        assert_eq!(error.code, code, "{operation} {input}: {error}");
    }
}

#[tokio::test]
async fn a_group_without_targets_fails_as_one_without_instances() {
    let fixture = fixture();
    fixture.service.define_group("shop", "production", vec![]).unwrap();
    let info = fixture.deploy("any.zip").await;
    assert_eq!(
        (&info["status"], &info["errorInformation"]["code"]),
        (&json!("Failed"), &json!("NO_INSTANCES"))
    );
    let read = fixture
        .call("BatchGetDeployments", json!({ "deploymentIds": [info["deploymentId"]] }))
        .await
        .unwrap();
    assert_eq!(read["deploymentsInfo"], json!([info]));

    let refused = |name: &str, root: &str| {
        let target = Target { name: name.into(), root: root.into() };
        fixture.service.define_group("shop", "production", vec![target]).unwrap_err().code
    };
    for (name, root) in [("../up", "/tmp/a"), ("", "/tmp/a"), ("..", "/tmp/a"), ("a", "relative")] {
        assert_eq!(refused(name, root), "InvalidTargetException", "{name} {root}");
    }
}

struct OneObject;

impl ObjectStore for OneObject {
    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<Vec<u8>, ApiError>> {
        Box::pin(async move { Ok(format!("{bucket}/{key}").into_bytes()) })
    }

    fn put<'a>(&'a self, _: &'a str, _: &'a str, _: Vec<u8>) -> BoxFuture<'a, Result<(), ApiError>> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn a_store_without_versions_does_not_pretend_to_have_them() {
    let store = LatestRevisions(std::sync::Arc::new(OneObject));
    let location = |version: Option<&str>| S3Location {
        bucket: "b".into(),
        key: "k".into(),
        bundle_type: Some("zip".into()),
        version: version.map(Into::into),
        e_tag: None,
    };
    assert_eq!(store.get(&location(None)).await.unwrap(), b"b/k");
    assert_eq!(store.get(&location(Some("1"))).await.unwrap_err().code, "InvalidRevisionException");
}
