use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use local_service::{ApiError, Service};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

const SECRETS: &str = "secrets: {token: hunter22, database: {user: u}}\n\
                       parameters: {/shop/licence: hunter22, hosts: [a, b]}\n";

/// A file of secrets and the secrets of a stack.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new(secrets: &str) -> Self {
        let place = Self { directory: tempfile::tempdir().unwrap() };
        fs::write(place.path(), secrets).unwrap();
        place.allow(0o600);
        place
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("local-secrets.yaml")
    }

    fn allow(&self, mode: u32) {
        fs::set_permissions(self.path(), Permissions::from_mode(mode)).unwrap();
    }

    fn file(&self) -> SecretsFile {
        SecretsFile::new(self.path())
    }

    fn stack(&self) -> StackSecrets {
        StackSecrets::of(self.directory.path())
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        if operation.contains("Parameter") {
            LocalParameterStore::new(account(), self.file()).call(operation, input).await
        } else {
            LocalSecrets::new(account(), self.file(), self.stack()).call(operation, input).await
        }
    }
}

fn account() -> Account {
    Account { id: "111122223333".into(), region: "eu-west-1".into() }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_secret_is_answered_by_name_and_by_arn() {
    let place = Place::new(SECRETS);
    let by_name = place.call("GetSecretValue", json!({"SecretId": "token"})).await.unwrap();
    assert_eq!(by_name["SecretString"], "hunter22");
    assert_eq!(by_name["Name"], "token");
    assert_eq!(by_name["ARN"], "arn:aws:secretsmanager:eu-west-1:111122223333:secret:token-local0");
    assert!(by_name["CreatedDate"].as_f64().unwrap() > 1e9, "{by_name}");
    let same =
        json!({"SecretId": by_name["ARN"], "VersionStage": "AWSCURRENT", "VersionId": by_name["VersionId"]});
    assert_eq!(place.call("GetSecretValue", same).await.unwrap(), by_name);
    let database = place.call("GetSecretValue", json!({"SecretId": "database"})).await.unwrap();
    assert_eq!(database["SecretString"], r#"{"user":"u"}"#);
}

#[tokio::test]
async fn parameters_are_answered_in_order_with_those_that_there_are_not() {
    let place = Place::new(SECRETS);
    let input = json!({"Names": ["hosts", "/shop/licence:1", "/none", "hosts:2"], "WithDecryption": true});
    let output = place.call("GetParameters", input).await.unwrap();
    let found: Vec<_> = output["Parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            (
                found["Name"].as_str().unwrap(),
                found["Type"].as_str().unwrap(),
                found["Value"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [("/shop/licence", "SecureString", "hunter22"), ("hosts", "StringList", "a,b")]);
    assert_eq!(output["Parameters"][0]["Selector"], ":1");
    assert_eq!(output["InvalidParameters"], json!(["/none", "hosts:2"]));
    let one =
        place.call("GetParameter", json!({"Name": "/shop/licence", "WithDecryption": true})).await.unwrap();
    assert_eq!(one["Parameter"]["Value"], "hunter22");
    assert_eq!(one["Parameter"]["Version"], 1);
}

#[tokio::test]
async fn what_cannot_be_answered_has_the_name_that_aws_gives_it() {
    let place = Place::new(SECRETS);
    for (operation, input, code, says) in [
        (
            "GetSecretValue",
            json!({"SecretId": "other"}),
            "ResourceNotFoundException",
            "Add 'other' below 'secrets' in /",
        ),
        (
            "GetSecretValue",
            json!({"SecretId": "token", "VersionStage": "AWSPREVIOUS"}),
            "ResourceNotFoundException",
            "staging label: AWSPREVIOUS",
        ),
        (
            "GetSecretValue",
            json!({"SecretId": "token", "VersionId": "v"}),
            "ResourceNotFoundException",
            "VersionId: v",
        ),
        ("GetSecretValue", json!({}), "InvalidParameterException", "SecretId"),
        ("PutSecretValue", json!({"SecretId": "token"}), "UnsupportedOperation", "PutSecretValue"),
        ("GetParameter", json!({"Name": "/none"}), "ParameterNotFound", "below 'parameters' in /"),
        ("GetParameter", json!({"Name": "hosts:7"}), "ParameterVersionNotFound", "version 7 of hosts"),
        ("GetParameter", json!({"Name": "/shop/licence"}), "ValidationException", "WithDecryption"),
        ("GetParameter", json!({}), "ValidationException", "Name"),
        ("GetParameters", json!({"Names": []}), "ValidationException", "1 to 10"),
        ("PutParameter", json!({"Name": "a"}), "UnsupportedOperation", "PutParameter"),
    ] {
        let error = place.call(operation, input.clone()).await.expect_err(operation);
        assert_eq!(error.code, code, "{operation} {input}: {error}");
        assert!(error.message.contains(says), "{operation} {input}: {error}");
        assert!(!error.message.contains("hunter22"), "{error}");
    }
}

#[tokio::test]
async fn a_change_of_the_file_counts_at_once() {
    let place = Place::new(SECRETS);
    fs::write(place.path(), "secrets: {token: other}").unwrap();
    let token = place.call("GetSecretValue", json!({"SecretId": "token"})).await.unwrap();
    assert_eq!(token["SecretString"], "other");
    let gone = place.call("GetParameter", json!({"Name": "hosts"})).await.unwrap_err();
    assert_eq!(gone.code, "ParameterNotFound");
}

#[test]
fn a_file_that_others_may_read_is_refused_with_what_to_do() {
    let place = Place::new(SECRETS);
    for mode in [0o640, 0o604, 0o620, 0o601] {
        place.allow(mode);
        let error = place.file().check().unwrap_err();
        assert!(
            error.message.contains(&format!("run `chmod 600 {}`", place.path().display())),
            "{mode:o}: {error}"
        );
    }
    for mode in [0o600, 0o400] {
        place.allow(mode);
        place.file().check().unwrap();
    }
    fs::remove_file(place.path()).unwrap();
    place.file().check().unwrap();
}

#[test]
fn a_file_of_another_kind_is_refused_without_its_text() {
    for secrets in ["secrets: hunter22", "hunter22: {", "\u{7}hunter22"] {
        let error = Place::new(secrets).file().check().unwrap_err();
        assert!(
            error.message.contains("local-secrets.yaml") && !error.message.contains("hunter22"),
            "{error}"
        );
    }
    let place = Place::new("");
    fs::write(place.path(), b"hunter22 \xff").unwrap();
    let error = place.file().check().unwrap_err();
    assert!(error.message.contains("UTF-8") && !error.message.contains("hunter22"), "{error}");
}

#[tokio::test]
async fn a_secret_of_the_stack_is_made_once_and_kept_from_builds() {
    let place = Place::new(SECRETS);
    let missing = master_key(place.directory.path()).unwrap_err();
    assert!(missing.to_string().contains("run `pipewright up`"), "{missing}");
    let made = place.stack().ensure(SIGNING_KEY).unwrap();
    assert_eq!(made.expose().len(), 44);
    assert!(place.stack().ensure(SIGNING_KEY).unwrap() == made);
    assert!(master_key(place.directory.path()).unwrap() == made);
    assert!(place.stack().ensure("a/../b").unwrap() != made);
    let answer = place.call("GetSecretValue", json!({"SecretId": SIGNING_KEY})).await.unwrap();
    assert_eq!(answer["SecretString"], made.expose());
    for id in [SIGNING_KEY, answer["ARN"].as_str().unwrap()] {
        let of_user = LocalSecrets::of_user(account(), place.file());
        let error = of_user.call("GetSecretValue", json!({ "SecretId": id })).await.unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException");
    }
    let error = place.call("GetSecretValue", json!({"SecretId": "signingkey"})).await.unwrap_err();
    assert_eq!(error.code, "ResourceNotFoundException");
    let folder = place.directory.path().join("secrets");
    assert_eq!(mode(&folder), 0o700);
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["SigningKey", "a%2F%2E%2E%2Fb"]);
    assert_eq!(mode(&folder.join("SigningKey")), 0o600);
}

#[test]
fn processes_that_start_at_once_get_the_same_secret() {
    let place = Place::new("");
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let stack = place.stack();
            std::thread::spawn(move || stack.ensure(SIGNING_KEY).unwrap())
        })
        .collect();
    let made: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(made.iter().all(|secret| *secret == made[0]));
}

#[test]
fn a_secret_of_the_stack_that_others_may_read_is_not_used() {
    let place = Place::new("");
    place.stack().ensure(SIGNING_KEY).unwrap();
    let path = place.directory.path().join("secrets/SigningKey");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    for refused in [place.stack().ensure(SIGNING_KEY), master_key(place.directory.path())] {
        let error = refused.unwrap_err();
        assert!(error.to_string().contains(&format!("chmod 600 {}", path.display())), "{error}");
    }
}

#[test]
fn values_are_not_printed() {
    assert_eq!(format!("{:?}", SecretText::new("hunter22")), "SecretText(…)");
}
