//! The four phases whose commands the buildspec gives.

use local_process::Outcome;

use super::execution::Run;
use super::phase_end::{PhaseEnd, failed, fault};
use crate::buildspec::{Buildspec, PhaseCommands};
use crate::model::{ExportedVariable, PhaseContext};
use crate::plan::{CommandPlace, PhaseType, next_command};

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
        let mut ended = Vec::new();
        let mut failure = None;
        while let Some(place) = next_command(commands.commands.len(), commands.finally.len(), &ended) {
            let command = match place {
                CommandPlace::Commands(index) => &commands.commands[index],
                CommandPlace::Finally(index) => &commands.finally[index],
            };
            match self.run_command(command).await {
                Ok(None) => ended.push(true),
                Ok(Some(context)) => {
                    ended.push(false);
                    failure.get_or_insert(context);
                }
                Err(end) => return end,
            }
        }
        self.export_variables().await;
        match failure {
            None => PhaseEnd::Succeeded,
            Some(context) => PhaseEnd::Failed(context),
        }
    }

    /// `Some`: the command failed, for this reason.
    async fn run_command(&mut self, command: &str) -> Result<Option<PhaseContext>, PhaseEnd> {
        let Some(session) = &mut self.session else { return Ok(None) };
        self.recorder.note(&format!("Running command {command}"));
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
        self.recorder.note(&format!("Command did not exit successfully {command} {outcome}"));
        if let Err(error) = session.set_succeeding(false) {
            return Err(fault("SHELL_ERROR", error.to_string()));
        }
        let message = format!("Error while executing command: {command}. Reason: {outcome}");
        Ok(Some(PhaseContext::new("COMMAND_EXECUTION_ERROR", message)))
    }

    /// After each phase, because a build may have no further one; the last values count.
    async fn export_variables(&mut self) {
        let names =
            self.buildspec.as_ref().map(|buildspec| buildspec.exported_variables.clone()).unwrap_or_default();
        let Some(session) = self.session.as_mut().filter(|_| !names.is_empty()) else { return };
        match session.read(&names).await {
            Ok(values) => {
                let set = names.into_iter().zip(values);
                let exported = set.filter_map(|(name, value)| Some(ExportedVariable { name, value: value? }));
                self.recorder.export(exported.collect());
            }
            Err(message) => self.recorder.note(&format!("The exported variables cannot be read: {message}")),
        }
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
}
