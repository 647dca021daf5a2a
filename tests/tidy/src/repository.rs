//! The files that the rules are about: everything in the repository but what `.gitignore` names.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use crate::rust_text::RustText;

pub struct SourceFile {
    /// From the root of the repository, with `/`.
    pub path: String,
    pub text: String,
    rust: OnceLock<RustText>,
}

static FILES: LazyLock<Vec<SourceFile>> = LazyLock::new(|| {
    let mut files = Vec::new();
    collect(&root(), "", &ignored(), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
});

/// The root is above the folder that cargo runs this package's tests in.
pub fn root() -> PathBuf {
    let here = std::env::current_dir().expect("the current directory exists");
    let root = here.ancestors().find(|folder| folder.join("template.yaml").is_file());
    root.expect("template.yaml is at the root of the repository").to_owned()
}

/// Names of folders; `.gitignore` is kept to lines like `/target/`.
fn ignored() -> Vec<String> {
    let text = fs::read_to_string(root().join(".gitignore")).expect(".gitignore is there");
    let names = text.lines().map(|line| line.trim_matches('/').to_owned());
    names.chain([".git".to_owned()]).collect()
}

fn collect(folder: &Path, prefix: &str, ignored: &[String], files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let entry = entry.expect("a folder can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if ignored.contains(&name) {
            continue;
        }
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), ignored, files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(SourceFile { path, text, rust: OnceLock::new() });
        }
    }
}

/// Every text file.
pub fn files() -> &'static [SourceFile] {
    &FILES
}

pub fn files_ending(end: &str) -> impl Iterator<Item = &'static SourceFile> {
    FILES.iter().filter(move |file| file.path.ends_with(end))
}

pub fn rust_files() -> impl Iterator<Item = &'static SourceFile> {
    files_ending(".rs")
}

/// The text of a file that has to be there.
pub fn text_of(path: &str) -> &'static str {
    let file = FILES.iter().find(|file| file.path == path);
    &file.unwrap_or_else(|| panic!("{path} is not in the repository")).text
}

impl SourceFile {
    /// Tests in files of their own; those inside of a file are not in [`RustText::product`].
    pub fn is_test_code(&self) -> bool {
        let is_test = |part: &str| part == "tests" || part == "tests.rs";
        self.path.split('/').any(is_test)
    }

    /// Programs that show something, and run only by hand or by another test.
    pub fn is_example(&self) -> bool {
        self.path.split('/').any(|part| part == "examples")
    }

    pub fn rust(&self) -> &RustText {
        self.rust.get_or_init(|| RustText::of(&self.text))
    }
}

/// Fails with everything that breaks a rule.
pub fn nothing(findings: Vec<String>, rule: &str) {
    let count = findings.len();
    assert!(findings.is_empty(), "{rule}\n{count} finding(s):\n  {}\n", findings.join("\n  "));
}
