"""What people do with pipelines, through boto3: every operation succeeds once and is refused in every declared way."""

import copy
import time
import uuid

from service import approval, commands, pipeline, stage

NOBODY = "00000000-0000-4000-8000-000000000000"
BAD_NAME = "no spaces in names"
UNTIL_SECONDS = 60

# An exception that is declared and not provoked here, with the reason.
NOT_PROVOKED = {
    ("CreatePipeline", "ConcurrentModificationException"): "creating is one write: one is first, the others are told that the name is in use",
    ("CreatePipeline", "InvalidBlockerDeclarationException"): "boto3 does not send a blocker of another kind than Schedule, which is accepted",
    ("CreatePipeline", "LimitExceededException"): "it takes 1,000 pipelines, or a declaration that is larger than an item may be",
    ("DeletePipeline", "ConcurrentModificationException"): "it takes somebody who writes at the same moment, again and again",
    ("UpdatePipeline", "InvalidBlockerDeclarationException"): "as in CreatePipeline",
    ("UpdatePipeline", "LimitExceededException"): "as in CreatePipeline",
    ("RetryStageExecution", "ConflictException"): "it takes somebody who writes at the same moment, again and again",
    ("RetryStageExecution", "ConcurrentPipelineExecutionsLimitExceededException"): "a retried execution is counted again whatever the limit says",
    ("StartPipelineExecution", "ConflictException"): "it takes somebody who writes at the same moment, again and again",
    ("StopPipelineExecution", "ConflictException"): "it takes somebody who writes at the same moment, again and again",
}


def until(what, look):
    """Waits for `look` to find something."""
    end = time.monotonic() + UNTIL_SECONDS
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} does not come")


def ended(calls, name, execution):
    def look():
        read = calls.get_pipeline_execution(pipelineName=name, pipelineExecutionId=execution)
        status = read["pipelineExecution"]["status"]
        return status if status not in ("InProgress", "Stopping") else None

    return until(f"the end of {execution}", look)


def token(calls, name, action="Approve"):
    def look():
        for shown in calls.get_pipeline_state(name=name)["stageStates"]:
            for state in shown.get("actionStates", []):
                latest = state.get("latestExecution", {})
                if state["actionName"] == action and latest.get("status") == "InProgress":
                    return latest.get("token")

    return until(f"the approval {action}", look)


def a_release(calls):
    """From the declaration to what the history says."""
    declared = pipeline("release", stage("Build", commands("Compile", "cat hello.txt")), stage("Approve", approval()))
    created = calls.create_pipeline(pipeline=declared, tags=[{"key": "team", "value": "web"}])
    assert created["tags"] == [{"key": "team", "value": "web"}], created
    execution = calls.list_pipeline_executions(pipelineName="release")["pipelineExecutionSummaries"][0]
    first = execution["pipelineExecutionId"]
    answer = {"summary": "looks right", "status": "Approved"}
    where = {"pipelineName": "release", "stageName": "Approve", "actionName": "Approve"}
    asked = token(calls, "release")
    calls.refuses("InvalidApprovalTokenException", "put_approval_result", result=answer, token=NOBODY, **where)
    calls.put_approval_result(result=answer, token=asked, **where)
    assert ended(calls, "release", first) == "Succeeded"
    calls.refuses("ApprovalAlreadyCompletedException", "put_approval_result", result=answer, token=asked, **where)
    actions = calls.list_action_executions(pipelineName="release", filter={"pipelineExecutionId": first})
    assert [(a["actionName"], a["status"]) for a in actions["actionExecutionDetails"]] == [
        ("Approve", "Succeeded"),
        ("Compile", "Succeeded"),
        ("Source", "Succeeded"),
    ], actions
    edited = copy.deepcopy(calls.get_pipeline(name="release")["pipeline"])
    edited["stages"][1]["actions"][0]["commands"] = ["false"]
    assert calls.update_pipeline(pipeline=edited)["pipeline"]["version"] == 2
    assert calls.get_pipeline(name="release", version=1)["pipeline"]["version"] == 1
    second = calls.start_pipeline_execution(name="release", clientRequestToken=str(uuid.uuid4()))
    assert ended(calls, "release", second["pipelineExecutionId"]) == "Failed"
    retry = {"pipelineName": "release", "stageName": "Build", "retryMode": "FAILED_ACTIONS"}
    calls.retry_stage_execution(pipelineExecutionId=second["pipelineExecutionId"], **retry)
    assert ended(calls, "release", second["pipelineExecutionId"]) == "Failed"
    calls.refuses("NotLatestPipelineExecutionException", "retry_stage_execution", pipelineExecutionId=first, **retry)


def transitions_and_stops(calls):
    """An execution is held, let go, and stopped while it waits for a person."""
    calls.create_pipeline(pipeline=pipeline("held", stage("Approve", approval())))
    where = {"pipelineName": "held", "stageName": "Approve", "transitionType": "Inbound"}
    calls.disable_stage_transition(reason="inventory", **where)
    shown = calls.get_pipeline_state(name="held")["stageStates"][1]["inboundTransitionState"]
    assert (shown["enabled"], shown["disabledReason"]) == (False, "inventory"), shown
    calls.enable_stage_transition(**where)
    token(calls, "held")
    execution = calls.list_pipeline_executions(pipelineName="held")["pipelineExecutionSummaries"][0]
    which = {"pipelineName": "held", "pipelineExecutionId": execution["pipelineExecutionId"]}
    retry = {"stageName": "Approve", "retryMode": "ALL_ACTIONS", **which}
    calls.refuses("StageNotRetryableException", "retry_stage_execution", **retry)
    calls.stop_pipeline_execution(reason="wrong commit", **which)
    calls.refuses("DuplicatedStopRequestException", "stop_pipeline_execution", **which)
    calls.stop_pipeline_execution(abandon=True, **which)
    assert ended(calls, "held", which["pipelineExecutionId"]) == "Stopped"
    calls.refuses("PipelineExecutionNotStoppableException", "stop_pipeline_execution", **which)
    for _ in range(2):
        calls.delete_pipeline(name="held")
    calls.refuses("PipelineNotFoundException", "get_pipeline", name="held")


def a_crowd(calls):
    """The 51st execution is refused; pages hold all of the others, in botocore's own paginators."""
    calls.create_pipeline(pipeline=pipeline("crowd", stage("Approve", approval()), mode="PARALLEL"))
    for _ in range(49):
        calls.start_pipeline_execution(name="crowd")
    limit = "ConcurrentPipelineExecutionsLimitExceededException"
    calls.refuses(limit, "start_pipeline_execution", name="crowd")
    read = {"pipelineName": "crowd", "PaginationConfig": {"PageSize": 7}}
    pages = list(calls.client.get_paginator("list_pipeline_executions").paginate(**read))
    ids = {shown["pipelineExecutionId"] for page in pages for shown in page["pipelineExecutionSummaries"]}
    assert (len(pages), len(ids)) == (8, 50), (len(pages), len(ids))
    actions = calls.client.get_paginator("list_action_executions").paginate(**read)
    assert sum(len(page["actionExecutionDetails"]) for page in actions) >= 50
    names = calls.client.get_paginator("list_pipelines").paginate(PaginationConfig={"PageSize": 1})
    assert [shown["name"] for page in names for shown in page["pipelines"]] == ["crowd", "release"]
    calls.list_pipelines()
    for method, which in (
        ("list_pipelines", {}),
        ("list_pipeline_executions", {"pipelineName": "crowd"}),
        ("list_action_executions", {"pipelineName": "crowd"}),
    ):
        calls.refuses("InvalidNextTokenException", method, nextToken="forged", **which)


def refusals(calls):
    """What is not there, and what is not allowed."""
    which = {"pipelineExecutionId": NOBODY}
    stage_of = {"stageName": "Build", "retryMode": "ALL_ACTIONS", **which}
    shut = {"transitionType": "Inbound", "reason": "why"}
    opened = {"transitionType": "Inbound"}
    answer = {"result": {"summary": "", "status": "Approved"}, "token": NOBODY}
    lists = {"filter": which}
    for missing, pipeline_name, stage_name, action_name in (
        ("PipelineNotFoundException", "nowhere", "Build", "Compile"),
        ("StageNotFoundException", "release", "Nowhere", "Compile"),
        ("ActionNotFoundException", "release", "Approve", "Nowhere"),
        ("ValidationException", BAD_NAME, "Build", "Compile"),
    ):
        name = {"pipelineName": pipeline_name}
        place = {"stageName": stage_name, **name}
        calls.refuses(missing, "put_approval_result", actionName=action_name, **place, **answer)
        if missing == "ActionNotFoundException":
            continue
        calls.refuses(missing, "disable_stage_transition", **place, **shut)
        calls.refuses(missing, "enable_stage_transition", **place, **opened)
        calls.refuses(missing, "retry_stage_execution", **{**stage_of, **place})
        if missing == "StageNotFoundException":
            continue
        calls.refuses(missing, "get_pipeline", name=pipeline_name)
        calls.refuses(missing, "get_pipeline_state", name=pipeline_name)
        calls.refuses(missing, "start_pipeline_execution", name=pipeline_name)
        calls.refuses(missing, "stop_pipeline_execution", **name, **which)
        calls.refuses(missing, "get_pipeline_execution", **name, **which)
        calls.refuses(missing, "list_pipeline_executions", **name)
        calls.refuses(missing, "list_action_executions", **name)
    calls.refuses("ValidationException", "delete_pipeline", name=BAD_NAME)
    calls.refuses("ValidationException", "list_pipelines", maxResults=1001)
    calls.refuses("PipelineVersionNotFoundException", "get_pipeline", name="release", version=9)
    nobody = "PipelineExecutionNotFoundException"
    calls.refuses(nobody, "get_pipeline_execution", pipelineName="release", **which)
    calls.refuses(nobody, "list_action_executions", pipelineName="release", **lists)
    failure = {"failureDetails": {"type": "JobFailed", "message": "no"}}
    for method, details in (("put_job_success_result", {}), ("put_job_failure_result", failure)):
        calls.refuses("JobNotFoundException", method, jobId=NOBODY, **details)
        calls.refuses("ValidationException", method, jobId="no job", **details)


def declarations(calls):
    """A declaration that is wrong in one way or another."""
    sound = pipeline("other", stage("Build", commands("Compile", "true")))
    calls.refuses("PipelineNameInUseException", "create_pipeline", pipeline={**sound, "name": "release"})
    calls.refuses("InvalidTagsException", "create_pipeline", pipeline=sound, tags=[{"key": "aws:mine", "value": ""}])
    many = [{"key": f"k{number}", "value": ""} for number in range(51)]
    calls.refuses("TooManyTagsException", "create_pipeline", pipeline=sound, tags=many)
    twice = stage("Source", commands("Compile", "true"))
    unknown = commands("Compile", "true")
    unknown["actionTypeId"]["provider"] = "Nobody"
    for exception, stages in (
        ("InvalidStructureException", sound["stages"][:1]),
        ("InvalidStageDeclarationException", [*sound["stages"], twice]),
        ("InvalidActionDeclarationException", [sound["stages"][0], stage("Build", unknown)]),
    ):
        calls.refuses(exception, "create_pipeline", pipeline={**sound, "stages": stages})
        calls.refuses(exception, "update_pipeline", pipeline={**sound, "name": "release", "stages": stages})
    calls.refuses("ValidationException", "create_pipeline", pipeline={**sound, "name": BAD_NAME})
    calls.refuses("ValidationException", "update_pipeline", pipeline={**sound, "name": BAD_NAME})


ALL = (a_release, transitions_and_stops, a_crowd, refusals, declarations)
