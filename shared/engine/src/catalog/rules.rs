//! The rules of stage conditions. None of them runs yet; a declaration is still checked against them.

use super::ConfigurationKey as Key;

/// A rule type: category Rule, owner AWS, version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleType {
    pub provider: &'static str,
    pub configuration: &'static [Key],
    /// The guide allows the result SKIP with these only.
    pub may_skip: bool,
    /// Whether the work is in the `commands` member instead of the configuration.
    pub takes_commands: bool,
}

const fn rule(provider: &'static str, configuration: &'static [Key]) -> RuleType {
    RuleType { provider, configuration, may_skip: false, takes_commands: false }
}

pub(super) static RULES: &[RuleType] = &[
    rule(
        "CloudWatchAlarm",
        &[Key::required("AlarmName"), Key::optional("AlarmStates"), Key::optional("WaitTime")],
    ),
    rule(
        "CodeBuild",
        &[
            Key::required("ProjectName"),
            Key::optional("PrimarySource"),
            Key::boolean("BatchEnabled", "false"),
            Key::boolean("CombineArtifacts", "false"),
            Key::optional("EnvironmentVariables"),
        ],
    ),
    RuleType { takes_commands: true, ..rule("Commands", &[]) },
    rule("DeploymentWindow", &[Key::required("Cron"), Key::optional("TimeZone")]),
    RuleType {
        may_skip: true,
        ..rule("LambdaInvoke", &[Key::required("FunctionName"), Key::optional("UserParameters")])
    },
    RuleType {
        may_skip: true,
        ..rule(
            "VariableCheck",
            &[
                Key::required("Variable"),
                Key::required("Value"),
                Key::required("Operator").one_of(&["EQ", "NE", "CONTAINS", "MATCHES"]),
            ],
        )
    },
];
