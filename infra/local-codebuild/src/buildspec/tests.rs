//! What a buildspec means, and where it is refused.

use super::{ArtifactFiles, Buildspec, OnFailure, ReportFormat, Retry, SecretReference, Shell, parse};

/// A buildspec with one command and `rest`.
fn with(rest: &str) -> String {
    format!("version: 0.2\nphases: {{build: {{commands: [make]}}}}\n{rest}\n")
}

fn parsed(source: &str) -> Buildspec {
    parse(source).unwrap_or_else(|error| panic!("{error}\n{source}"))
}

#[test]
fn everything_that_is_supported_is_read() {
    let buildspec = parsed(
        r#"
version: 0.2
run-as: me
env:
  shell: bash
  variables: {NUMBER: 1.10, FLAG: yes, OCTAL: 010, HEX: 0x1F, EMPTY: , TEXT: "a b", LONG: 123456789012345678901234567890}
  exported-variables: [A, B_2]
phases:
  install:
    runtime-versions: {nodejs: 20, python: 3.10}
    commands: npm ci
  pre_build:
    on-failure: CONTINUE
    commands:
      - |
        one
        two
    finally: [echo done]
  build: {on-failure: ABORT, commands: [make, true, 5]}
artifacts:
  files: '**/*'
  name: out
  base-directory: dist
  discard-paths: yes
  exclude-paths: ['*.tmp']
  secondary-artifacts:
    Two: {files: [a, b], enable-symlinks: yes}
cache: {paths: [x], key: k, fallback-keys: [f], action: save}
reports: {g: {files: [x], file-format: CucumberJson, base-directory: b, discard-paths: yes}}
proxy: {logs: no, upload-artifacts: no}
"#,
    );
    assert_eq!(buildspec.shell, Shell::Bash);
    assert_eq!(buildspec.run_as, ["me"]);
    let variables = buildspec.variables.iter().map(|(name, value)| format!("{name}={value}"));
    let variables: Vec<String> = variables.collect();
    assert_eq!(
        variables,
        [
            "NUMBER=1.10",
            "FLAG=yes",
            "OCTAL=010",
            "HEX=0x1F",
            "EMPTY=",
            "TEXT=a b",
            "LONG=123456789012345678901234567890"
        ]
    );
    assert_eq!(buildspec.exported_variables, ["A", "B_2"]);
    assert_eq!(buildspec.install.commands, ["npm ci"]);
    assert_eq!(buildspec.runtime_versions[1], ("python".into(), "3.10".into()));
    assert_eq!(buildspec.pre_build.commands, ["one\ntwo\n"]);
    assert_eq!(buildspec.pre_build.finally, ["echo done"]);
    assert_eq!(buildspec.pre_build.on_failure, OnFailure::Continue);
    assert_eq!(buildspec.build.commands, ["make", "true", "5"]);
    assert_eq!(buildspec.build.on_failure, OnFailure::Abort);
    assert_eq!(buildspec.post_build.on_failure, OnFailure::Unspecified);
    let artifacts = ArtifactFiles {
        files: vec!["**/*".into()],
        exclude_paths: vec!["*.tmp".into()],
        base_directory: Some("dist".into()),
        discard_paths: true,
        name: Some("out".into()),
        enable_symlinks: false,
        s3_prefix: None,
    };
    assert_eq!(buildspec.artifacts, Some(artifacts));
    assert_eq!(buildspec.secondary_artifacts[0].0, "Two");
    assert!(buildspec.secondary_artifacts[0].1.enable_symlinks);
    let cache = buildspec.cache.unwrap();
    assert_eq!((cache.key.as_deref(), cache.is_restored, cache.is_saved), (Some("k"), false, true));
    assert_eq!((cache.fallback_keys, cache.paths), (vec!["f".to_owned()], vec!["x".to_owned()]));
    let (group, report) = &buildspec.reports[0];
    assert_eq!(
        (group.as_str(), report.format, report.discard_paths),
        ("g", ReportFormat::CucumberJson, true)
    );
    assert_eq!(buildspec.notices, Vec::<String>::new());
}

#[test]
fn version_0_1_has_other_words_and_isolated_commands() {
    let buildspec = parsed(
        "version: 0.1\nenvironment_variables: {plaintext: {A: b}}\nphases: {build: {commands: [make]}}\n",
    );
    assert!(buildspec.has_isolated_commands);
    assert_eq!(buildspec.variables, [("A".into(), "b".into())]);
    assert!(!parsed(&with("")).has_isolated_commands);
    assert_eq!(parsed(&with("environment_variables: {plaintext: {A: b}}")).variables, []);
}

#[test]
fn what_changes_nothing_is_ignored_with_a_notice() {
    let cases = [
        (with("proxy: {logs: yes}"), "buildspec line 3: proxy.logs: has no effect"),
        (with("cache: {paths: [x], fallback-keys: [y]}"), "cache: has fallback-keys without a key"),
        (with("artifacts: {type: zip, files: [x]}"), "artifacts.type: is not known to CodeBuild"),
        (
            with("env: {git-credential-helper: yes}"),
            "env.git-credential-helper: has no effect; git uses what the host has configured",
        ),
        (with("unknown: 1"), "unknown: is not known to CodeBuild"),
    ];
    for (source, expected) in cases {
        let notices = parsed(&source).notices.join("\n");
        assert!(notices.contains(expected), "{source}: {notices}");
    }
    assert!(parsed(&with("env: {git-credential-helper: no}")).notices.is_empty());
}

#[test]
fn what_cannot_be_honoured_is_refused_with_its_place() {
    let cases = [
        ("", "the buildspec is empty"),
        ("- a\n", "line 1, column 1: the buildspec must be a mapping, not a list"),
        ("phases: {}\n", "version is missing"),
        ("version: 7\n", "line 1, column 10: version: there is no version \"7\""),
        ("version: 0.2\n", "phases has no commands"),
        ("version: 0.2\nphases: {deploy: {commands: [x]}}", "there is no phase \"deploy\""),
        (
            "version: 0.2\nphases:\n  build:\n    commands:\n      - ok\n      - echo \"x\": y\n",
            "line 6, column 9: ",
        ),
        (
            "version: 0.2\nphases:\n  build:\n    commands:\n      - ok\n      - echo a: y\n",
            "line 6, column 9: phases.build.commands[1]: must be a string, not a mapping; put quotes",
        ),
        ("version: 0.2\nphases: {build: {commands: [~]}}", "is an empty command"),
        ("version: 0.2\nphases: {build: {on-failure: RETRY-101, commands: [x]}}", "at most 100"),
        ("version: 0.2\nphases: {build: {on-failure: 'RETRY-3-(', commands: [x]}}", "no regular expression"),
        ("version: 0.2\nphases: {build: {on-failure: MAYBE, commands: [x]}}", "must be ABORT, CONTINUE"),
        (
            "version: 0.2\nbatch: {build-list: [{identifier: a, buildspec: a.yml}]}",
            "a buildspec with a batch alone needs StartBuildBatch",
        ),
        (&with("batch: {fast-fail: true}"), "line 3, column 8: batch: has no builds"),
        (&with("env: {parameter-store: {A: }}"), "env.parameter-store.A: must be the name of a parameter"),
        (&with("env: {secrets-manager: {A: ':key'}}"), "must be secret-id:json-key"),
        (&with("env: {secrets-manager: {'A-B': x}}"), "is no name of a variable"),
        (&with("env: {shell: powershell.exe}"), "Windows shells are not supported"),
        (&with("env: {shell: zsh}"), "the shell \"zsh\" is not supported"),
        (&with("reports: {r: {files: [x], file-format: TAP}}"), "there is no format \"TAP\""),
        (&with("reports: {r: {file-format: JUNITXML}}"), "reports.r: files is missing"),
        (&with("reports: {a: , b: , c: , d: , e: , f: }"), "has 6 report groups"),
        (&with("cache: {paths: [x], action: both}"), "cache.action: must be restore or save"),
        (&with("cache: {paths: [x], key: k, fallback-keys: [a, b, c, d, e, f]}"), "at most 5"),
        (&with("env: {variables: {'A B': x}}"), "\"A B\" is no name of a variable"),
        (&with("env: {variables: {A: [x]}}"), "env.variables.A: must be a string, not a list"),
        (&with("env: {exported-variables: ['$(x)']}"), "is no name of a variable"),
        (&with("artifacts: {name: x}"), "artifacts: files is missing"),
        (
            &with("artifacts: {secondary-artifacts: {A: {name: x}}}"),
            "artifacts.secondary-artifacts.A: files is missing",
        ),
        (&with("artifacts: {files: [x], discard-paths: maybe}"), "must be yes or no, not \"maybe\""),
        (&with("cache: {}\ncache: {}"), "line 4"),
        (&with("x: ["), "it is not valid YAML"),
    ];
    for (source, expected) in cases {
        let error = parse(source).expect_err(source).to_string();
        assert!(error.contains(expected), "{source}\ngives {error}\nnot {expected}");
    }
}

#[test]
fn on_failure_retries_as_often_as_it_says_and_for_what() {
    let retry = |times, pattern: &str| OnFailure::Retry(Retry { times, pattern: pattern.into() });
    let cases = [
        ("RETRY", retry(3, ".*")),
        ("RETRY-0", retry(0, ".*")),
        ("RETRY-12", retry(12, ".*")),
        ("RETRY-.*timed out.*", retry(3, ".*timed out.*")),
        ("RETRY-2-exit-status [12]", retry(2, "exit-status [12]")),
        ("Retry-no-route", retry(3, "no-route")),
    ];
    for (text, expected) in cases {
        let source = format!("version: 0.2\nphases: {{build: {{on-failure: '{text}', commands: [x]}}}}");
        assert_eq!(parsed(&source).build.on_failure, expected, "{text}");
    }
}

#[test]
fn secrets_are_references_to_a_store() {
    let source = with("env: {parameter-store: {P: /shop/token}, secrets-manager: {S: 'shop/db:password'}}");
    let secrets = parsed(&source).secrets;
    assert_eq!(secrets[0].reference, SecretReference::ParameterStore("/shop/token".into()));
    assert_eq!((secrets[0].name.as_str(), secrets[1].name.as_str()), ("P", "S"));
    assert!(
        matches!(&secrets[1].reference, SecretReference::SecretsManager { secret_id, .. } if secret_id == "shop/db")
    );
    let old =
        "version: 0.1\nenvironment_variables: {parameter-store: {P: x}}\nphases: {build: {commands: [x]}}";
    assert_eq!(parsed(old).secrets.len(), 1);
}

#[test]
fn a_yaml_bomb_is_refused_quickly() {
    let mut bomb = String::from("version: 0.2\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let last = level - 1;
        bomb +=
            &format!("a{level}: &a{level} [*a{last}, *a{last}, *a{last}, *a{last}, *a{last}, *a{last}]\n");
    }
    let deep = format!("version: 0.2\nx: {}{}", "[".repeat(5_000), "]".repeat(5_000));
    let large = format!("version: 0.2\nx: {}", "y".repeat(2_000_000));
    for source in [bomb, deep, large] {
        assert!(parse(&source).is_err());
    }
}
