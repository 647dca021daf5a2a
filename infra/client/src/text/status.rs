//! Statuses: a symbol, a word and a colour, so that none of the three is needed to read them.

use anstyle::Style;

use crate::terminal::{BLUE, DIM, GREEN, Look, RED, YELLOW};

/// How a status of CodePipeline is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub symbol: &'static str,
    pub word: &'static str,
    pub style: Style,
}

impl Mark {
    /// Of pipelines, stages, actions, conditions and rules; their statuses do not contradict each other.
    pub fn of(status: &str) -> Self {
        let (symbol, word, style) = match status {
            "Succeeded" => ("✔", "succeeded", GREEN),
            "Failed" => ("✘", "failed", RED),
            "Errored" => ("✘", "could not be checked", RED),
            "InProgress" => ("●", "in progress", BLUE),
            "Stopping" => ("◐", "stopping", YELLOW),
            "Stopped" => ("■", "stopped", YELLOW),
            "Abandoned" => ("■", "abandoned", YELLOW),
            "Cancelled" => ("■", "cancelled", YELLOW),
            "Superseded" => ("»", "superseded", DIM),
            "Overridden" => ("»", "overridden", YELLOW),
            "Skipped" => ("○", "skipped", DIM),
            "" => ("○", "not started", DIM),
            _ => ("?", "of an unknown status", YELLOW),
        };
        Self { symbol, word, style }
    }

    /// `✔ succeeded`, painted.
    pub fn painted(self, look: Look) -> String {
        look.paint(self.style, &self.plain())
    }

    pub fn plain(self) -> String {
        format!("{} {}", self.symbol, self.word)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_codepipeline::types::{
        ActionExecutionStatus, ConditionExecutionStatus, PipelineExecutionStatus, RuleExecutionStatus,
        StageExecutionStatus,
    };

    use super::*;

    #[test]
    fn every_status_of_the_api_has_a_mark() {
        let statuses = PipelineExecutionStatus::values().iter();
        let statuses = statuses.chain(StageExecutionStatus::values()).chain(ActionExecutionStatus::values());
        let statuses =
            statuses.chain(ConditionExecutionStatus::values()).chain(RuleExecutionStatus::values());
        for status in statuses {
            assert_ne!(Mark::of(status).symbol, "?", "{status}");
        }
    }
}
