//! Which files belong to an artifact. Pure.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A file of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// In the artifact.
    pub name: String,
    /// Relative to the source directory.
    pub path: String,
}

/// Chooses among `paths`, which are relative to one base directory. `*` stays inside of one
/// directory, `**` does not; hidden files are files like any other.
pub fn choose(paths: &[String], files: &[String], exclude: &[String]) -> Result<Vec<String>, String> {
    let included = patterns(files)?;
    let excluded = patterns(exclude)?;
    let is_chosen = |path: &&String| included.is_match(path) && !excluded.is_match(path);
    Ok(paths.iter().filter(is_chosen).cloned().collect())
}

/// Gives each file its name in the artifact. With `discard_paths` only the last component stays; of
/// several files with one name the last wins, as on CodeBuild, and the names are returned.
pub fn name(files: Vec<(String, String)>, discard_paths: bool) -> (Vec<Selected>, Vec<String>) {
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    let mut lost = Vec::new();
    for (inside_base, path) in files {
        let last = inside_base.rsplit('/').next().unwrap_or_default();
        let name = if discard_paths { last.to_owned() } else { inside_base };
        if named.insert(name.clone(), path).is_some() {
            lost.push(name);
        }
    }
    (named.into_iter().map(|(name, path)| Selected { name, path }).collect(), lost)
}

/// The directories at the top that `base` names, by a pattern or by itself.
pub fn base_directories(directories: &[String], base: &str) -> Result<Vec<String>, String> {
    let base = normalised(base)?;
    if base.is_empty() {
        return Ok(vec![String::new()]);
    }
    let pattern = patterns(&[base])?;
    Ok(directories.iter().filter(|directory| pattern.is_match(directory)).cloned().collect())
}

fn patterns(texts: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for text in texts {
        let pattern = normalised(text)?;
        let glob = GlobBuilder::new(&pattern)
            .literal_separator(true)
            .backslash_escape(true)
            .empty_alternates(true)
            .build()
            .map_err(|error| format!("the path {text:?} is no valid pattern: {error}"))?;
        set.add(glob);
    }
    set.build().map_err(|error| error.to_string())
}

/// `./a//b/` as `a/b`. A path out of the source directory is refused.
fn normalised(text: &str) -> Result<String, String> {
    let components: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if text.starts_with('/') || components.contains(&"..") {
        return Err(format!("the path {text:?} leads out of the source directory; copy the files into it"));
    }
    Ok(components.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn patterns_choose_as_codebuild_documents() {
        let paths = strings(&[
            ".hidden",
            "a.txt",
            "my-subdirectory/b.txt",
            "my-subdirectory/deep/c.txt",
            "[x].js",
            "target/app.jar",
        ]);
        let cases: [(&[&str], &[&str], &[&str]); 9] = [
            (&["a.txt"], &[], &["a.txt"]),
            (&["./a.txt"], &[], &["a.txt"]),
            (&["target/app.jar"], &[], &["target/app.jar"]),
            (&["*"], &[], &[".hidden", "[x].js", "a.txt"]),
            (&["my-subdirectory/*"], &[], &["my-subdirectory/b.txt"]),
            (&["my-subdirectory/**/*"], &[], &["my-subdirectory/b.txt", "my-subdirectory/deep/c.txt"]),
            (&["**/*"], &["my-subdirectory/**/*", ".hidden", "[[]x].js"], &["a.txt", "target/app.jar"]),
            (&["my-subdirectory"], &[], &[]),
            (&["missing", "**/*.jar"], &[], &["target/app.jar"]),
        ];
        for (files, exclude, expected) in cases {
            let mut chosen = choose(&paths, &strings(files), &strings(exclude)).unwrap();
            chosen.sort();
            assert_eq!(chosen, strings(expected), "{files:?} without {exclude:?}");
        }
    }

    #[test]
    fn a_path_out_of_the_source_directory_is_refused() {
        for path in ["/etc/passwd", "../x", "a/../../x"] {
            let error = choose(&[], &strings(&[path]), &[]).unwrap_err();
            assert!(error.contains("leads out of the source directory"), "{error}");
        }
    }

    #[test]
    fn base_directories_are_taken_by_name_or_pattern() {
        let directories = strings(&["my-build1", "my-build2", "other", "other/nested"]);
        let cases: [(&str, &[&str]); 5] = [
            ("my-build*", &["my-build1", "my-build2"]),
            ("other/nested", &["other/nested"]),
            ("./other/", &["other"]),
            (".", &[""]),
            ("none", &[]),
        ];
        for (base, expected) in cases {
            assert_eq!(base_directories(&directories, base).unwrap(), strings(expected), "{base}");
        }
    }

    #[test]
    fn discarded_paths_leave_the_last_file_of_a_name() {
        let files = vec![
            ("a/x".to_owned(), "one/a/x".to_owned()),
            ("b/x".to_owned(), "one/b/x".to_owned()),
            ("y".to_owned(), "one/y".to_owned()),
        ];
        let selected = |name: &str, path: &str| Selected { name: name.into(), path: path.into() };
        let (kept, lost) = name(files.clone(), true);
        assert_eq!(kept, [selected("x", "one/b/x"), selected("y", "one/y")]);
        assert_eq!(lost, ["x"]);
        let (kept, lost) = name(files, false);
        assert_eq!((kept.len(), lost.len()), (3, 0));
    }
}
