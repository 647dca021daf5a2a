//! Landlock: the rules of one sandbox.

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    Scope, path_beneath_rules,
};

use super::SandboxError;

/// The oldest version that controls everything that can be done to a file's content.
const NEEDED: ABI = ABI::V3;

/// What every program needs to start, and compilers and interpreters to find their parts.
const SYSTEM: [&str; 12] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/opt",
    "/nix/store",
    "/proc",
    "/sys",
    "/dev",
];

/// Files of `/dev` that hold nothing, and the terminals.
const DEVICES: [&str; 8] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
];

pub fn check() -> Result<(), SandboxError> {
    handled().map(drop).map_err(|error| SandboxError::Landlock(error.to_string()))
}

/// Restricts this process and all that it starts, for ever.
pub fn restrict(readable: &[PathBuf], writable: &[PathBuf]) -> Result<(), SandboxError> {
    let failed = |error: RulesetError| SandboxError::Landlock(error.to_string());
    let (read, all) = (AccessFs::from_read(NEEDED), AccessFs::from_all(NEEDED));
    let system = SYSTEM.iter().map(PathBuf::from).chain(readable.iter().cloned());
    let devices = DEVICES.iter().map(PathBuf::from).chain(writable.iter().cloned());
    let ruleset = handled().map_err(failed)?;
    let ruleset = ruleset.add_rules(path_beneath_rules(system, read)).map_err(failed)?;
    let ruleset = ruleset.add_rules(path_beneath_rules(devices, all)).map_err(failed)?;
    ruleset.restrict_self().map(drop).map_err(failed)
}

/// A ruleset that allows nothing yet. Signals to processes outside, and their abstract sockets, are
/// refused where the kernel can (Linux 6.12).
fn handled() -> Result<landlock::RulesetCreated, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(NEEDED))?
        .set_compatibility(CompatLevel::BestEffort)
        .scope(Scope::from_all(ABI::V6))?
        .create()
}
