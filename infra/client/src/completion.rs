//! Completion of the command line by shells.

use clap_complete::aot::{Shell, generate};

/// `completion SHELL`.
#[derive(Debug, Clone, clap::Args)]
pub struct CompletionArguments {
    /// bash, zsh, fish, elvish or powershell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// The script with which the shell completes `command`, which is the whole command of the binary.
pub fn completion(arguments: &CompletionArguments, mut command: clap::Command) -> Vec<u8> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, name, &mut script);
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_completes_every_command() {
        let command = clap::Command::new("pipewright").subcommand(clap::Command::new("history"));
        for shell in <Shell as clap::ValueEnum>::value_variants() {
            let script = completion(&CompletionArguments { shell: *shell }, command.clone());
            let script = String::from_utf8(script).unwrap();
            assert!(script.contains("pipewright") && script.contains("history"), "{shell}: {script}");
        }
    }
}
