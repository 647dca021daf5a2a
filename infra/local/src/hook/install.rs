//! Putting the hooks where git looks for them, and taking them away.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::HookError;
use super::script::{BEFORE, HOOKS, MARK, script};

/// Where git has what belongs to a repository.
struct Places {
    /// Shared by all of its worktrees.
    git_directory: PathBuf,
    hooks: PathBuf,
}

/// Makes the hooks, or makes them anew. Hooks that were there are kept, and run before ours.
pub(super) fn install(repository: &Path, data: &Path) -> Result<String, HookError> {
    let places = places(repository)?;
    let program = std::env::current_exe().map_err(failed("this program"))?;
    fs::create_dir_all(&places.hooks).map_err(failed(places.hooks.display()))?;
    for hook in &HOOKS {
        let path = places.hooks.join(hook.name);
        let text = script(hook, &program, data, &places.git_directory);
        keep(&path)?;
        write(&path, &text).map_err(failed(path.display()))?;
    }
    Ok(format!(
        "pushes to {} and commits in it are told to the service of {}\n",
        places.git_directory.display(),
        data.display()
    ))
}

/// Takes the hooks away; those that were there before are in their places again.
pub(super) fn remove(repository: &Path) -> Result<String, HookError> {
    let places = places(repository)?;
    for hook in &HOOKS {
        let path = places.hooks.join(hook.name);
        let failed = failed(path.display());
        if !is_ours(&path) {
            continue;
        }
        let before = before(&path);
        match before.exists() {
            true => fs::rename(&before, &path).map_err(failed)?,
            false => fs::remove_file(&path).map_err(failed)?,
        }
    }
    Ok(format!("nothing is told of {} any more\n", places.git_directory.display()))
}

/// Moves a hook that is not ours out of the way.
fn keep(path: &Path) -> Result<(), HookError> {
    if is_ours(path) || !path.exists() {
        return Ok(());
    }
    let before = before(path);
    if before.exists() {
        return Err(HookError::Failed(format!(
            "{} and {} are both there; take one of them away",
            path.display(),
            before.display()
        )));
    }
    fs::rename(path, &before).map_err(failed(path.display()))
}

fn before(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}{BEFORE}"))
}

fn is_ours(path: &Path) -> bool {
    fs::read(path).is_ok_and(|text| String::from_utf8_lossy(&text).lines().any(|line| line == MARK))
}

/// Git may run it at any moment, so it appears whole.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Git knows best: of worktrees, and of `core.hooksPath`.
fn places(repository: &Path) -> Result<Places, HookError> {
    #[expect(clippy::disallowed_methods, reason = "git is asked where its hooks are")]
    let mut git = Command::new("git");
    git.arg("-C").arg(repository);
    git.args(["rev-parse", "--path-format=absolute", "--git-common-dir", "--git-path", "hooks"]);
    let answer = git.output().map_err(failed("git"))?;
    if !answer.status.success() {
        let why = String::from_utf8_lossy(&answer.stderr);
        let shown = repository.display();
        return Err(HookError::NoRepository(format!("{shown} is no git repository here: {}", why.trim())));
    }
    let text = String::from_utf8_lossy(&answer.stdout);
    let mut lines = text.lines().map(PathBuf::from);
    match (lines.next(), lines.next()) {
        (Some(git_directory), Some(hooks)) => {
            let git_directory = git_directory.canonicalize().map_err(failed("the repository"))?;
            Ok(Places { git_directory, hooks })
        }
        _ => Err(HookError::Failed(format!("git says of {} only: {text}", repository.display()))),
    }
}

fn failed(what: impl Display) -> impl Fn(io::Error) -> HookError {
    move |error| HookError::Failed(format!("{what}: {error}"))
}
