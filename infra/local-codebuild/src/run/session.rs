//! One shell session for all commands of a build.
//!
//! As CodeBuild's agent does it, each command is a process of its own (so that `exit 1` ends the
//! command and not the session), which starts from what the one before left: its variables, exported
//! or not, and its directory; with bash also its arrays and functions. Options (`set -e`) and traps end with the
//! command. Background processes stay until the build's end.
//!
//! In buildspecs of version 0.1 each command starts from the beginning.
//!
//! The state goes from shell to shell in the shell's own quoting, in files; no value passes through
//! our hands into shell text.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use local_process::{Command, Log, Outcome, Sandbox, Session, Stop};

use crate::buildspec::{Buildspec, Shell, is_variable_name};

/// Restores the state, runs the command's file `$0`, and keeps the state, however the command ends.
/// Errors of the restoring are those of bash's own read-only arrays. `set -a` exports every variable, which
/// makes plain `A=1` outlive its command, as on CodeBuild. `@EXPORTED@` writes the exported variables.
const DRIVER: &str = r#"codebuild_keep_session() {
  {
    export -p
    [ -z "${BASH_VERSION-}" ] || { declare -ap; declare -Ap; declare -f; } 2>/dev/null
    echo '# complete'
  } >|"$0.new"
  command pwd >|"$0.directory"@EXPORTED@
}
[ ! -f "$0.state" ] || . "$0.state" 2>/dev/null
trap '{ CODEBUILD_LAST_EXIT=$?; set +x; } 2>/dev/null; codebuild_keep_session; exit "$CODEBUILD_LAST_EXIT"' EXIT
set -a
. "$0"
{ CODEBUILD_LAST_EXIT=$?; set +x; } 2>/dev/null
codebuild_keep_session
exit "$CODEBUILD_LAST_EXIT"
"#;

/// Evaluates the file `$0.text`, which prints.
const EXPAND: &str = r#"[ ! -f "$0.state" ] || . "$0.state" 2>/dev/null
. "$0.text" >|"$0.expanded"
"#;

/// Writes variables as `=value` or nothing, each ended by NUL. The names are those of variables, so they are safe
/// in the text of a script.
fn export_script(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let values: Vec<String> = names.iter().map(|name| format!("\"${{{name}+=}}${{{name}-}}\"")).collect();
    format!("\n  printf '%s\\0' {} >|\"$0.exported\"", values.join(" "))
}

/// Where output goes, and what ends a command early.
pub struct Ends {
    pub log: Log,
    pub stop: Stop,
    pub grace: Duration,
}

pub struct ShellSession {
    session: Session,
    shell: PathBuf,
    driver: String,
    exported_variables: Vec<String>,
    sandbox: Option<Sandbox>,
    /// The file that holds the current command; the state's files have longer names.
    script: PathBuf,
    directory: PathBuf,
    variables: BTreeMap<String, String>,
    has_state: bool,
    has_isolated_commands: bool,
    log: Log,
    stop: Stop,
    grace: Duration,
}

impl ShellSession {
    /// `folder` is for the session's own files; `directory` is where the first command runs.
    pub fn new(
        buildspec: &Buildspec,
        folder: &Path,
        directory: PathBuf,
        variables: BTreeMap<String, String>,
        sandbox: Option<Sandbox>,
        ends: Ends,
    ) -> Result<Self, String> {
        let path = variables.get("PATH").map(String::as_str).unwrap_or_default();
        let shell = find_shell(buildspec.shell, path)?;
        Ok(Self {
            session: Session::new(),
            shell,
            driver: DRIVER.replace("@EXPORTED@", &export_script(&buildspec.exported_variables)),
            exported_variables: buildspec.exported_variables.clone(),
            sandbox,
            script: folder.join("script.sh"),
            directory,
            variables,
            has_state: false,
            has_isolated_commands: buildspec.has_isolated_commands,
            log: ends.log,
            stop: ends.stop,
            grace: ends.grace,
        })
    }

    /// Runs one command of the buildspec.
    pub async fn run(&mut self, command: &str) -> Result<Outcome, String> {
        let failed = |error: io::Error| format!("cannot keep the shell's state: {error}");
        fs::write(&self.script, format!("{command}\n")).map_err(failed)?;
        let ended = self.execute(&self.driver.clone()).await;
        if !self.has_isolated_commands {
            self.take_over_state().map_err(failed)?;
        }
        ended
    }

    /// Sets `CODEBUILD_BUILD_SUCCEEDING` for the commands that follow.
    pub fn set_succeeding(&mut self, is_succeeding: bool) -> io::Result<()> {
        let value = if is_succeeding { "1" } else { "0" };
        self.variables.insert("CODEBUILD_BUILD_SUCCEEDING".into(), value.into());
        if self.has_state {
            let line = format!("export CODEBUILD_BUILD_SUCCEEDING={value}\n");
            let mut state = fs::OpenOptions::new().append(true).open(self.file("state"))?;
            io::Write::write_all(&mut state, line.as_bytes())?;
        }
        Ok(())
    }

    /// The exported variables that are set, as the last command left them.
    pub fn exported(&self) -> Vec<(String, String)> {
        let values = fs::read(self.file("exported")).unwrap_or_default();
        let values = values.split(|byte| *byte == 0);
        let named = self.exported_variables.iter().zip(values).filter_map(|(name, value)| {
            let value = value.strip_prefix(b"=")?;
            Some((name.clone(), String::from_utf8_lossy(value).into_owned()))
        });
        named.collect()
    }

    /// The output of `script`, without its last newline.
    pub async fn expand(&mut self, script: &str) -> Result<String, String> {
        fs::write(self.file("text"), script).map_err(|error| error.to_string())?;
        match self.execute(EXPAND).await? {
            Outcome::Exited(0) => {}
            other => return Err(format!("the shell ended with {other}")),
        }
        let text = fs::read(self.file("expanded")).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
    }

    /// `true`: a process that left its group still holds the output open.
    pub async fn end(self) -> bool {
        self.session.end().await
    }

    async fn execute(&mut self, driver: &str) -> Result<Outcome, String> {
        let mut command = Command::new(&self.shell, &self.directory).grace(self.grace);
        command = command.argument("-c").argument(driver).argument(&self.script);
        // With a state the shell takes the variables from there, or one that was unset would be back.
        for (name, value) in &self.variables {
            if !self.has_state || !is_variable_name(name) {
                command = command.variable(name, value);
            }
        }
        if let Some(sandbox) = &self.sandbox {
            command = sandbox.wrap(command);
        }
        self.session.run(&command, &self.log, &self.stop).await.map_err(|error| error.to_string())
    }

    /// Keeps the state that a command wrote, if it wrote all of it.
    fn take_over_state(&mut self) -> io::Result<()> {
        let new = self.file("new");
        match fs::read(&new) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
            Ok(text) if !text.ends_with(b"# complete\n") => return fs::remove_file(new),
            Ok(_) => fs::rename(new, self.file("state"))?,
        }
        self.has_state = true;
        let directory = fs::read(self.file("directory"))?;
        let directory = directory.strip_suffix(b"\n").unwrap_or(&directory);
        if !directory.is_empty() {
            self.directory =
                PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(directory));
        }
        Ok(())
    }

    fn file(&self, name: &str) -> PathBuf {
        let mut path = self.script.clone().into_os_string();
        path.push(".");
        path.push(name);
        path.into()
    }
}

fn find_shell(shell: Shell, path: &str) -> Result<PathBuf, String> {
    match shell {
        Shell::Sh => Ok("/bin/sh".into()),
        Shell::Bash => {
            let folders = path.split(':').filter(|folder| folder.starts_with('/')).chain(["/bin"]);
            let mut places = folders.map(|folder| Path::new(folder).join("bash"));
            places.find(|place| place.is_file()).ok_or_else(|| {
                "the buildspec asks for bash, which is not in the PATH of this host; install it or use sh"
                    .into()
            })
        }
    }
}
