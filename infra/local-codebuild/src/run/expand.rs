//! Texts of the `artifacts` section that hold variables and commands. Pure.
//!
//! CodeBuild expands `name`, `files` and `base-directory` with the shell. A here-document does that
//! without touching patterns and quotes. The text is the buildspec's own, like its commands.

const END_OF_TEXT: &str = "END_OF_TEXT_5c6b1f0a";

/// A script of the shell that prints `text` expanded; `None`: there is nothing to expand.
pub fn expansion_script(text: &str) -> Option<String> {
    if !text.contains(['$', '`']) || text.contains('\n') {
        return None;
    }
    let (function, text) = with_hash_function(text);
    Some(format!("{function}cat <<{END_OF_TEXT}\n{}\n{END_OF_TEXT}\n", with_braces(&text)))
}

/// `codebuild-hash-files`, which CodeBuild's images have for the keys of caches: a digest of the files of the
/// source that patterns name.
const HASH_FILES: &str = r#"codebuild_hash_files() {
  (
    cd "$CODEBUILD_SRC_DIR" || exit 1
    for codebuild_pattern do
      find . -type f '(' -path "./$codebuild_pattern" -o -path "./${codebuild_pattern#\*\*/}" ')' -print
    done | LC_ALL=C sort -u | while IFS= read -r codebuild_file; do cat "$codebuild_file"; done | sha256sum | cut -d ' ' -f 1
  )
}
"#;

/// A function of the shell cannot have a hyphen in its name.
fn with_hash_function(text: &str) -> (&'static str, String) {
    let name = "codebuild-hash-files";
    if text.contains(name) {
        (HASH_FILES, text.replace(name, "codebuild_hash_files"))
    } else {
        ("", text.to_owned())
    }
}

/// `$(NAME)` as `${NAME}`: CodeBuild's documentation writes variables so
/// (`name: $(AWS_REGION)-$(date +%Y-%m-%d)`).
fn with_braces(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$(") {
        result.push_str(before);
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        match after.split_once(')') {
            Some((name, following)) if !name.is_empty() && name.chars().all(is_name) => {
                result.push_str(&format!("${{{name}}}"));
                rest = following;
            }
            _ => {
                result.push_str("$(");
                rest = after;
            }
        }
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_with_something_to_expand_go_through_the_shell() {
        assert_eq!(expansion_script("**/*"), None);
        assert_eq!(expansion_script("it's \"quoted\""), None);
        let script = expansion_script("$(AWS_REGION)-$(date +%Y)-$X.zip").unwrap();
        assert!(script.contains("\n${AWS_REGION}-$(date +%Y)-$X.zip\n"), "{script}");
    }
}
