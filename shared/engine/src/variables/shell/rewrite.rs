//! Turning references into environment variables.

use std::fmt;
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::variables::{Reference, references_in};

use super::judge::judge;
use super::scan::{Quoting, scan};

/// How the environment variables that carry values begin.
pub const PREFIX: &str = "PIPEWRIGHT_VAR_";

/// A command without references, and the environment that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewrittenCommand {
    pub text: String,
    /// In the order of first use, each once.
    pub environment: Vec<Binding>,
}

/// An environment variable and the variable whose value it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub name: String,
    pub namespace: String,
    pub key: String,
}

/// A reference that stands where no value is safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The bytes of the reference in the command.
    pub range: Range<usize>,
    /// Its first character, counted from 1.
    pub character: usize,
    /// `#{namespace.key}`.
    pub reference: String,
    /// Where it stands and why that is not safe.
    pub reason: String,
    /// What to write instead.
    pub fix: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at character {} {}", self.reference, self.character, self.reason)
    }
}

impl std::error::Error for Refusal {}

/// Rewrites one command line of a POSIX shell or of Bash. A line without references is left as it is; what is
/// between `#{` and `}` and is no reference stays too (validation refuses it for itself).
pub fn rewrite(command: &str) -> Result<RewrittenCommand, Refusal> {
    let references: Vec<Reference> = references_in(command).into_iter().flatten().collect();
    if references.is_empty() {
        return Ok(RewrittenCommand { text: command.to_string(), environment: Vec::new() });
    }
    let line = scan(command, &references).and_then(|line| judge(&line, &references).map(|()| line)).map_err(
        |refusal| Refusal { character: command[..refusal.range.start].chars().count() + 1, ..refusal },
    )?;
    let mut text = String::new();
    let mut environment: Vec<Binding> = Vec::new();
    let mut from = 0;
    for (reference, quoting) in references.iter().zip(&line.quoting) {
        let name = environment_name(&reference.namespace, &reference.key);
        text.push_str(&command[from..reference.range.start]);
        text.push_str(&match quoting {
            Quoting::None => format!("\"${{{name}}}\""),
            Quoting::Double => format!("${{{name}}}"),
            Quoting::Single => format!("'\"${{{name}}}\"'"),
        });
        from = reference.range.end;
        if environment.iter().all(|binding| binding.name != name) {
            let (namespace, key) = (reference.namespace.clone(), reference.key.clone());
            environment.push(Binding { name, namespace, key });
        }
    }
    text.push_str(&command[from..]);
    Ok(RewrittenCommand { text, environment })
}

/// The environment variable of a variable: readable where the names allow it, and never the same for two
/// variables. Names with other letters than an environment variable may have end in a digest.
pub fn environment_name(namespace: &str, key: &str) -> String {
    let plain =
        |text: &str, others: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c));
    if plain(namespace, "") && plain(key, "_") {
        return format!("{PREFIX}{namespace}_{key}");
    }
    let readable = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
    };
    let digest = Sha256::digest(format!("{namespace}.{key}"));
    let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}_{}_{}_{digest}", readable(namespace), readable(key))
}
