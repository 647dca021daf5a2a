"""Where a deployment went, and what happened there."""

import io
import zipfile

import boto3

from scenarios import BAD_NAME, NOBODY, ended
from service import action, pipeline, stage

FILES = {
    "appspec.yml": "version: 0.0\nos: linux\nfiles:\n  - source: page\n    destination: /www\n",
    "page": "hello\n",
}

NOT_PROVOKED = {}


def declared():
    deploy = action(
        "Deploy",
        ("Deploy", "CodeDeploy"),
        configuration={"ApplicationName": "site", "DeploymentGroupName": "live"},
        inputArtifacts=[{"name": "Source"}],
    )
    site = pipeline("site", stage("Deploy", deploy))
    site["stages"][0]["actions"][0]["configuration"]["S3ObjectKey"] = "site.zip"
    return site


def put_site():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    boto3.client("s3").put_object(Bucket="sources", Key="site.zip", Body=packed.getvalue())


def targets(calls):
    """Two machines, page by page."""
    put_site()
    calls.create_pipeline(pipeline=declared())
    execution = calls.list_pipeline_executions(pipelineName="site")["pipelineExecutionSummaries"][0]
    assert ended(calls, "site", execution["pipelineExecutionId"]) == "Succeeded"
    actions = calls.list_action_executions(pipelineName="site")["actionExecutionDetails"]
    ids = {shown["actionName"]: shown["actionExecutionId"] for shown in actions}
    which = {"actionExecutionId": ids["Deploy"]}
    calls.list_deploy_action_execution_targets(pipelineName="site", **which)
    pages = calls.client.get_paginator("list_deploy_action_execution_targets").paginate(
        PaginationConfig={"PageSize": 1}, **which
    )
    read = [target for page in pages for target in page["targets"]]
    assert [target["status"] for target in read] == ["Succeeded", "Succeeded"], read
    assert all(event["name"] for target in read for event in target["events"]), read
    failed = [{"name": "TARGET_STATUS", "values": ["Failed"]}]
    assert not calls.list_deploy_action_execution_targets(filters=failed, **which)["targets"]
    method = "list_deploy_action_execution_targets"
    calls.refuses("InvalidNextTokenException", method, nextToken="forged", **which)
    calls.refuses("PipelineNotFoundException", method, pipelineName="nowhere", **which)
    calls.refuses("ActionExecutionNotFoundException", method, actionExecutionId=NOBODY)
    calls.refuses("ValidationException", method, pipelineName=BAD_NAME, **which)
    calls.refuses("ValidationException", method, pipelineName="site", actionExecutionId=ids["Source"])
    calls.delete_pipeline(name="site")


ALL = (targets,)
