//! `pipewright login`: a profile with which the clients find a service, and keys for it.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::declare::{PIPELINE, approval, stage};
use crate::process::{Ended, Running, command, pipewright};
use crate::served::Served;

const OF_SOMEBODY: &str = "# mine\n[default]\nregion = eu-central-1\n\n[profile work]\nregion=eu-west-1 \n";

/// Somebody at the keyboard, whose AWS configuration is a file of the workplace.
struct Person<'a> {
    served: &'a Served,
    environment: Vec<(String, String)>,
}

impl<'a> Person<'a> {
    fn at(served: &'a Served) -> Self {
        Self { served, environment: Vec::new() }
    }

    /// With keys in the environment that the service's STS knows.
    fn with_keys(served: &'a Served, name: &str, role: &str) -> Self {
        let printed = served.say(&["credentials", "--name", name, "--role", role]).assert_status(0);
        let keys: Value = serde_json::from_str(&printed.output).expect("JSON");
        let variables = [
            ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
            ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
            ("AWS_SESSION_TOKEN", "SessionToken"),
        ];
        let environment = variables
            .map(|(variable, name)| (variable.to_owned(), keys[name].as_str().expect("a key").to_owned()));
        Self { served, environment: environment.into() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.served.workplace.path().join(name)
    }

    fn configuration(&self) -> String {
        fs::read_to_string(self.file("aws/config")).unwrap_or_default()
    }

    fn say(&self, arguments: &[&str]) -> Ended {
        let mut said = command(pipewright());
        said.current_dir(self.served.workplace.path()).args(arguments);
        for variable in ["AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CODEPIPELINE", "AWS_REGION"] {
            said.env_remove(variable);
        }
        for variable in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            said.env_remove(variable);
        }
        said.env("AWS_CONFIG_FILE", self.file("aws/config")).env("AWS_EC2_METADATA_DISABLED", "true");
        said.env("AWS_SHARED_CREDENTIALS_FILE", self.file("aws/credentials"));
        said.envs(self.environment.iter().cloned());
        Running::start(said, self.file("said-by-a-person.txt")).end()
    }
}

#[test]
fn the_clients_find_the_service_by_the_profile_that_login_writes() {
    let mut served = Served::with([stage("Approve", [approval("Approve")])]);
    let person = Person::at(&served);
    fs::create_dir(person.file("aws")).expect("a directory");
    fs::write(person.file("aws/config"), OF_SOMEBODY).expect("a file");
    person.say(&["login", "--data", "data"]).assert_status(0).assert_says(&[
        "local-user is administrator",
        "aws --profile pipewright codepipeline list-pipelines",
    ]);
    person.say(&["list", "--profile", "pipewright"]).assert_status(0).assert_says(&[PIPELINE]);
    let written = person.configuration();
    assert!(written.starts_with(&format!("{OF_SOMEBODY}\n# >>> ")), "{written}");
    person.say(&["login", "--data", "data"]).assert_status(0);
    assert_eq!(person.configuration(), written);

    person
        .say(&["login", "--data", "data", "--profile", "bob", "--name", "bob", "--role", "reader"])
        .assert_status(0);
    let both = person.configuration();
    assert!(both.starts_with(&written), "{both}");
    person.say(&["list", "--profile", "bob"]).assert_status(0);
    person
        .say(&["start", PIPELINE, "--profile", "bob"])
        .assert_status(4)
        .assert_says(&["assumed-role/reader/bob"]);

    // Another start has another port.
    served.signal("TERM");
    served.end();
    Person::at(&served).say(&["login", "--data", "data"]).assert_status(7).assert_says(&["pipewright up"]);
    served.start(&[]);
    let person = Person::at(&served);
    person.say(&["login", "--data", "data"]).assert_status(0);
    person.say(&["list", "--profile", "pipewright"]).assert_status(0).assert_says(&[PIPELINE]);
    assert_eq!(person.configuration().matches("[profile pipewright]").count(), 1);
}

#[test]
fn what_somebody_else_has_written_is_not_replaced_unasked() {
    let served = Served::open();
    let person = Person::at(&served);
    fs::create_dir(person.file("aws")).expect("a directory");
    let theirs = "[profile pipewright]\nregion = eu-west-1\n# kept\n[default]\n";
    fs::write(person.file("aws/config"), theirs).expect("a file");
    person.say(&["login", "--data", "data"]).assert_status(2).assert_says(&["--replace", "--profile"]);
    assert_eq!(person.configuration(), theirs);
    person.say(&["login", "--data", "data", "--replace"]).assert_status(0);
    let written = person.configuration();
    assert!(written.starts_with("# >>> ") && written.ends_with("# kept\n[default]\n"), "{written}");
    fs::write(person.file("aws/credentials"), "[pipewright]\naws_access_key_id = x\n").expect("a file");
    person.say(&["login", "--data", "data"]).assert_status(2).assert_says(&["aws/credentials", "--profile"]);
    person
        .say(&["login", "--data", "data", "--profile", "default"])
        .assert_status(2)
        .assert_says(&["default"]);
    person.say(&["credentials", "--data", "data", "--name", "arn:aws:iam::1:root"]).assert_status(2);
    assert_eq!(person.configuration(), written);
}

#[test]
fn whoever_has_keys_of_aws_and_a_role_gets_keys_of_the_service() {
    let mut served = Served::closed();
    let role = "arn:aws:iam::123456789012:role/reader=operator";
    served.start(&["--resources", "local-resources.yaml", "--caller-role", role]);
    served.create([stage("Approve", [approval("Approve")])]);
    let endpoint = format!("http://{}", served.address());
    let login = ["login", "--endpoint", &endpoint, "--region", "us-east-1", "--profile", "team"];

    let eve = Person::with_keys(&served, "eve", "approver");
    eve.say(&login).assert_status(4).assert_says(&["assumed-role/approver/eve has no role here"]);
    Person::at(&served)
        .say(&login)
        .assert_status(4)
        .assert_says(&["there are no keys of AWS", "--source-profile"]);
    assert_eq!(eve.configuration(), "", "nothing was written that does not work");

    let ann = Person::with_keys(&served, "ann", "reader");
    let arn = "arn:aws:sts::123456789012:assumed-role/reader/ann";
    ann.say(&login).assert_status(0).assert_says(&[&format!("{arn} is operator at {endpoint}")]);
    let written = ann.configuration();
    for line in ["services = team", "[services team]", &format!("  endpoint_url = {endpoint}")] {
        assert!(written.lines().any(|found| found == line), "{line} is not in\n{written}");
    }
    // Keys of the environment go before those of a profile: from here on there are none.
    let of_aws = "credentials --data data --name ann --role reader";
    let base = format!("[profile base]\ncredential_process = {} {of_aws}\n", pipewright().display());
    fs::write(ann.file("aws/config"), base).expect("a file");
    let ann = Person::at(&served);
    ann.say(&[login.as_slice(), &["--source-profile", "base"]].concat()).assert_status(0);
    ann.say(&["start", PIPELINE, "--profile", "team"]).assert_status(0);
    ann.say(&["delete", PIPELINE, "--yes", "--profile", "team"])
        .assert_status(4)
        .assert_says(&[&format!("User: {arn}")]);
    let history = served.say(&["history", PIPELINE, "--json"]).assert_status(0);
    history.assert_says(&[arn]);

    for (arguments, status, said) in [
        (["login", "--endpoint", "http://pipelines.example"].as_slice(), 2, "https://"),
        (&["login", "--endpoint", "https://pipelines.example/prod"], 2, "more to it than a host"),
        (
            &["login", "--endpoint", &endpoint, "--region", "us-east-1", "--source-profile", "pipewright"],
            2,
            "ask itself",
        ),
        (&["login", "--endpoint", "http://127.0.0.1:9", "--region", "us-east-1"], 7, "no service answers"),
        (
            &["login", "--endpoint", &endpoint, "--region", "eu-west-1"],
            4,
            "https://sts.us-east-1.amazonaws.com/?",
        ),
        (
            &["login", "--endpoint", &endpoint.replace("127.0.0.1", "localhost"), "--region", "us-east-1"],
            4,
            "SignatureDoesNotMatch",
        ),
    ] {
        let ann = Person::with_keys(&served, "ann", "reader");
        ann.say(arguments).assert_status(status).assert_says(&[said]);
    }
}
