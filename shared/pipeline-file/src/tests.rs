//! Whole files through the door: what a person sees, and what a program gets.

use super::{Checked, Report, check};
use engine::declaration::Circumstances;

fn read(name: &str, text: &str) -> Result<Checked, Report> {
    check(name, text, &Circumstances::default())
}

fn refused(name: &str, text: &str) -> Report {
    match read(name, text) {
        Ok(_) => panic!("{name} was accepted"),
        Err(report) => report,
    }
}

const YAML: &str = r#"# How the site is released.
pipeline:
  name: site
  roleArn: arn:aws:iam::111122223333:role/site
  pipelineType: V2
  artifactStore: {type: S3, location: site-artifacts}
  variables:
    - name: greeting
      defaultValue: hello
  stages:
    - name: Source
      actions:
        - name: Fetch
          namespace: Code
          actionTypeId: &git {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
          configuration:
            RepositoryName: site
            BranchName: main
            PollForSourceChanges: "false"
          outputArtifacts: [{name: Tree}]
    - name: Build
      actions:
        - name: Make
          actionTypeId: {category: Compute, owner: AWS, provider: Commands, version: "1"}
          commands:
            - make site GREETING=#{variables.greeting}
            - echo '#{Code.CommitId}' > site/version
          inputArtifacts: [{name: Tree}]
          outputArtifacts: [{name: Site, files: ["site/**/*"]}]
    - name: Deploy
      actions:
        - name: Ask
          actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
        - name: Copy
          runOrder: 2
          actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: "1"}
          configuration: {BucketName: site-files, Extract: "true"}
          inputArtifacts: [{name: Site}]
tags:
  - {key: team, value: web}
"#;

fn json() -> String {
    let yaml = read("site.yaml", YAML).unwrap();
    let document = serde_json::json!({"pipeline": yaml.declaration, "tags": yaml.tags});
    serde_json::to_string_pretty(&document).unwrap()
}

#[test]
fn a_file_is_read_from_yaml_and_from_json_and_with_and_without_an_envelope() {
    let yaml = read("site.yaml", YAML).unwrap();
    assert_eq!(yaml.declaration.stages[2].actions[1].configuration("Extract"), Some("true"));
    assert_eq!(yaml.tags[0].key, "team");
    assert_eq!(read("site.json", &json()).unwrap(), yaml);
    // What get-pipeline prints has metadata beside the pipeline.
    let printed = json().replacen('{', "{\"metadata\": {\"pipelineArn\": \"arn\", \"created\": 1.5},", 1);
    assert_eq!(read("site", &printed).unwrap(), yaml);
    let bare = serde_json::to_string(&yaml.declaration).unwrap();
    let bare = read("site", &format!("\u{feff}{bare}")).unwrap();
    assert_eq!((bare.declaration, bare.tags), (yaml.declaration, Vec::new()));
}

#[test]
fn every_error_of_a_yaml_file_is_shown_at_its_line_with_what_to_do() {
    let text = YAML
        .replace(
            "roleArn: arn:aws:iam::111122223333:role/site",
            "roleArm: arn:aws:iam::111122223333:role/site",
        )
        .replace("PollForSourceChanges: \"false\"", "PollForSourceChanges: false")
        .replace("provider: Commands", "provider: Command")
        .replace("#{Code.CommitId}", "#{Code.CommitID}")
        .replace("runOrder: 2", "runOrder: two")
        .replace("Extract: \"true\"", "Extrct: \"true\"")
        .replace("[{name: Site}]", "[{name: Sites}]")
        .replace("- name: Deploy", "- name: Build")
        .replace("value: web", "value: 7");
    expect_test::expect_file!["tests/errors.yaml.txt"].assert_eq(&refused("site.yaml", &text).render(false));
}

#[test]
fn every_error_of_a_json_file_is_shown_at_its_line_with_what_to_do() {
    let text = json()
        .replacen("\"V2\"", "\"V3\"", 1)
        .replacen("\"provider\": \"S3\"", "\"provider\": \"ECS\"", 1)
        .replacen("\"name\": \"Ask\"", "\"name\": \"Copy\"", 1)
        .replacen("echo '#{Code.CommitId}'", "echo $(date) $(git show #{Code.CommitId})", 1)
        .replacen("\"BranchName\": \"main\"", "\"BranchName\": \"main\", \"BranchName\": \"\"", 1);
    expect_test::expect_file!["tests/errors.json.txt"].assert_eq(&refused("site.json", &text).render(false));
}

#[test]
fn a_program_gets_the_path_the_place_and_the_exception() {
    let text = YAML.replace("- name: Deploy", "- name: Build");
    let report = refused("site.yaml", &text);
    expect_test::expect![[r#"
        [
          {
            "path": "stages[2].name",
            "line": 30,
            "column": 13,
            "exception": "InvalidStageDeclarationException",
            "message": "Stage name 'Build' is used more than once",
            "help": "it is the name of stage 2 already; choose another"
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(report.problems()).unwrap());
    assert!(report.render(true).contains("\u{1b}["));
    assert!(!report.render(false).contains('\u{1b}'));
}

#[test]
fn a_value_of_a_rule_that_cannot_be_read_is_shown_at_its_place() {
    let rule = "    - name: Deploy
      beforeEntry:
        conditions:
          - result: FAIL
            rules:
              - name: Night
                ruleTypeId: {category: Rule, owner: AWS, provider: DeploymentWindow, version: \"1\"}
                configuration: {Cron: \"0 * 1-4 * * ?\"}
";
    let report = refused("site.yaml", &YAML.replace("    - name: Deploy\n", rule));
    let problems = serde_json::to_value(report.problems()).unwrap();
    let place =
        serde_json::json!(["stages[2].beforeEntry.conditions[0].rules[0].configuration.Cron", 37, 39]);
    let problem = &problems[0];
    assert_eq!(serde_json::json!([problem["path"], problem["line"], problem["column"]]), place, "{problems}");
    assert_eq!(problems.as_array().map(Vec::len), Some(1), "{problems}");
}

#[test]
fn what_cannot_be_read_is_one_error_at_its_place() {
    let shown: Vec<String> = [
        ("comma.json", "{\"name\": \"p\"\n \"roleArn\": \"r\"}"),
        ("empty.json", ""),
        ("empty.yaml", ""),
        ("list.json", "[1]"),
        ("text.yaml", "just words"),
        ("tab.yaml", "name: p\nstages:\n\t- name: Source\n"),
        ("quote.yaml", "name: \"p\nstages: []\n"),
        ("twice.yaml", "name: p\nroleArn: r\nname: q\n"),
        ("two.yaml", "name: p\n---\nname: q\n"),
        ("pipeline.json", "{\"pipeline\": []}"),
        ("stack.yaml", "Resources:\n  Role: {Type: AWS::IAM::Role}\n  Release:\n    Type: AWS::CodePipeline::Pipeline\n    Properties: {RoleArn: !GetAtt Role.Arn}\n"),
    ]
    .into_iter()
    .map(|(name, text)| {
        let report = refused(name, text);
        assert_eq!(report.problems().len(), 1, "{name}: {report}");
        report.render(false)
    })
    .collect();
    expect_test::expect_file!["tests/unreadable.txt"].assert_eq(&shown.join("\n"));
}

#[test]
fn hostile_files_are_refused_quickly() {
    let bomb = {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..12 {
            text.push_str(&format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", ")));
        }
        text
    };
    let shown: Vec<String> = [
        ("bomb.yaml", bomb),
        ("large.json", format!("{{\"name\": \"{}\"}}", "x".repeat(10 * 1024 * 1024))),
        ("deep.json", "[".repeat(100_000)),
        ("deep.yaml", "[".repeat(100_000)),
        ("nested.json", format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100))),
        ("nested.yaml", (0..100).map(|n| format!("{}a:\n", " ".repeat(n))).collect()),
        ("wide.json", format!("[{}1]", "[],".repeat(300_000))),
        ("wide.yaml", "- x\n".repeat(300_000)),
    ]
    .into_iter()
    .map(|(name, text)| format!("{name}: {}", refused(name, &text).problems()[0].message))
    .collect();
    expect_test::expect![[r#"
        bomb.yaml: this YAML stands for more than a pipeline can be (alias replay limit exceeded: total_replayed_events=100001 > 100000)
        large.json: the file has 10485772 bytes; at most 10485760 (10 MB) are read
        deep.json: this is not JSON: EOF while parsing a list
        deep.yaml: this YAML stands for more than a pipeline can be (recursion limit exceeded)
        nested.json: the file has more than 24 objects and lists in each other
        nested.yaml: this YAML stands for more than a pipeline can be (budget breached: Depth { depth: 25 })
        wide.json: the file has more than 250000 values
        wide.yaml: this YAML stands for more than a pipeline can be (budget breached: Nodes { nodes: 250001 })"#]].assert_eq(&shown.join("\n"));
}

#[test]
fn a_file_of_one_long_line_is_shown_in_part_and_its_errors_are_bounded() {
    let stage = "{\"name\": \"é\", \"actions\": [{\"nam\": 1}]},".repeat(4_000);
    let text = format!("{{\"name\": \"p\", \"stages\": [{}]}}", stage.trim_end_matches(','));
    let report = refused("long.json", &text);
    assert!((500..=2_000).contains(&report.problems().len()), "{}", report.problems().len());
    let text = report.render(false);
    assert!(text.len() < 60_000, "{}", text.len());
    assert!(text.lines().all(|line| line.chars().count() < 400));
}

mod reading {
    //! Both readers agree with `serde_json` on what a document says.

    use proptest::prelude::*;
    use serde_json::Value;

    use crate::{json, yaml};

    fn documents() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            "[\"\\\\/bfnrtu,:{}\\[\\] ]{0,8}".prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(".{0,6}", inner, 0..6)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_is_read_as_it_was_written_and_every_value_stands_where_it_is_said_to(
            document in documents(), pretty in any::<bool>()
        ) {
            let text =
                if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) }
                    .unwrap();
            let (node, problems) = json::read(&text).map_err(|problem| problem.message).unwrap();
            prop_assert_eq!(node.to_value(), document);
            prop_assert!(problems.is_empty());
            let written: Value = serde_json::from_str(&text[node.span.clone()]).unwrap();
            prop_assert_eq!(written, node.to_value());
        }

        #[test]
        fn no_text_makes_a_reader_panic(text in "[\\[\\]{}:,\"'&*!|> \n\ta-c0-2#-]{0,60}") {
            let circumstances = Default::default();
            let _ = crate::check("a.json", &text, &circumstances).map_err(|report| report.render(true));
            let _ = crate::check("a.yaml", &text, &circumstances).map_err(|report| report.render(true));
            let _ = yaml::read(&text);
        }
    }
}
