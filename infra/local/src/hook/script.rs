//! The hooks as git runs them: a few lines of `sh`, which run what was there before them too.

use std::path::Path;

/// By this line a hook of ours is known.
pub(super) const MARK: &str =
    "# Made by `pipewright hook install`, and taken away by `pipewright hook remove`.";
/// Behind the name of a hook: the one that was there before.
pub(super) const BEFORE: &str = ".before-pipewright";

/// A hook, and how it finds out what has moved: lines of old commit, new commit, reference.
pub(super) struct Hook {
    pub name: &'static str,
    updates: &'static str,
}

/// A push is told on the standard input (githooks, "post-receive"). Commits and merges are made in the repository
/// itself, on the branch that is checked out.
pub(super) const HOOKS: [Hook; 3] = [
    Hook { name: "post-receive", updates: "cat" },
    Hook { name: "post-commit", updates: OF_HEAD },
    Hook { name: "post-merge", updates: OF_HEAD },
];

const OF_HEAD: &str = "echo \"$(git rev-parse -q --verify 'HEAD@{1}' || echo 0) \
                       $(git rev-parse -q --verify HEAD) $(git symbolic-ref -q HEAD)\"";

/// `program` is this binary. The status is that of the hook before: of this one nothing can fail.
pub(super) fn script(hook: &Hook, program: &Path, data: &Path, repository: &Path) -> String {
    let Hook { name, updates } = hook;
    let [program, data, repository] = [program, data, repository].map(|path| quoted(&path.to_string_lossy()));
    format!(
        "#!/bin/sh\n{MARK}\nupdates=$({updates})\nstatus=0\nbefore=\"$(dirname \"$0\")/{name}{BEFORE}\"\n\
         if [ -x \"$before\" ]; then\n    \
         printf '%s\\n' \"$updates\" | \"$before\" \"$@\" || status=$?\nfi\n\
         printf '%s\\n' \"$updates\" | {program} hook notify --data {data} --repository {repository} ||\n    \
         echo 'pipewright: the service was not told; is the program still where it was?' >&2\n\
         exit $status\n"
    )
}

/// One word of `sh`, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        assert_eq!(quoted("/a b/$x"), "'/a b/$x'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        let script = script(&HOOKS[0], Path::new("/bin/pipe wright"), Path::new("/d"), Path::new("/r.git"));
        assert!(
            script.contains("'/bin/pipe wright' hook notify --data '/d' --repository '/r.git'"),
            "{script}"
        );
    }
}
