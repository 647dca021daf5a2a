//! Keys with which a function or a worker reads its input artifacts and writes its output artifacts, and nothing else:
//! `artifactCredentials` of a job, as CodePipeline gives them.

use aws_sdk_sts::types::Credentials;
use engine::decide::ArtifactLocation;
use serde_json::{Value, json};

use crate::{Fault, Platform};

/// Keys of a role that was assumed by a role live no longer (IAM user guide, "role chaining"). Who works longer
/// on a job asks for a continuation.
const LIFETIME_SECONDS: i32 = 3600;

pub(super) async fn artifact_keys(
    platform: &Platform,
    job_id: &str,
    inputs: &[ArtifactLocation],
    outputs: &[ArtifactLocation],
) -> Result<Value, Fault> {
    let role = platform.config.artifact_access_role_arn.as_deref().ok_or_else(|| {
        Fault::misconfigured(
            "the environment variable ARTIFACT_ACCESS_ROLE_ARN is not set; template.yaml sets it",
        )
    })?;
    let request = platform
        .sts
        .assume_role()
        .role_arn(role)
        .role_session_name(job_id)
        .policy(session_policy(inputs, outputs).to_string())
        .duration_seconds(LIFETIME_SECONDS);
    let output = request.send().await.map_err(|error| Fault::of_call("drawing keys for artifacts", error))?;
    let keys = output.credentials.ok_or_else(|| Fault::unavailable("STS gives no keys"))?;
    Ok(as_in_a_job(&keys))
}

fn as_in_a_job(keys: &Credentials) -> Value {
    json!({
        "accessKeyId": keys.access_key_id,
        "secretAccessKey": keys.secret_access_key,
        "sessionToken": keys.session_token,
        "expirationTime": keys.expiration.to_millis().unwrap_or_default(),
    })
}

/// What the role's own policy allows, and of that no more than this.
fn session_policy(inputs: &[ArtifactLocation], outputs: &[ArtifactLocation]) -> Value {
    let objects = |artifacts: &[ArtifactLocation]| {
        let arns =
            artifacts.iter().map(|artifact| format!("arn:aws:s3:::{}/{}", artifact.bucket, artifact.key));
        arns.collect::<Vec<_>>()
    };
    let allow = |actions: &[&str], resources: Vec<String>| {
        (!resources.is_empty())
            .then(|| json!({ "Effect": "Allow", "Action": actions, "Resource": resources }))
    };
    let mut statements: Vec<Value> = [
        allow(&["s3:GetObject", "s3:GetObjectVersion"], objects(inputs)),
        allow(&["s3:PutObject"], objects(outputs)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if statements.is_empty() {
        // A policy has at least one statement.
        statements.push(json!({ "Effect": "Deny", "Action": "*", "Resource": "*" }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_open_the_artifacts_of_the_job() {
        let artifact = |key: &str| ArtifactLocation {
            name: key.into(),
            bucket: "artifacts".into(),
            key: key.into(),
            sha256: String::new(),
            size_bytes: 0,
        };
        let policy =
            session_policy(&[artifact("shop/In/1")], &[artifact("shop/Out/2"), artifact("shop/Out/3")]);
        assert_eq!(
            policy["Statement"],
            json!([
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                    "Resource": ["arn:aws:s3:::artifacts/shop/In/1"],
                },
                {
                    "Effect": "Allow",
                    "Action": ["s3:PutObject"],
                    "Resource": ["arn:aws:s3:::artifacts/shop/Out/2", "arn:aws:s3:::artifacts/shop/Out/3"],
                },
            ])
        );
        let nothing = session_policy(&[], &[]);
        assert_eq!(nothing["Statement"][0]["Effect"], "Deny");
        let many: Vec<_> = (0..5).map(|number| artifact(&format!("{}/{number}", "x".repeat(40)))).collect();
        assert!(session_policy(&many, &many).to_string().len() < 2048, "STS takes no longer one");
    }
}
