//! Who may do what: by the role that a key was issued for.

use aws_sdk_codepipeline::types::{ApprovalResult, ApprovalStatus};
use serde_json::json;

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, approval, pipeline, stage};
use crate::process::command;
use crate::served::Served;
use crate::shop::Shop;

const DENIED: &str = "AccessDeniedException";

async fn shop() -> Shop {
    Shop::with(&pipeline([stage("Approve", [approval("Approve")])])).await
}

async fn approve(client: &OfficialClient, token: &str) -> Result<(), (String, String)> {
    let result = ApprovalResult::builder().summary("fine").status(ApprovalStatus::Approved);
    let request = client.client.put_approval_result().pipeline_name(PIPELINE).stage_name("Approve");
    let request = request.action_name("Approve").token(token).result(result.build().expect("complete"));
    let answer = request.send().await;
    if answer.is_ok() { Ok(()) } else { Err(code(answer)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_does_its_part_and_no_other() {
    let shop = shop().await;
    let reader = OfficialClient::of_role(&shop, "reader").await;
    let operator = OfficialClient::of_role(&shop, "operator").await;
    let approver = OfficialClient::of_role(&shop, "approver").await;
    let worker = OfficialClient::of_role(&shop, "job-worker").await;
    let nobody = OfficialClient::of_role(&shop, "nobody").await;

    for client in [&reader, &operator, &approver] {
        client.client.get_pipeline_state().name(PIPELINE).send().await.expect("who may read");
        let (name, said) = code(client.client.delete_pipeline().name(PIPELINE).send().await);
        assert_eq!(name, DENIED, "{said}");
    }
    for client in [&worker, &nobody] {
        assert_eq!(code(client.client.list_pipelines().send().await).0, DENIED);
    }
    let (name, said) = code(reader.client.start_pipeline_execution().name(PIPELINE).send().await);
    assert_eq!(name, DENIED);
    assert_eq!(
        said,
        "User: arn:aws:sts::123456789012:assumed-role/reader/alice is not authorized to perform: \
         codepipeline:StartPipelineExecution on resource: arn:aws:codepipeline:us-east-1:123456789012:release \
         because no identity-based policy allows the codepipeline:StartPipelineExecution action"
    );
    let (_, said) =
        code(reader.client.get_job_details().job_id("00000000-0000-4000-8000-000000000000").send().await);
    assert!(said.ends_with("with an explicit deny in an identity-based policy"), "{said}");

    let started = operator.client.start_pipeline_execution().name(PIPELINE).send().await.expect("its part");
    let id = started.pipeline_execution_id().expect("an id");
    let token = shop.approval_of(id, "Approve").await;
    for client in [&reader, &operator, &worker, &nobody] {
        assert_eq!(approve(client, &token).await.expect_err("not its part").0, DENIED);
    }
    approve(&approver, &token).await.expect("its part");
    assert_eq!(shop.end(id).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_may_have_policies_of_its_own() {
    let shop = shop().await;
    let other = pipeline([stage("Approve", [approval("Approve")])]);
    let other = crate::declare::with(other, "name", json!("bank"));
    shop.create(&other).await.expect("another pipeline");
    let arn = format!("arn:aws:codepipeline:us-east-1:123456789012:{PIPELINE}");
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": "codepipeline:*", "Resource": [arn, format!("{arn}/*")] },
    });
    shop.stack().define_role("release-team", &policy).await.expect("a policy");
    let team = OfficialClient::of_role(&shop, "release-team").await;
    team.client.start_pipeline_execution().name(PIPELINE).send().await.expect("their pipeline");
    assert_eq!(code(team.client.start_pipeline_execution().name("bank").send().await).0, DENIED);
    assert_eq!(code(team.client.list_pipelines().send().await).0, DENIED, "all of them");

    // One of the service's own is replaced.
    shop.stack().define_role("reader", &policy).await.expect("a policy");
    let reader = OfficialClient::of_role(&shop, "reader").await;
    reader.client.start_pipeline_execution().name(PIPELINE).send().await.expect("that is what it says now");
    for (name, policy, expected) in [
        ("administrator", policy.clone(), "cannot be changed"),
        ("a/b", policy.clone(), "a role's name"),
        ("team", json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow" } }), "Action is missing"),
    ] {
        let refused = shop.stack().define_role(name, &policy).await.expect_err(name);
        assert!(refused.to_string().contains(expected), "{name}: {refused}");
    }
}

/// Whoever has a key reaches the embedded services by it, too: with the same policies.
#[test]
fn a_role_counts_for_the_embedded_services_and_for_backups() {
    let served = Served::with([stage("Approve", [approval("Approve")])]);
    let keys = |role: &str| {
        let printed = served.say(&["credentials", "--name", "ann", "--role", role]).assert_status(0);
        let printed: serde_json::Value = serde_json::from_str(&printed.output).expect("JSON");
        move |name: &str| printed[name].as_str().expect("a key").to_owned()
    };
    let run = |role: &str, arguments: &[&str]| {
        let (key, mut pipewright) = (keys(role), command(crate::process::pipewright()));
        pipewright.env("AWS_ACCESS_KEY_ID", key("AccessKeyId"));
        pipewright.env("AWS_SECRET_ACCESS_KEY", key("SecretAccessKey"));
        pipewright.env("AWS_SESSION_TOKEN", key("SessionToken")).env("AWS_CONFIG_FILE", "/dev/null");
        let endpoint = format!("http://{}", served.address());
        pipewright.args(arguments).args(["--endpoint-url", &endpoint, "--region", "us-east-1"]);
        let output = pipewright.output().expect("it starts");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, said) = run("reader", &["events"]);
    assert_eq!(status, Some(0), "{said}");
    for (role, arguments, expected) in [
        ("reader", ["start", PIPELINE], "codepipeline:StartPipelineExecution"),
        ("job-worker", ["events", PIPELINE], "logs:DescribeLogStreams"),
        ("artifact-access", ["state", PIPELINE], "codepipeline:GetPipeline"),
    ] {
        let (status, said) = run(role, &arguments);
        assert!(status == Some(4) && said.contains(expected), "{role} {arguments:?}: {status:?} {said}");
    }
}
