"""Revisions of a source that somebody else chooses, and tells of."""

import datetime
import uuid

import boto3

from scenarios import BAD_NAME, ended
from service import approval, commands, pipeline, stage

LIMIT = "ConcurrentPipelineExecutionsLimitExceededException"
# So many executions of a PARALLEL pipeline go on at most.
EXECUTIONS_MAX = 50

NOT_PROVOKED = {}


def of(revision):
    now = datetime.datetime.now(datetime.timezone.utc)
    change = {"revisionId": revision, "revisionChangeId": str(uuid.uuid4()), "created": now}
    return {"stageName": "Source", "actionName": "Source", "actionRevision": change}


def a_change(calls):
    """The version of the source that is told starts the pipeline, once."""
    declared = pipeline("watched", stage("Build", commands("Compile", "cat hello.txt")))
    calls.create_pipeline(pipeline=declared)
    first = calls.list_pipeline_executions(pipelineName="watched")["pipelineExecutionSummaries"][0]
    assert ended(calls, "watched", first["pipelineExecutionId"]) == "Succeeded"
    s3 = boto3.client("s3")
    source = s3.get_object(Bucket="sources", Key="app.zip")["Body"].read()
    version = s3.put_object(Bucket="sources", Key="app.zip", Body=source)["VersionId"]
    change = {"pipelineName": "watched", **of(version)}
    put = calls.put_action_revision(**change)
    assert put["newRevision"] and put["pipelineExecutionId"] != first["pipelineExecutionId"], put
    assert ended(calls, "watched", put["pipelineExecutionId"]) == "Succeeded"
    again = calls.put_action_revision(**change)
    assert (again["newRevision"], again["pipelineExecutionId"]) == (False, put["pipelineExecutionId"]), again
    read = calls.list_pipeline_executions(pipelineName="watched")["pipelineExecutionSummaries"][0]
    assert read["trigger"]["triggerType"] == "PutActionRevision", read
    assert read["sourceRevisions"][0]["revisionId"] == version, read
    wrong = [{"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": "a"}]
    calls.refuses("ValidationException", "start_pipeline_execution", name="watched", sourceRevisions=wrong)
    for exception, changed in (
        ("PipelineNotFoundException", {"pipelineName": "nowhere"}),
        ("StageNotFoundException", {"stageName": "Nowhere"}),
        ("ActionNotFoundException", {"actionName": "Nobody"}),
        ("ValidationException", {"pipelineName": BAD_NAME}),
    ):
        calls.refuses(exception, "put_action_revision", **{**change, **changed})
    calls.delete_pipeline(name="watched")


def one_too_many(calls):
    """As with every other start."""
    calls.create_pipeline(pipeline=pipeline("thronged", stage("Approve", approval()), mode="PARALLEL"))
    for _ in range(EXECUTIONS_MAX - 1):
        calls.start_pipeline_execution(name="thronged")
    calls.refuses(LIMIT, "put_action_revision", pipelineName="thronged", **of("another"))
    calls.delete_pipeline(name="thronged")


ALL = (a_change, one_too_many)
