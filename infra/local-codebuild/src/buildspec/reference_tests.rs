//! The reference page says what the parser does, for each key.

use std::collections::BTreeMap;

use super::parse;

const PAGE: &str = include_str!("../../../../docs/buildspec.md");

/// A use of each key, as YAML after `version: 0.2` and a phase with a command.
const USES: &[(&str, &str)] = &[
    ("run-as", "run-as: root"),
    ("env.shell", "env: {shell: bash}"),
    ("env.variables", "env: {variables: {A: b}}"),
    ("env.parameter-store", "env: {parameter-store: {A: b}}"),
    ("env.secrets-manager", "env: {secrets-manager: {A: b}}"),
    ("env.exported-variables", "env: {exported-variables: [A]}"),
    ("env.git-credential-helper", "env: {git-credential-helper: yes}"),
    ("proxy.upload-artifacts", "proxy: {upload-artifacts: yes}"),
    ("proxy.logs", "proxy: {logs: yes}"),
    ("reports.*.files", "reports: {r: {files: [x]}}"),
    ("reports.*.base-directory", "reports: {r: {files: [x], base-directory: y}}"),
    ("reports.*.discard-paths", "reports: {r: {files: [x], discard-paths: yes}}"),
    ("reports.*.file-format", "reports: {r: {files: [x], file-format: SIMPLECOV}}"),
    ("artifacts.files", "artifacts: {files: [x]}"),
    ("artifacts.name", "artifacts: {files: [x], name: y}"),
    ("artifacts.discard-paths", "artifacts: {files: [x], discard-paths: yes}"),
    ("artifacts.base-directory", "artifacts: {files: [x], base-directory: y}"),
    ("artifacts.exclude-paths", "artifacts: {files: [x], exclude-paths: [y]}"),
    ("artifacts.enable-symlinks", "artifacts: {files: [x], enable-symlinks: yes}"),
    ("artifacts.s3-prefix", "artifacts: {files: [x], s3-prefix: y}"),
    ("artifacts.secondary-artifacts", "artifacts: {secondary-artifacts: {a: {files: [x]}}}"),
    ("cache.key", "cache: {paths: [x], key: k}"),
    ("cache.fallback-keys", "cache: {paths: [x], key: k, fallback-keys: [f]}"),
    ("cache.action", "cache: {paths: [x], action: save}"),
    ("cache.paths", "cache: {paths: [x]}"),
    ("batch.fast-fail", "batch: {fast-fail: true, build-list: [{identifier: a}]}"),
    ("batch.build-graph", "batch: {build-graph: [{identifier: a}]}"),
    ("batch.build-list", "batch: {build-list: [{identifier: a}]}"),
    ("batch.build-matrix", "batch: {build-matrix: {dynamic: {env: {image: [a, b]}}}}"),
    ("batch.build-fanout", "batch: {build-fanout: {parallelism: 2}}"),
    ("batch.build-list.debug-session", "batch: {build-list: [{identifier: a, debug-session: true}]}"),
    ("batch.build-list.env.fleet", "batch: {build-list: [{identifier: a, env: {fleet: f}}]}"),
];

/// Uses that need another beginning.
const WHOLE_USES: &[(&str, &str)] = &[
    ("version", "version: 0.2\nphases: {build: {commands: [x]}}"),
    (
        "environment_variables.plaintext",
        "version: 0.1\nenvironment_variables: {plaintext: {A: b}}\nphases: {build: {commands: [x]}}",
    ),
    (
        "environment_variables.parameter-store",
        "version: 0.1\nenvironment_variables: {parameter-store: {A: b}}\nphases: {build: {commands: [x]}}",
    ),
    ("phases.*.run-as", "version: 0.2\nphases: {build: {run-as: root, commands: [x]}}"),
    ("phases.*.on-failure", "version: 0.2\nphases: {build: {on-failure: RETRY-2, commands: [x]}}"),
    ("phases.*.commands", "version: 0.2\nphases: {build: {commands: [x]}}"),
    ("phases.*.finally", "version: 0.2\nphases: {build: {finally: [x]}}"),
    (
        "phases.install.runtime-versions",
        "version: 0.2\nphases: {install: {runtime-versions: {nodejs: 20}, commands: [x]}}",
    ),
];

/// The second column of the page's table, by the key in the first.
fn documented() -> BTreeMap<&'static str, &'static str> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.map(|(key, rest)| (key, rest.split(" |").next().unwrap_or_default())).collect()
}

fn behaviour(source: &str) -> &'static str {
    match parse(source) {
        Err(_) => "refused",
        Ok(buildspec) if buildspec.notices.iter().any(|notice| notice.contains("has no effect")) => {
            "no effect"
        }
        Ok(buildspec) => {
            assert_eq!(buildspec.notices, Vec::<String>::new(), "{source}");
            "supported"
        }
    }
}

#[test]
fn the_page_says_of_each_key_what_the_parser_does() {
    let with = |rest: &str| format!("version: 0.2\nphases: {{build: {{commands: [x]}}}}\n{rest}\n");
    let short = USES.iter().map(|(key, rest)| (*key, with(rest)));
    let whole = WHOLE_USES.iter().map(|(key, source)| (*key, (*source).to_owned()));
    let behaves: BTreeMap<&str, &str> =
        short.chain(whole).map(|(key, source)| (key, behaviour(&source))).collect();
    assert_eq!(documented(), behaves);
}
