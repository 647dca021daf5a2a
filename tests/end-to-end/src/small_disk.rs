//! A disk that can be filled, for the processes of one scenario and nobody else.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::process::{command, pipewright};

const SIZE_MIB: u32 = 12;
const LOOK: Duration = Duration::from_millis(20);
/// In steps of [`LOOK`]: ten seconds.
const LOOKS: usize = 500;

/// A file system in memory, mounted at one directory in a namespace of its own, which an ordinary user may make as
/// well as root. Where the machine allows nobody to, processes are kept from making files longer instead.
pub enum SmallDisk {
    Mounted {
        /// Keeps the namespace.
        holder: Child,
        at: PathBuf,
    },
    Limited,
}

impl SmallDisk {
    pub fn at(directory: &Path) -> Self {
        fs::create_dir_all(directory).expect("a directory");
        let mount = format!(
            "mount -t tmpfs -o mode=700,size={SIZE_MIB}m tmpfs \"$0\" && touch \"$0/mounted\" && exec sleep 600"
        );
        let mut holder = command("unshare");
        holder.args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount]).arg(directory);
        let mut holder = holder.stdin(Stdio::null()).spawn().expect("unshare starts");
        let at = directory.strip_prefix("/").expect("it is absolute").to_owned();
        for _ in 0..LOOKS {
            if fs::remove_file(seen_from_outside(&holder, &at).join("mounted")).is_ok() {
                return Self::Mounted { holder, at };
            }
            if holder.try_wait().expect("it is our child").is_some() {
                break;
            }
            sleep(LOOK);
        }
        eprintln!(
            "WARNING: this machine lets nobody mount a file system (unshare --map-root-user --mount), so no disk gets \
             full here; files that must not grow stand for it, and what is under way then is not tried"
        );
        Self::Limited
    }

    /// Whether a process that asks for free space is told that there is none.
    pub fn is_seen(&self) -> bool {
        matches!(self, Self::Mounted { .. })
    }

    /// The binary, on this disk, in `directory`.
    pub fn pipewright(&self, directory: &Path) -> Command {
        let mut shell = match self {
            Self::Mounted { holder, .. } => {
                let mut enter = command("nsenter");
                enter.args(["--user", "--preserve-credentials", "--mount"]);
                enter.arg(format!("--target={}", holder.id())).arg("sh");
                enter
            }
            Self::Limited => command("sh"),
        };
        // Whoever writes beyond a limit is told so, and not killed.
        shell.args(["-c", "trap '' XFSZ; cd \"$0\" && exec \"$@\""]).arg(directory).arg(pipewright());
        shell
    }

    /// From now on `process` can write nothing more.
    pub fn fill(&self, process: Option<u32>) {
        match self {
            Self::Mounted { holder, at } => {
                let filler = seen_from_outside(holder, at).join("filler");
                let mut file = fs::File::create(filler).expect("a file");
                let full = std::io::copy(&mut std::io::repeat(0), &mut file).expect_err("it gets full");
                assert_eq!(full.kind(), ErrorKind::StorageFull);
            }
            Self::Limited => limit(process, "0:unlimited"),
        }
    }

    pub fn make_space(&self, process: Option<u32>) {
        match self {
            Self::Mounted { holder, at } => {
                fs::remove_file(seen_from_outside(holder, at).join("filler")).expect("it was filled");
            }
            Self::Limited => limit(process, "unlimited:unlimited"),
        }
    }
}

fn seen_from_outside(holder: &Child, at: &Path) -> PathBuf {
    PathBuf::from(format!("/proc/{}/root", holder.id())).join(at)
}

fn limit(process: Option<u32>, file_size: &str) {
    let Some(process) = process else { return };
    let mut limit = command("prlimit");
    limit.arg(format!("--pid={process}")).arg(format!("--fsize={file_size}"));
    assert!(limit.status().expect("prlimit starts").success(), "prlimit");
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Self::Mounted { holder, .. } = self {
            // It has ended, or it shall now.
            let _ = holder.kill();
            let _ = holder.wait();
        }
    }
}
