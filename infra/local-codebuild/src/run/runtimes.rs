//! What `runtime-versions` means on a host that has the tools that it has.

use std::path::Path;

/// CodeBuild's runtimes and the programs that they bring.
const PROGRAMS: [(&str, &[&str]); 10] = [
    ("nodejs", &["node"]),
    ("python", &["python3", "python"]),
    ("java", &["java"]),
    ("golang", &["go"]),
    ("go", &["go"]),
    ("ruby", &["ruby"]),
    ("php", &["php"]),
    ("dotnet", &["dotnet"]),
    ("android", &["sdkmanager"]),
    ("docker", &["docker"]),
];

/// Which program of `path` stands in for `runtime`.
pub fn runtime_notice(runtime: &str, version: &str, path: &str) -> String {
    let programs = PROGRAMS.iter().find(|(name, _)| *name == runtime).map(|(_, programs)| *programs);
    let folders = || path.split(':').filter(|folder| folder.starts_with('/'));
    let found = programs.unwrap_or_default().iter().find_map(|program| {
        folders().map(|folder| Path::new(folder).join(program)).find(|place| place.is_file())
    });
    match (found, programs) {
        (Some(place), _) => {
            format!("runtime-versions asks for {runtime} {version}; {} of this host is used", place.display())
        }
        (None, Some(programs)) => format!(
            "runtime-versions asks for {runtime} {version}; this host has no {} in its PATH",
            programs.join(" or ")
        ),
        (None, None) => {
            format!("runtime-versions asks for {runtime} {version}; what this host has in its PATH is used")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_is_what_the_host_has_of_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("node"), "").unwrap();
        let path = format!("/nowhere:{}", folder.path().display());
        let cases = [
            ("nodejs", format!("{}/node of this host is used", folder.path().display())),
            ("java", "this host has no java in its PATH".to_owned()),
            ("cobol", "what this host has in its PATH is used".to_owned()),
        ];
        for (runtime, expected) in cases {
            let notice = runtime_notice(runtime, "20", &path);
            assert!(notice.ends_with(&expected), "{notice}");
        }
    }
}
