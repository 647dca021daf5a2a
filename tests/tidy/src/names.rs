//! Names of files: what is in them, never a drawer for everything.

use crate::repository::{nothing, rust_files};

/// Names that say nothing about what is inside, and so attract everything. `docs/vocabulary.md` has those
/// of types.
const DRAWERS: &[&str] = &[
    "util",
    "utils",
    "utility",
    "utilities",
    "helper",
    "helpers",
    "common",
    "manager",
    "managers",
    "misc",
    "base",
    "stuff",
];

#[test]
fn no_module_is_named_like_a_drawer() {
    let findings = rust_files().filter_map(|file| {
        let inside = file.path.split_once('/').map_or("", |(_, inside)| inside);
        let mut parts = inside.split('/').map(|part| part.trim_end_matches(".rs"));
        let drawer = parts.find(|part| DRAWERS.contains(part))?;
        Some(format!("{}: {drawer}", file.path))
    });
    nothing(findings.collect(), "Name a module after what is in it.");
}

/// An embedded AWS service is what `service` means here: the type that answers its API. Anything else of
/// that name would be a drawer.
#[test]
fn a_module_named_service_is_an_embedded_aws_service() {
    let named = rust_files().filter(|file| !file.is_test_code());
    let named =
        named.filter(|file| file.path.ends_with("/service.rs") || file.path.ends_with("/service/mod.rs"));
    let others = named.filter(|file| {
        !file.path.starts_with("infra/local-") || !file.rust().code.contains("impl Service for ")
    });
    nothing(others.map(|file| file.path.clone()).collect(), "It does not implement local_service::Service.");
}

#[test]
fn files_are_named_in_snake_case_and_without_abbreviations() {
    let short =
        ["cfg", "ctx", "mgr", "impl", "def", "tmp", "proc", "exec", "svc", "cb", "ddb", "sfn", "msg", "cmd"];
    let findings = rust_files().filter_map(|file| {
        let name = file.path.rsplit('/').next()?.trim_end_matches(".rs");
        // A deployed binary has the name of its function.
        let is_binary = file.path.starts_with("infra/lambda/src/bin/");
        let name = if is_binary { name.replace('-', "_") } else { name.to_owned() };
        let is_fine = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && !name.split('_').any(|word| short.contains(&word));
        (!is_fine).then(|| file.path.clone())
    });
    nothing(findings.collect(), "Write words out: they are read more often than typed.");
}
