//! The way into a sandbox: what the program does that stands between us and a sandboxed command.

use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::restrict::restrict;
use super::{END, LOOPBACK, READ, SandboxError, UNSHARE, UNSHARE_ARGUMENTS, WRITE};

/// Places of the program that switches a network interface on; without it there is no loopback.
const IP: [&str; 3] = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"];

/// What the arguments of the helper say.
#[derive(Debug, Default)]
struct Order {
    readable: Vec<PathBuf>,
    writable: Vec<PathBuf>,
    is_loopback_wanted: bool,
    program: PathBuf,
    arguments: Vec<OsString>,
}

/// Restricts this process and turns it into the command that the arguments name: those that
/// [`Sandbox::wrap`](super::Sandbox::wrap) gives, without the helper's own. Returns only if that fails. To
/// be called before anything else, in a process that does nothing else.
pub fn enter_sandbox(arguments: impl IntoIterator<Item = OsString>) -> Result<Infallible, SandboxError> {
    let order = parse(arguments)?;
    if order.is_loopback_wanted {
        switch_loopback_on();
    }
    restrict(&order.readable, &order.writable)?;
    #[expect(clippy::disallowed_methods, reason = "this crate is the place where processes are started")]
    let cause = Command::new(&order.program).args(order.arguments).exec();
    Err(SandboxError::Execute { program: order.program, cause })
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Order, SandboxError> {
    let mut order = Order::default();
    let mut arguments = arguments.into_iter();
    loop {
        let option = arguments.next().ok_or_else(|| SandboxError::Usage(format!("{END} is missing")))?;
        let mut path = || arguments.next().map(PathBuf::from);
        match option.to_str() {
            Some(READ) => order.readable.extend(path()),
            Some(WRITE) => order.writable.extend(path()),
            Some(LOOPBACK) => order.is_loopback_wanted = true,
            Some(END) => break,
            _ => return Err(SandboxError::Usage(format!("there is no option {option:?}"))),
        }
    }
    let program = arguments.next().ok_or_else(|| SandboxError::Usage("a program is missing".into()))?;
    Ok(Order { program: program.into(), arguments: arguments.collect(), ..order })
}

/// In a new network namespace the loopback interface is there, but off. Builds whose tests talk to a
/// server of their own need it; where it cannot be switched on, those find out by themselves.
fn switch_loopback_on() {
    if let Some(ip) = IP.iter().find(|path| Path::new(path).exists()) {
        #[expect(clippy::disallowed_methods, reason = "this crate is the place where processes are started")]
        let mut command = Command::new(ip);
        let _ = command.args(["link", "set", "lo", "up"]).env_clear().stderr(Stdio::null()).status();
    }
}

/// Makes a network namespace and throws it away.
pub fn check_network() -> Result<(), SandboxError> {
    #[expect(clippy::disallowed_methods, reason = "this crate is the place where processes are started")]
    let mut command = Command::new(UNSHARE);
    command.args(UNSHARE_ARGUMENTS).args([END, "/bin/sh", "-c", ":"]).env_clear().stdin(Stdio::null());
    let tried = command.output().map_err(|error| SandboxError::Network(format!("{UNSHARE}: {error}")))?;
    if tried.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&tried.stderr).trim().to_owned();
    Err(SandboxError::Network(format!("{UNSHARE} {}: {said}", tried.status)))
}
