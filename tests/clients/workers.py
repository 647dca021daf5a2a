"""A build server's worker, as those of Jenkins are: it polls for jobs of a custom action, and tells how they ended."""

import datetime
import io
import zipfile

import boto3

import service
from scenarios import BAD_NAME, NOBODY, ended, until

TYPE = {"category": "Build", "provider": "Jenkins", "version": "1"}
ID = {**TYPE, "owner": "Custom"}
QUERY = {"ProjectName": "shop"}
JENKINS = "https://jenkins.example.com/shop"
CREATED = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.timezone.utc)
REVISION = {"revision": "4f1c2d", "changeIdentifier": "change-7", "created": CREATED}
FAILURE = {"type": "JobFailed", "message": "2 of 30 tests failed", "externalExecutionId": "8"}

# So many characters all output variables of an action have at most.
VARIABLES_MAX = 122_880

# So many custom action types an account has at most.
TYPES_MAX = 50

SAME_MOMENT = "it takes somebody who writes at the same moment, again and again"
NOT_PROVOKED = {
    ("CreateCustomActionType", "ConcurrentModificationException"): SAME_MOMENT,
    ("DeleteCustomActionType", "ConcurrentModificationException"): SAME_MOMENT,
}


def job(calls):
    return until("a job", lambda: calls.poll_for_jobs(actionTypeId=ID, queryParam=QUERY)["jobs"])[0]


def taken(calls):
    polled = job(calls)
    which = {"jobId": polled["id"]}
    calls.refuses("InvalidJobStateException", "put_job_success_result", **which)
    calls.refuses("InvalidJobStateException", "put_job_failure_result", failureDetails=FAILURE, **which)
    calls.refuses("InvalidNonceException", "acknowledge_job", nonce="1" + polled["nonce"], **which)
    assert calls.acknowledge_job(nonce=polled["nonce"], **which)["status"] == "InProgress"
    return polled


def build(data):
    """Reads the input artifact and writes the output artifact, with the keys of the job and no others."""
    keys = data["artifactCredentials"]
    s3 = boto3.client(
        "s3",
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys["sessionToken"],
    )
    place = data["inputArtifacts"][0]["location"]["s3Location"]
    source = s3.get_object(Bucket=place["bucketName"], Key=place["objectKey"])["Body"].read()
    hello = zipfile.ZipFile(io.BytesIO(source)).read("hello.txt").decode()
    built = io.BytesIO()
    with zipfile.ZipFile(built, "w") as archive:
        archive.writestr("hello.txt", hello.upper())
    place = data["outputArtifacts"][0]["location"]["s3Location"]
    s3.put_object(Bucket=place["bucketName"], Key=place["objectKey"], Body=built.getvalue())


def declared():
    compiled = {
        "name": "Compile",
        "actionTypeId": ID,
        "configuration": {"ProjectName": "shop"},
        "namespace": "Jenkins",
        "inputArtifacts": [{"name": "Source"}],
        "outputArtifacts": [{"name": "Built"}],
    }
    check = service.commands("Check", 'test "$(cat hello.txt)" = HELLO', 'test "#{Jenkins.Number}" = 7')
    check["inputArtifacts"] = [{"name": "Built"}]
    return service.pipeline("built-elsewhere", service.stage("Build", compiled), service.stage("Check", check))


def a_worker(calls):
    """From the action type to an artifact that the next stage reads, and to a build that fails."""
    made = {
        "settings": {
            "entityUrlTemplate": "https://jenkins.example.com/{Config:ProjectName}",
            "executionUrlTemplate": "https://jenkins.example.com/{Config:ProjectName}/{ExternalExecutionId}",
            "revisionUrlTemplate": "https://jenkins.example.com/{Config:ProjectName}/at/{RevisionId}",
        },
        "configurationProperties": [
            {"name": "ProjectName", "required": True, "key": True, "secret": False, "queryable": True}
        ],
        "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 1},
        "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 1},
    }
    refuse_types(calls, made)
    calls.refuses("InvalidActionDeclarationException", "create_pipeline", pipeline=declared())
    calls.create_custom_action_type(**TYPE, **made)
    calls.create_pipeline(pipeline=declared())
    polled = taken(calls)
    data = calls.get_job_details(jobId=polled["id"])["jobDetails"]["data"]
    assert data["actionConfiguration"]["configuration"] == {"ProjectName": "shop"}, data
    build(data)
    details = {"externalExecutionId": "7", "summary": "30 tests passed", "percentComplete": 100}
    too_much = {"Log": "x" * (VARIABLES_MAX + 1)}
    exceeded = "OutputVariablesSizeExceededException"
    calls.refuses(exceeded, "put_job_success_result", jobId=polled["id"], outputVariables=too_much)
    calls.put_job_success_result(
        jobId=polled["id"], executionDetails=details, outputVariables={"Number": "7"}, currentRevision=REVISION
    )
    first = calls.list_pipeline_executions(pipelineName="built-elsewhere")["pipelineExecutionSummaries"][0]
    assert ended(calls, "built-elsewhere", first["pipelineExecutionId"]) == "Succeeded"
    check_links(calls)
    second = calls.start_pipeline_execution(name="built-elsewhere")["pipelineExecutionId"]
    polled = taken(calls)
    calls.put_job_failure_result(jobId=polled["id"], failureDetails=FAILURE)
    assert ended(calls, "built-elsewhere", second) == "Failed"
    failed = calls.list_action_executions(pipelineName="built-elsewhere")["actionExecutionDetails"][0]["output"]
    assert failed["executionResult"]["externalExecutionUrl"] == f"{JENKINS}/8", failed
    calls.refuses("JobNotFoundException", "get_job_details", jobId=polled["id"])
    others = [{**TYPE, "version": f"2-{number}"} for number in range(TYPES_MAX)]
    for other in others[1:]:
        calls.create_custom_action_type(**other, **made)
    calls.refuses("LimitExceededException", "create_custom_action_type", **others[0], **made)
    for one in (TYPE, *others):
        calls.delete_custom_action_type(**one)


def check_links(calls):
    """People are led to the build server."""
    state = calls.get_pipeline_state(name="built-elsewhere")["stageStates"][1]["actionStates"][0]
    shown = [state["entityUrl"], state["latestExecution"]["externalExecutionUrl"], state["revisionUrl"]]
    assert shown == [JENKINS, f"{JENKINS}/7", f"{JENKINS}/at/{REVISION['revision']}"], shown
    revision = state["currentRevision"]
    assert (revision["revisionId"], revision["revisionChangeId"]) == (REVISION["revision"], "change-7"), revision
    assert revision["created"] == REVISION["created"], revision


def refuse_types(calls, made):
    """What is no type, no job, or one too many."""
    of_aws, many = [{"key": "aws:mine", "value": ""}], [{"key": f"k{n}", "value": ""} for n in range(51)]
    calls.refuses("InvalidTagsException", "create_custom_action_type", tags=of_aws, **TYPE, **made)
    calls.refuses("TooManyTagsException", "create_custom_action_type", tags=many, **TYPE, **made)
    bad = {**TYPE, "provider": BAD_NAME}
    calls.refuses("ValidationException", "create_custom_action_type", **bad, **made)
    calls.refuses("ValidationException", "delete_custom_action_type", **bad)
    calls.refuses("ActionTypeNotFoundException", "poll_for_jobs", actionTypeId=ID)
    calls.refuses("ValidationException", "poll_for_jobs", actionTypeId={**ID, "provider": BAD_NAME})
    calls.refuses("JobNotFoundException", "acknowledge_job", jobId=NOBODY, nonce="1")
    calls.refuses("ValidationException", "acknowledge_job", jobId="no job", nonce="1")
    calls.refuses("ValidationException", "get_job_details", jobId="no job")


ALL = (a_worker,)
