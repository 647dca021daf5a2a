"""Conditions of stages, what people do about them, and rollbacks."""

import uuid

import boto3

from scenarios import BAD_NAME, ended, until
from service import commands, pipeline, stage

NEVER = "* * * * * ? 2199"

BUSY = "it takes somebody who writes at the same moment, again and again"
NOT_PROVOKED = {
    ("OverrideStageCondition", "ConcurrentPipelineExecutionsLimitExceededException"): "an execution that goes on is counted again whatever the limit says",
    ("RollbackStage", "ConflictException"): BUSY,
}


def rule(provider, configuration):
    rule_type = {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": provider, "ruleTypeId": rule_type, "configuration": configuration}


def gated(name, *rules, result="FAIL", when="beforeEntry"):
    deploy = stage("Deploy", commands("Ship", "cat hello.txt"))
    deploy[when] = {"conditions": [{"result": result, "rules": list(rules)}]}
    declared = pipeline(name, deploy)
    declared["variables"] = [{"name": "target", "defaultValue": "test"}]
    return declared


def is_production():
    return rule("VariableCheck", {"Variable": "#{variables.target}", "Operator": "EQ", "Value": "prod"})


def first_of(calls, name):
    return calls.list_pipeline_executions(pipelineName=name)["pipelineExecutionSummaries"][-1]["pipelineExecutionId"]


def condition_of(calls, name):
    shown = calls.get_pipeline_state(name=name)["stageStates"][1]
    return shown, shown.get("beforeEntryConditionState", {}).get("latestExecution", {}).get("status")


def a_gate(calls):
    """Skips a stage, or keeps an execution out that a person lets in."""
    calls.create_pipeline(pipeline=gated("skipping", is_production(), result="SKIP"))
    assert ended(calls, "skipping", first_of(calls, "skipping")) == "Succeeded"
    shown, status = condition_of(calls, "skipping")
    assert (shown["latestExecution"]["status"], status) == ("Skipped", "Failed"), shown

    calls.create_pipeline(pipeline=gated("gated", is_production()))
    execution = first_of(calls, "gated")
    assert ended(calls, "gated", execution) == "Failed"
    page = calls.list_rule_executions(pipelineName="gated")
    detail = page["ruleExecutionDetails"][0]
    assert (detail["ruleName"], detail["status"]) == ("VariableCheck", "Failed"), detail
    assert detail["input"]["resolvedConfiguration"]["Variable"] == "test", detail
    entry = {"pipelineName": "gated", "stageName": "Deploy", "pipelineExecutionId": execution}
    entry["conditionType"] = "BEFORE_ENTRY"
    for exception, changed in (
        ("PipelineNotFoundException", {"pipelineName": "nowhere"}),
        ("StageNotFoundException", {"stageName": "Nowhere"}),
        ("ConditionNotOverridableException", {"conditionType": "ON_SUCCESS"}),
        ("NotLatestPipelineExecutionException", {"pipelineExecutionId": str(uuid.uuid4())}),
        ("ValidationException", {"pipelineName": BAD_NAME}),
    ):
        calls.refuses(exception, "override_stage_condition", **{**entry, **changed})
    calls.override_stage_condition(**entry)
    assert ended(calls, "gated", execution) == "Succeeded"
    overridden, status = condition_of(calls, "gated")
    assert status == "Overridden", overridden
    for name in ("skipping", "gated"):
        calls.delete_pipeline(name=name)


def a_window(calls):
    """Holds an execution up until it is stopped."""
    calls.create_pipeline(pipeline=gated("nightly", rule("DeploymentWindow", {"Cron": NEVER})))
    execution = first_of(calls, "nightly")
    until("the window", lambda: condition_of(calls, "nightly")[1] == "InProgress")
    calls.stop_pipeline_execution(pipelineName="nightly", pipelineExecutionId=execution)
    entry = {"stageName": "Deploy", "pipelineExecutionId": execution, "conditionType": "BEFORE_ENTRY"}
    calls.refuses("ConflictException", "override_stage_condition", pipelineName="nightly", **entry)
    calls.delete_pipeline(name="nightly")


def an_alarm(calls):
    """Keeps an execution out as long as somebody has set it so."""
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a try")
    calls.create_pipeline(pipeline=gated("calm", rule("CloudWatchAlarm", {"AlarmName": "errors", "AlarmStates": "OK"})))
    assert ended(calls, "calm", first_of(calls, "calm")) == "Failed"
    told = calls.list_rule_executions(pipelineName="calm")["ruleExecutionDetails"][0]
    message = told["output"]["executionResult"]["errorDetails"]["message"]
    assert message == "The alarm 'errors' is in the state ALARM, not in OK: a try", message
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="it was a try")
    described = cloudwatch.describe_alarms(AlarmNames=["errors", "nobody"])["MetricAlarms"]
    assert [(alarm["AlarmName"], alarm["StateValue"]) for alarm in described] == [("errors", "OK")], described
    retried = calls.start_pipeline_execution(name="calm")["pipelineExecutionId"]
    assert ended(calls, "calm", retried) == "Succeeded"
    calls.delete_pipeline(name="calm")


def lists_of_rules(calls):
    """Page by page, of one execution or of all."""
    calls.create_pipeline(pipeline=gated("listed", is_production(), rule("DeploymentWindow", {"Cron": "* * * * * ?"})))
    execution = first_of(calls, "listed")
    assert ended(calls, "listed", execution) == "Failed"
    paginator = calls.client.get_paginator("list_rule_executions")
    pages = paginator.paginate(pipelineName="listed", PaginationConfig={"PageSize": 1})
    names = {detail["ruleName"] for page in pages for detail in page["ruleExecutionDetails"]}
    assert names == {"VariableCheck", "DeploymentWindow"}, names
    for latest in ("Latest", "All"):
        only = {"pipelineExecutionId": execution, "startTimeRange": latest}
        found = calls.list_rule_executions(pipelineName="listed", filter={"latestInPipelineExecution": only})
        assert len(found["ruleExecutionDetails"]) == 2, found
    for exception, changed in (
        ("PipelineNotFoundException", {"pipelineName": "nowhere"}),
        ("InvalidNextTokenException", {"nextToken": "forged"}),
        ("PipelineExecutionNotFoundException", {"filter": {"pipelineExecutionId": str(uuid.uuid4())}}),
        ("ValidationException", {"pipelineName": BAD_NAME}),
    ):
        calls.refuses(exception, "list_rule_executions", **{"pipelineName": "listed", **changed})
    calls.delete_pipeline(name="listed")


def a_rollback(calls):
    """Back to an execution of this version that succeeded in the stage."""
    declared = pipeline("reverted", stage("Deploy", commands("Ship", "cat hello.txt")))
    calls.create_pipeline(pipeline=declared)
    target = first_of(calls, "reverted")
    assert ended(calls, "reverted", target) == "Succeeded"
    back = {"pipelineName": "reverted", "stageName": "Deploy", "targetPipelineExecutionId": target}
    rollback = calls.rollback_stage(**back)["pipelineExecutionId"]
    assert ended(calls, "reverted", rollback) == "Succeeded"
    read = calls.get_pipeline_execution(pipelineName="reverted", pipelineExecutionId=rollback)["pipelineExecution"]
    assert (read["executionType"], read["trigger"]["triggerType"]) == ("ROLLBACK", "ManualRollback"), read
    assert read["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": target}, read
    for exception, changed in (
        ("PipelineNotFoundException", {"pipelineName": "nowhere"}),
        ("StageNotFoundException", {"stageName": "Nowhere"}),
        ("PipelineExecutionNotFoundException", {"targetPipelineExecutionId": str(uuid.uuid4())}),
        ("UnableToRollbackStageException", {"targetPipelineExecutionId": rollback}),
        ("ValidationException", {"pipelineName": BAD_NAME}),
    ):
        calls.refuses(exception, "rollback_stage", **{**back, **changed})
    calls.update_pipeline(pipeline=declared)
    calls.refuses("PipelineExecutionOutdatedException", "rollback_stage", **back)
    calls.delete_pipeline(name="reverted")


ALL = (a_gate, a_window, an_alarm, lists_of_rules, a_rollback)
