use aws_sdk_codebuild::types::{
    BuildBatchPhase, BuildBatchPhaseType, BuildSummary, ExportedEnvironmentVariable, PhaseContext,
    ProjectBuildBatchConfig,
};

use super::*;

fn group(identifier: &str) -> BuildGroup {
    let summary =
        BuildSummary::builder().arn(format!("arn:aws:codebuild:r:a:build/app:{identifier}")).build();
    BuildGroup::builder().identifier(identifier).current_build_summary(summary).build()
}

fn build(status: StatusType, exported: &[(&str, &str)], secondary: &[&str], of: &str) -> Build {
    let stored = |key: String| {
        BuildArtifacts::builder().location(format!("arn:aws:s3:::artifacts/{key}")).sha256_sum(key)
    };
    let mut build = Build::builder().build_status(status).artifacts(stored(format!("p/{of}")).build());
    for name in secondary {
        let artifacts = stored(format!("s/{of}/{name}")).artifact_identifier(*name).build();
        build = build.secondary_artifacts(artifacts);
    }
    for (name, value) in exported {
        let variable = ExportedEnvironmentVariable::builder().name(*name).value(*value).build();
        build = build.exported_environment_variables(variable);
    }
    build.build()
}

fn output(name: &str) -> ArtifactLocation {
    ArtifactLocation {
        name: name.into(),
        bucket: "artifacts".into(),
        key: format!("planned/{name}"),
        sha256: String::new(),
        size_bytes: 0,
    }
}

#[test]
fn outputs_are_the_artifacts_of_builds_by_their_names() {
    let groups = [group("build1"), group("build2"), group("build1_arm"), group("broken")];
    let builds = [
        build(StatusType::Succeeded, &[], &["docs"], "1"),
        build(StatusType::Succeeded, &[], &[], "2"),
        build(StatusType::Succeeded, &[], &[], "arm"),
        build(StatusType::Failed, &[], &[], "broken"),
    ];
    let batch = BuildBatch::builder().set_build_groups(Some(groups.to_vec())).build();
    let builds: Vec<BuildOf<'_>> = groups.iter().zip(&builds).collect();
    let keys = |names: &[&str]| {
        let outputs: Vec<_> = names.iter().map(|name| output(name)).collect();
        let made = apart(&batch, &builds, &outputs)?;
        assert!(made.iter().all(|artifact| artifact.sha256 == artifact.key));
        Ok::<_, String>(made.into_iter().map(|artifact| artifact.key).collect::<Vec<_>>())
    };
    assert_eq!(
        keys(&["build1", "build1_docs", "build1_arm", "build2"]).unwrap(),
        ["p/1", "s/1/docs", "p/arm", "p/2"]
    );
    assert_eq!(keys(&["broken", "build2"]).unwrap(), ["p/2"], "what failed has made nothing");
    for wrong in ["build3", "build2_docs", "build"] {
        let message = keys(&[wrong]).unwrap_err();
        assert!(
            message.contains(wrong) && message.contains("build1, build2, build1_arm, broken"),
            "{message}"
        );
    }
}

#[test]
fn a_combined_artifact_is_where_the_batch_says() {
    let config = ProjectBuildBatchConfig::builder().combine_artifacts(true).build();
    let made = BuildArtifacts::builder().location("arn:aws:s3:::artifacts/all").sha256_sum("abc").build();
    let batch = BuildBatch::builder().build_batch_config(config);
    assert_eq!(combined(&batch.clone().build(), &output("all")).key, "planned/all");
    let artifact = combined(&batch.artifacts(made).build(), &output("all"));
    assert_eq!((artifact.key.as_str(), artifact.sha256.as_str()), ("all", "abc"));
}

#[test]
fn variables_have_the_name_of_their_build_and_their_own_where_builds_agree() {
    let groups = [group("a"), group("b")];
    let builds = [
        build(StatusType::Succeeded, &[("VERSION", "1"), ("OS", "linux"), ("ONLY", "a")], &[], "a"),
        build(StatusType::Succeeded, &[("VERSION", "1"), ("OS", "mac")], &[], "b"),
    ];
    let variables = variables(&groups.iter().zip(&builds).collect::<Vec<_>>());
    let variables: Vec<_> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let expected =
        ["ONLY=a", "VERSION=1", "a_ONLY=a", "a_OS=linux", "a_VERSION=1", "b_OS=mac", "b_VERSION=1"];
    assert_eq!(variables, expected);
}

#[test]
fn a_failure_is_that_of_the_build_which_caused_it() {
    let mut ignored = group("ignored");
    ignored.ignore_failure = true;
    let groups = [group("good"), ignored, group("stopped"), group("bad")];
    let builds = [
        build(StatusType::Succeeded, &[], &[], "1"),
        build(StatusType::Failed, &[], &[], "2"),
        build(StatusType::Stopped, &[], &[], "3"),
        build(StatusType::Failed, &[], &[], "4"),
    ];
    let context = PhaseContext::builder().message("no buildspec").build();
    let phase = BuildBatchPhase::builder()
        .phase_type(BuildBatchPhaseType::DownloadBatchspec)
        .contexts(context)
        .build();
    let batch = BuildBatch::builder().phases(phase).build();
    let all: Vec<BuildOf<'_>> = groups.iter().zip(&builds).collect();
    for (builds, expected) in [
        (&all[..], "FAILED. Build bad: Build terminated with state: FAILED."),
        (&all[..3], "FAILED. Build stopped: Build terminated with state: STOPPED."),
        (&all[..2], "FAILED. DOWNLOAD_BATCHSPEC: no buildspec"),
        (&[], "FAILED. DOWNLOAD_BATCHSPEC: no buildspec"),
    ] {
        let message = why(&batch, builds, &StatusType::Failed);
        assert!(message.starts_with(&format!("Build batch terminated with state: {expected}")), "{message}");
    }
}
