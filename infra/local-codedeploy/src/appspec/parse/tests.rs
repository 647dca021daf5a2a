//! What an appspec may say.

use super::*;
use crate::lifecycle::LifecycleEvent::{ApplicationStart, BeforeInstall};

const HEAD: &str = "version: 0.0\nos: linux\n";

#[test]
fn a_whole_appspec_is_understood() {
    let text = "\
version: 0.0
os: linux
files:
  - source: /
    destination: /var/www//html/
  - source: ./config/app.conf
    destination: /etc
file_exists_behavior: OVERWRITE
permissions:
  - object: /var/www
    pattern: '*.sh'
    except: [keep.sh]
    owner: www
    mode: 0751
    type: [file]
hooks:
  BeforeInstall:
    - location: /scripts/before
      timeout: 300
      runas: root
    - location: scripts/again
  ApplicationStart:
  BeforeBlockTraffic:
    - location: scripts/block
";
    let script = |location: &str, timeout_seconds, runas: Option<&str>| Script {
        location: location.into(),
        timeout_seconds,
        runas: runas.map(Into::into),
    };
    let file = |source: &str, destination: &str| FileMapping {
        source: source.into(),
        destination: destination.into(),
    };
    let expected = AppSpec {
        files: vec![file("", "var/www/html"), file("config/app.conf", "etc")],
        file_exists_behavior: Some(FileExistsBehavior::Overwrite),
        permissions: vec![Permission {
            object: "var/www".into(),
            pattern: "*.sh".into(),
            except: vec!["keep.sh".into()],
            owner: Some("www".into()),
            group: None,
            mode: Some(0o751),
            to_files: true,
            to_directories: false,
        }],
        hooks: [
            (
                BeforeInstall,
                vec![script("scripts/before", 300, Some("root")), script("scripts/again", 3600, None)],
            ),
            (ApplicationStart, vec![]),
        ]
        .into(),
        traffic_hooks: vec!["BeforeBlockTraffic".into()],
    };
    assert_eq!(parse(text), Ok(expected));
}

#[test]
fn what_cannot_be_deployed_is_refused_where_it_stands() {
    let cases = [
        ("version: 1.0\nos: linux\n", "version: must be 0.0, not 1.0"),
        ("os: linux\n", "version: must be 0.0, not left out"),
        ("version: 0.0\nos: windows\n", "os: windows revisions"),
        ("version: 0.0\n", "os: must be linux"),
        (
            "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n",
            "Amazon ECS or AWS Lambda",
        ),
        ("version: 0.0\nos: linux\nfile:\n  - a\n", "unknown field `file`"),
        ("version: [", "line 1"),
        ("files:\n  - destination: /a\n", "files[0]: it has no source"),
        ("files:\n  - source: a\n    destination: b\n", "files[0]: destination b: must be an absolute path"),
        ("files:\n  - source: ../a\n    destination: /b\n", "files[0]: source ../a: .. is not allowed"),
        ("files:\n  - source: a\n    destination: /../etc\n", "files[0]: destination /../etc: .."),
        ("file_exists_behavior: KEEP\n", "file_exists_behavior: KEEP is none of"),
        ("permissions:\n  - mode: 755\n", "permissions[0]: it has no object"),
        ("permissions:\n  - object: /a\n    mode: 789\n", "permissions[0]: mode 789"),
        ("permissions:\n  - object: /a\n    mode: 07777\n", "permissions[0]: mode 07777"),
        ("permissions:\n  - object: /a\n    type: [link]\n", "permissions[0]: type link"),
        ("permissions:\n  - object: /a\n    acls: ['u:x:rw']\n", "permissions[0]: acls are not supported"),
        ("permissions:\n  - object: /a\n    context:\n      type: t\n", "permissions[0]: context (SELinux)"),
        ("hooks:\n  BeforeInstal:\n    - location: a\n", "hooks.BeforeInstal: is no lifecycle event"),
        ("hooks:\n  Install:\n    - location: a\n", "hooks.Install: is CodeDeploy's own work"),
        ("hooks:\n  BeforeInstall:\n    - timeout: 3\n", "hooks.BeforeInstall[0]: it has no location"),
        ("hooks:\n  BeforeInstall:\n    - location: ../a\n", "hooks.BeforeInstall[0]: location ../a"),
        ("hooks:\n  BeforeInstall:\n    - location: a\n      timeout: 0\n", "at least 1 second"),
        ("hooks:\n  BeforeInstall:\n    - location: a\n      timeout: 3601\n", "3601 seconds together"),
        (
            "hooks:\n  BeforeInstall:\n    - location: a\n      timeout: 2000\n    - location: b\n      timeout: 2000\n",
            "hooks.BeforeInstall: its timeouts are 4000 seconds together",
        ),
    ];
    for (text, expected) in cases {
        let text = if text.starts_with("version") || text.starts_with("os") {
            text.into()
        } else {
            format!("{HEAD}{text}")
        };
        let problems = parse(&text).expect_err(&text);
        assert!(problems.len() == 1 && problems[0].contains(expected), "{text}\n{problems:?}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let text = "version: 2\nos: linux\nfiles:\n  - source: a\nhooks:\n  Nothing:\n    - location: a\n";
    assert_eq!(parse(text).expect_err("three problems").len(), 3);
}
