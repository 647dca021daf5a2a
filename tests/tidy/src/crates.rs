//! The crates of the workspace as Cargo sees them, and all that they are compiled with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::repository::{root, text_of};

pub struct Crate {
    pub name: String,
    /// From the root of the repository.
    pub folder: String,
    /// Of libraries and binaries.
    pub dependencies: BTreeSet<String>,
    /// Of tests and examples, in addition.
    pub dev_dependencies: BTreeSet<String>,
}

impl Crate {
    pub fn manifest(&self) -> &'static str {
        text_of(&format!("{}/Cargo.toml", self.folder))
    }
}

static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let system = if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-gnu" };
    let platform = format!("--filter-platform={}-{system}", std::env::consts::ARCH);
    let mut command = MetadataCommand::new();
    let command = command.current_dir(root()).other_options(["--offline".to_owned(), platform]);
    command.exec().expect("cargo metadata answers")
});

static CRATES: LazyLock<Vec<Crate>> = LazyLock::new(|| {
    let of_kind = |package: &Package, wanted: fn(DependencyKind) -> bool| {
        let wanted = package.dependencies.iter().filter(|dependency| wanted(dependency.kind));
        wanted.map(|dependency| dependency.name.clone()).collect::<BTreeSet<_>>()
    };
    let crates = METADATA.workspace_packages().into_iter().map(|package| {
        let folder = package.manifest_path.parent().expect("a manifest is in a folder");
        let folder = folder.strip_prefix(&METADATA.workspace_root).expect("members are in the workspace");
        Crate {
            name: package.name.to_string(),
            folder: folder.to_string(),
            dependencies: of_kind(package, |kind| kind != DependencyKind::Development),
            dev_dependencies: of_kind(package, |kind| kind == DependencyKind::Development),
        }
    });
    crates.collect()
});

pub fn crates() -> &'static [Crate] {
    &CRATES
}

pub fn is_member(name: &str) -> bool {
    CRATES.iter().any(|member| member.name == name)
}

pub fn named(name: &str) -> &'static Crate {
    CRATES.iter().find(|member| member.name == name).unwrap_or_else(|| panic!("there is no crate {name}"))
}

/// Every package that the libraries and binaries of a crate are compiled with, on this machine and with the
/// features of the whole workspace.
pub fn compiled_with(name: &str) -> BTreeSet<String> {
    let resolved = METADATA.resolve.as_ref().expect("cargo metadata resolves dependencies");
    let nodes: BTreeMap<_, _> = resolved.nodes.iter().map(|node| (&node.id, node)).collect();
    let names: BTreeMap<_, _> =
        METADATA.packages.iter().map(|package| (&package.id, &package.name)).collect();
    let first = METADATA.packages.iter().find(|package| *package.name == name);
    let mut open = vec![&first.unwrap_or_else(|| panic!("there is no crate {name}")).id];
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        let compiled = nodes[id].deps.iter().filter(|dependency| {
            dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development)
        });
        open.extend(compiled.map(|dependency| &dependency.pkg).filter(|id| found.insert((*id).clone())));
    }
    found.iter().map(|id| names[id].to_string()).collect()
}
