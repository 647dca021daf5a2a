//! The four phases whose commands the buildspec gives.

use local_process::Outcome;

use super::execution::Run;
use super::phase_end::{PhaseEnd, failed, fault};
use crate::buildspec::{Buildspec, PhaseCommands};
use crate::model::{ExportedVariable, PhaseContext};
use crate::plan::{CommandPlace, PhaseType, is_retried, next_command};

/// How much of what a failed command printed last is looked at for the pattern of `on-failure`.
const SEARCHED_OUTPUT_BYTES: u64 = 256 * 1024;

/// Why a phase failed, and what its command printed.
struct Failure {
    context: PhaseContext,
    output: String,
}

impl Buildspec {
    /// What `phase` runs; `None`: the buildspec has no say in it.
    pub fn phase(&self, phase: PhaseType) -> Option<&PhaseCommands> {
        match phase {
            PhaseType::Install => Some(&self.install),
            PhaseType::PreBuild => Some(&self.pre_build),
            PhaseType::Build => Some(&self.build),
            PhaseType::PostBuild => Some(&self.post_build),
            _ => None,
        }
    }
}

impl Run {
    pub(super) async fn run_commands(&mut self, phase: PhaseType) -> PhaseEnd {
        let Some(commands) = self.buildspec.as_ref().and_then(|buildspec| buildspec.phase(phase)).cloned()
        else {
            return PhaseEnd::Succeeded;
        };
        let was_succeeding = self.recorder.build().is_succeeding();
        let mut retries = 0;
        let end = loop {
            let failure = match self.run_blocks(&commands).await {
                Ok(None) => break PhaseEnd::Succeeded,
                Ok(Some(failure)) => failure,
                Err(end) => return end,
            };
            let Failure { context, output } = failure;
            if !is_retried(&commands.on_failure, retries, &[&context.message, &output]) {
                break PhaseEnd::Failed(context);
            }
            retries += 1;
            self.recorder.note(&format!("Retrying phase {} (on-failure: RETRY, {retries})", phase.name()));
            if let Err(end) = self.set_succeeding(was_succeeding) {
                return end;
            }
        };
        if !commands.commands.is_empty() || !commands.finally.is_empty() {
            self.export_variables();
        }
        end
    }

    /// `commands` and `finally`, once; `Some`: what failed first.
    async fn run_blocks(&mut self, commands: &PhaseCommands) -> Result<Option<Failure>, PhaseEnd> {
        let mut ended = Vec::new();
        let mut failure = None;
        while let Some(place) = next_command(commands.commands.len(), commands.finally.len(), &ended) {
            let command = match place {
                CommandPlace::Commands(index) => &commands.commands[index],
                CommandPlace::Finally(index) => &commands.finally[index],
            };
            let failed = self.run_command(command).await?;
            ended.push(failed.is_none());
            failure = failure.or(failed);
        }
        Ok(failure)
    }

    /// `Some`: the command failed, for this reason.
    async fn run_command(&mut self, command: &str) -> Result<Option<Failure>, PhaseEnd> {
        let Some(session) = &mut self.session else { return Ok(None) };
        self.recorder.note(&format!("Running command {command}"));
        let beginning = self.log.written_bytes();
        let outcome = session.run(command).await.map_err(|message| fault("SHELL_ERROR", message))?;
        if let Some(error) = self.log.failure() {
            return Err(fault("LOG_ERROR", error.to_string()));
        }
        if let Some(reason) = self.stop.reason() {
            return Err(PhaseEnd::Stopped(reason));
        }
        if outcome == Outcome::Exited(0) {
            return Ok(None);
        }
        let output = self.log.read_since(beginning, SEARCHED_OUTPUT_BYTES);
        self.recorder.note(&format!("Command did not exit successfully {command} {outcome}"));
        self.set_succeeding(false)?;
        let message = format!("Error while executing command: {command}. Reason: {outcome}");
        Ok(Some(Failure { context: PhaseContext::new("COMMAND_EXECUTION_ERROR", message), output }))
    }

    fn set_succeeding(&mut self, is_succeeding: bool) -> Result<(), PhaseEnd> {
        let Some(session) = &mut self.session else { return Ok(()) };
        session.set_succeeding(is_succeeding).map_err(|error| fault("SHELL_ERROR", error.to_string()))
    }

    /// After each phase, because a build may have no further one; the last values count. As on CodeBuild,
    /// secrets and variables of AWS are not exported.
    fn export_variables(&mut self) {
        let Some(session) = &self.session else { return };
        let mut exported = Vec::new();
        for (name, value) in session.exported() {
            if !name.starts_with("AWS_") && self.log.masked(&value) == value {
                exported.push(ExportedVariable { name, value });
            } else if self.unexported.insert(name.clone()) {
                self.recorder.note(&format!("{name} is not exported: it is of AWS, or holds a secret"));
            }
        }
        self.recorder.export(exported);
    }

    /// `text` with its variables and commands replaced by their values.
    pub(super) async fn expand(&mut self, text: &str) -> Result<String, PhaseEnd> {
        let (Some(script), Some(session)) = (super::expand::expansion_script(text), self.session.as_mut())
        else {
            return Ok(text.to_owned());
        };
        let expanded = session.expand(&script).await;
        if let Some(reason) = self.stop.reason() {
            return Err(PhaseEnd::Stopped(reason));
        }
        let expanded = expanded
            .map_err(|message| failed("CLIENT_ERROR", format!("{text} cannot be expanded: {message}")))?;
        self.recorder.note(&format!("Expanded {text} to {expanded}"));
        Ok(expanded)
    }

    pub(super) async fn expand_all(&mut self, texts: &[String]) -> Result<Vec<String>, PhaseEnd> {
        let mut expanded = Vec::new();
        for text in texts {
            expanded.push(self.expand(text).await?);
        }
        Ok(expanded)
    }
}
