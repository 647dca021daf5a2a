//! The rules of stage conditions.

use super::{ConfigurationKey as Key, Count};

/// A rule type: category Rule, owner AWS, version 1. (user guide, pages `rule-reference-*`)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleType {
    pub provider: &'static str,
    pub configuration: &'static [Key],
    pub input_artifacts: Count,
    /// The guide allows the result SKIP with these only.
    pub may_skip: bool,
    /// Whether the work is in the `commands` member instead of the configuration.
    pub takes_commands: bool,
    /// How long it may take when nothing is declared.
    pub timeout_minutes: u32,
    /// Category and provider of AWS's action type that does the same work, if there is one.
    pub acts_as: Option<(&'static str, &'static str)>,
    /// The function that runs it.
    pub function: &'static str,
}

/// A deployment window may be a long time off, and an alarm may be waited for; the service model allows up to
/// sixty days.
const WAIT_TIMEOUT_MINUTES: u32 = 7 * 24 * 60;

const fn rule(provider: &'static str, function: &'static str, configuration: &'static [Key]) -> RuleType {
    let input_artifacts = Count::exactly(0);
    RuleType {
        provider,
        configuration,
        input_artifacts,
        may_skip: false,
        takes_commands: false,
        timeout_minutes: 60,
        acts_as: None,
        function,
    }
}

/// Of the rules that work on files. The guide counts none; the service model has room for five.
const FILES: Count = Count::between(0, 5);

pub(super) static RULES: &[RuleType] = &[
    RuleType {
        timeout_minutes: WAIT_TIMEOUT_MINUTES,
        ..rule(
            "CloudWatchAlarm",
            "rule-cloudwatchalarm",
            &[Key::required("AlarmName"), Key::optional("AlarmStates"), Key::optional("WaitTime")],
        )
    },
    RuleType {
        input_artifacts: FILES,
        acts_as: Some(("Build", "CodeBuild")),
        ..rule(
            "CodeBuild",
            "build-codebuild",
            &[
                Key::required("ProjectName"),
                Key::optional("PrimarySource"),
                Key::boolean("BatchEnabled", "false"),
                Key::boolean("CombineArtifacts", "false"),
                Key::optional("EnvironmentVariables"),
            ],
        )
    },
    RuleType {
        takes_commands: true,
        input_artifacts: FILES,
        acts_as: Some(("Compute", "Commands")),
        ..rule("Commands", "compute-commands", &[])
    },
    RuleType {
        timeout_minutes: WAIT_TIMEOUT_MINUTES,
        ..rule(
            "DeploymentWindow",
            "rule-deploymentwindow",
            &[Key::required("Cron"), Key::optional("TimeZone")],
        )
    },
    RuleType {
        may_skip: true,
        input_artifacts: FILES,
        acts_as: Some(("Invoke", "Lambda")),
        ..rule(
            "LambdaInvoke",
            "invoke-lambda",
            &[Key::required("FunctionName"), Key::optional("UserParameters")],
        )
    },
    RuleType {
        may_skip: true,
        ..rule(
            "VariableCheck",
            "rule-variablecheck",
            &[
                Key::required("Variable"),
                Key::required("Value"),
                Key::required("Operator").one_of(&["EQ", "NE", "CONTAINS", "MATCHES"]),
            ],
        )
    },
];
