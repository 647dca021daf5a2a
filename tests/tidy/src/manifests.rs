//! Every crate is declared the same way: what they share is written once, at the root.

use crate::crates::{Crate, crates};
use crate::repository::{nothing, text_of};

const SHARED_FIELDS: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

/// A test package has the name of its layer, which alone would not say that it is one.
fn expected_name(member: &Crate) -> String {
    let folder = member.folder.rsplit('/').next().unwrap_or_default();
    if member.folder.starts_with("tests/") { format!("test-{folder}") } else { folder.to_owned() }
}

fn section<'a>(manifest: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let header = format!("[{name}]");
    let lines = manifest.lines().skip_while(move |line| *line != header).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn a_crate_is_named_after_its_folder() {
    let others = crates().iter().filter(|member| member.name != expected_name(member));
    let findings = others.map(|member| format!("{} is named {}", member.folder, member.name)).collect();
    nothing(
        findings,
        "Whoever knows the name of a crate knows where it is. A test package is test-<folder>.",
    );
}

#[test]
fn a_crate_inherits_the_package_fields_and_the_lints() {
    let mut findings = Vec::new();
    for member in crates() {
        let manifest = member.manifest();
        for field in SHARED_FIELDS {
            if !section(manifest, "package").any(|line| line == format!("{field}.workspace = true")) {
                findings.push(format!("{}/Cargo.toml lacks {field}.workspace = true", member.folder));
            }
        }
        if !section(manifest, "lints").any(|line| line == "workspace = true") {
            findings.push(format!("{}/Cargo.toml lacks [lints] workspace = true", member.folder));
        }
    }
    nothing(findings, "What all crates share is in the Cargo.toml of the root.");
}

#[test]
fn the_workspace_forbids_unsafe_code_and_denies_unwrap() {
    let root = text_of("Cargo.toml");
    assert!(section(root, "workspace.lints.rust").any(|line| line == r#"unsafe_code = "forbid""#));
    for lint in ["unwrap_used", "expect_used", "disallowed_methods"] {
        let denied = format!(r#"{lint} = "deny""#);
        assert!(section(root, "workspace.lints.clippy").any(|line| line == denied), "{denied}");
    }
}

#[test]
fn versions_of_dependencies_are_at_the_root_only() {
    let mut findings = Vec::new();
    for member in crates() {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let lines = section(member.manifest(), kind).filter(|line| !line.contains("workspace = true"));
            findings.extend(lines.map(|line| format!("{}/Cargo.toml: {line}", member.folder)));
        }
    }
    nothing(findings, "A dependency has one version in the whole workspace: write name.workspace = true.");
}

#[test]
fn every_dependency_of_the_workspace_is_used() {
    let names = section(text_of("Cargo.toml"), "workspace.dependencies").filter_map(|line| {
        let name = line.split(' ').next()?;
        (!crates().iter().any(|c| c.dependencies.contains(name) || c.dev_dependencies.contains(name)))
            .then(|| name.to_owned())
    });
    nothing(names.collect(), "Take it out of [workspace.dependencies], or use it.");
}
