"""A provider of actions: it makes an action type, and its worker polls for the jobs of its clients."""

import uuid

import service
from scenarios import BAD_NAME, NOBODY, ended, until

ID = {"category": "Test", "owner": "ThirdParty", "provider": "Scan", "version": "1"}
CLIENT = {"ClientId": str(uuid.uuid4()), "ClientToken": "canary-" + uuid.uuid4().hex}
KEY = "canary-" + uuid.uuid4().hex
HIDDEN = "****"
ACCOUNT = "123456789012"
FAILURE = {"type": "JobFailed", "message": "3 findings"}
ARTIFACTS = {"minimumCount": 0, "maximumCount": 1}
SCAN = {
    "description": "Looks for known weaknesses",
    "id": ID,
    "executor": {
        "type": "JobWorker",
        "configuration": {"jobWorkerExecutorConfiguration": {"pollingAccounts": [ACCOUNT]}},
        "jobTimeout": 600,
    },
    "permissions": {"allowedAccounts": [ACCOUNT]},
    "properties": [
        {"name": "Target", "optional": False, "key": True, "noEcho": False},
        {"name": "Key", "optional": False, "key": False, "noEcho": True},
    ],
    "inputArtifactDetails": ARTIFACTS,
    "outputArtifactDetails": ARTIFACTS,
    "urls": {"entityUrlTemplate": "https://scan.example.com/{Config:Target}"},
}

NOT_PROVOKED = {}


def declared(token):
    scan = {
        "name": "Scan",
        "actionTypeId": ID,
        "configuration": {"Target": "shop", "Key": KEY, **CLIENT, "ClientToken": token},
        "inputArtifacts": [{"name": "Source"}],
    }
    return service.pipeline("scanned", service.stage("Scan", scan))


def taken(calls):
    """The job as the worker has it once it is acknowledged: which one, and whose."""
    polled = until("a job", lambda: calls.poll_for_third_party_jobs(actionTypeId=ID)["jobs"])[0]
    assert polled["clientId"] == CLIENT["ClientId"], polled
    which = {"jobId": polled["jobId"], "clientToken": CLIENT["ClientToken"]}
    guessed = {**which, "clientToken": "guessed"}
    calls.refuses("InvalidClientTokenException", "get_third_party_job_details", **guessed)
    details = calls.get_third_party_job_details(**which)["jobDetails"]
    assert details["data"]["actionConfiguration"]["configuration"] == {"Target": "shop", "Key": KEY}, details
    nonce = {"nonce": details["nonce"]}
    calls.refuses("InvalidClientTokenException", "acknowledge_third_party_job", **guessed, **nonce)
    calls.refuses("InvalidNonceException", "acknowledge_third_party_job", nonce="1" + details["nonce"], **which)
    for method, result in (
        ("put_third_party_job_success_result", {}),
        ("put_third_party_job_failure_result", {"failureDetails": FAILURE}),
    ):
        calls.refuses("InvalidClientTokenException", method, **guessed, **result)
        calls.refuses("InvalidJobStateException", method, **which, **result)
    assert calls.acknowledge_third_party_job(**which, **nonce)["status"] == "InProgress"
    return which


def show_no_secret(calls, execution):
    """Whatever may be read of the pipeline."""
    name = {"pipelineName": "scanned"}
    answers = (
        calls.get_pipeline(name="scanned"),
        calls.get_pipeline_state(name="scanned"),
        calls.get_pipeline_execution(pipelineExecutionId=execution, **name),
        calls.list_action_executions(**name),
        calls.list_pipeline_executions(**name),
        calls.list_action_types(actionOwnerFilter="ThirdParty"),
        calls.get_action_type(**ID),
    )
    for answer in answers:
        assert KEY not in str(answer) and CLIENT["ClientToken"] not in str(answer), answer


def a_provider(calls):
    """From the action type to a job that succeeds and one that fails."""
    refuse(calls)
    calls.update_action_type(actionType=SCAN)
    assert calls.get_action_type(**ID)["actionType"] == SCAN
    calls.refuses("InvalidActionDeclarationException", "create_pipeline", pipeline=declared(HIDDEN))
    calls.create_pipeline(pipeline=declared(CLIENT["ClientToken"]))
    which = taken(calls)
    first = calls.list_pipeline_executions(pipelineName="scanned")["pipelineExecutionSummaries"][0]
    show_no_secret(calls, first["pipelineExecutionId"])
    calls.put_third_party_job_success_result(executionDetails={"externalExecutionId": "scan-1"}, **which)
    assert ended(calls, "scanned", first["pipelineExecutionId"]) == "Succeeded"
    shown = calls.get_pipeline_state(name="scanned")["stageStates"][1]["actionStates"][0]
    assert shown["entityUrl"] == "https://scan.example.com/shop", shown
    edited = calls.get_pipeline(name="scanned")["pipeline"]
    assert edited["stages"][1]["actions"][0]["configuration"]["Key"] == HIDDEN, edited
    calls.update_pipeline(pipeline=edited)
    second = calls.start_pipeline_execution(name="scanned")["pipelineExecutionId"]
    which = taken(calls)
    calls.put_third_party_job_failure_result(failureDetails=FAILURE, **which)
    assert ended(calls, "scanned", second) == "Failed"
    show_no_secret(calls, second)
    calls.delete_pipeline(name="scanned")


def refuse(calls):
    """What is no type, and no job."""
    built_in = {**ID, "category": "Build", "owner": "AWS", "provider": "CodeBuild"}
    calls.refuses("RequestFailedException", "update_action_type", actionType={**SCAN, "id": built_in})
    of_aws = {**ID, "owner": "AWS"}
    calls.refuses("ActionTypeNotFoundException", "update_action_type", actionType={**SCAN, "id": of_aws})
    bad = {**ID, "provider": BAD_NAME}
    calls.refuses("ValidationException", "update_action_type", actionType={**SCAN, "id": bad})
    calls.refuses("ActionTypeNotFoundException", "get_action_type", **ID)
    calls.refuses("ActionTypeNotFoundException", "get_action_type", **built_in)
    calls.refuses("ValidationException", "get_action_type", **bad)
    calls.refuses("ActionTypeNotFoundException", "poll_for_third_party_jobs", actionTypeId=ID)
    calls.refuses("ValidationException", "poll_for_third_party_jobs", actionTypeId=bad)
    nobodys = {"jobId": NOBODY, "clientToken": "guessed"}
    calls.refuses("InvalidJobException", "get_third_party_job_details", **{**nobodys, "jobId": "no job"})
    for method, more in (
        ("get_third_party_job_details", {}),
        ("acknowledge_third_party_job", {"nonce": "1"}),
        ("put_third_party_job_success_result", {}),
        ("put_third_party_job_failure_result", {"failureDetails": FAILURE}),
    ):
        calls.refuses("JobNotFoundException", method, **nobodys, **more)
        calls.refuses("ValidationException", method, **{**nobodys, "clientToken": "x" * 257}, **more)


ALL = (a_provider,)
