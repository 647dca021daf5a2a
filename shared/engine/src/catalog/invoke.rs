//! Approvals, and actions that call something else.

use super::ActionCategory::{Approval, Invoke};
use super::ActionOwner::{Aws, ThirdParty};
use super::{ActionType, ConfigurationKey as Key, Count};

static APPROVAL_KEYS: &[Key] = &[
    Key::optional("CustomData"),
    Key::optional("ExternalEntityLink"),
    Key::optional("NotificationArn"),
    // Not in the guide; the service takes it and then asks for a comment with the answer.
    Key::boolean("IsSummaryRequired", "false"),
];

const fn manual_approval() -> ActionType {
    let mut manual = ActionType::new(Approval, Aws, "Manual")
        .configured_by(APPROVAL_KEYS)
        .timeout(7 * 24 * 60)
        .run_by("approval-manual");
    manual.timeout_declarable = true;
    manual
}

pub(super) static INVOKE: &[ActionType] = &[
    manual_approval(),
    ActionType::new(Invoke, Aws, "Lambda")
        .configured_by(&[Key::required("FunctionName"), Key::optional("UserParameters")])
        .artifacts(Count::between(0, 5), Count::between(0, 5))
        .gives_what_it_exports()
        .timeout(24 * 60)
        .run_by("invoke-lambda"),
    ActionType::new(Invoke, Aws, "StepFunctions")
        .configured_by(&[
            Key::required("StateMachineArn"),
            Key::optional("ExecutionNamePrefix"),
            Key::optional("InputType").defaults_to("Literal").one_of(&["Literal", "FilePath"]),
            Key::optional("Input").json(),
        ])
        .artifacts(Count::between(0, 1), Count::between(0, 1))
        .gives(&["StateMachineArn", "ExecutionArn"])
        .timeout(7 * 24 * 60)
        .run_by("invoke-stepfunctions"),
    ActionType::new(Invoke, Aws, "CodePipeline")
        .configured_by(&[
            Key::required("PipelineName"),
            Key::optional("SourceRevisions").json(),
            Key::optional("Variables").json(),
        ])
        .gives(&["PipelineExecutionId"])
        .v2_only()
        .run_by("invoke-codepipeline"),
    ActionType::new(Invoke, Aws, "InspectorScan")
        .configured_by(&[
            Key::required("InspectorRunMode").one_of(&["SourceCodeScan", "ECRImageScan"]),
            Key::optional("ECRRepositoryName"),
            Key::optional("ImageTag"),
            Key::optional("CriticalThreshold"),
            Key::optional("HighThreshold"),
            Key::optional("MediumThreshold"),
            Key::optional("LowThreshold"),
        ])
        .artifacts(Count::between(0, 1), Count::exactly(1))
        .gives(&["HighestScannedSeverity"]),
    ActionType::new(Invoke, ThirdParty, "Snyk").artifacts(Count::exactly(1), Count::exactly(1)),
];
