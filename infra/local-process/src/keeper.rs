//! What ends the running process groups when this process dies, in whatever way.
//!
//! The kernel closes a dead process's pipes. So one small shell, which belongs to no group of ours,
//! reads from a pipe which groups are running; when the pipe ends, it kills those that are. There is one keeper
//! for the life of this process, because it guards against the end of exactly that.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::process::Pid;

/// Lines are `+ <group>` and `- <group>`.
const SCRIPT: &str = r#"trap '' TERM INT HUP
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="${groups%%" $group "*} ${groups#*" $group "}" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
"#;

static KEEPER: Mutex<Keeper> = Mutex::new(Keeper { shell: None, groups: BTreeSet::new() });

struct Keeper {
    shell: Option<Child>,
    groups: BTreeSet<i32>,
}

/// From now on `group` is killed when this process dies.
pub fn add(group: Pid) {
    let mut keeper = KEEPER.lock().unwrap_or_else(PoisonError::into_inner);
    keeper.groups.insert(group.as_raw_nonzero().get());
    keeper.tell('+', group);
}

/// `group` has ended, or may live on.
pub fn remove(group: Pid) {
    let mut keeper = KEEPER.lock().unwrap_or_else(PoisonError::into_inner);
    keeper.groups.remove(&group.as_raw_nonzero().get());
    keeper.tell('-', group);
}

impl Keeper {
    /// A keeper that somebody killed is replaced; the new one is told of all groups. Without any, what
    /// a crash leaves behind is found at the next start.
    fn tell(&mut self, sign: char, group: Pid) {
        let line = format!("{sign} {}\n", group.as_raw_nonzero());
        let pipe = self.shell.as_mut().and_then(|shell| shell.stdin.as_mut());
        if pipe.is_some_and(|pipe| pipe.write_all(line.as_bytes()).is_ok()) {
            return;
        }
        if let Some(mut dead) = self.shell.take() {
            let _ = dead.wait();
        }
        self.shell = self.start().ok();
    }

    fn start(&self) -> io::Result<Child> {
        #[expect(clippy::disallowed_methods, reason = "this crate is the place where processes are started")]
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", SCRIPT]).current_dir("/").env_clear().process_group(0);
        let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        if let Some(pipe) = &mut shell.stdin {
            let lines: String = self.groups.iter().map(|group| format!("+ {group}\n")).collect();
            pipe.write_all(lines.as_bytes())?;
        }
        Ok(shell)
    }
}
