#!/usr/bin/env python3
"""Runs pipelines whose AWS services are at moto, an emulator: `pipewright up --aws-endpoint SERVICE=URL`.

One command, from the root of the repository, after `cargo build -p local`:

    python3 tests/emulators/emulators.py

The first time it makes two virtual environments in .venv: the clients' and, with what requirements.txt pins, moto's.
What the emulator is asked and how actions end is tested in tests/end-to-end; here somebody else's idea of AWS answers.
"""

import contextlib
import io
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))

import environment  # noqa: E402: it is beside the clients

environment.enter(__file__)

import boto3  # noqa: E402: it is in the environment that was entered above

from service import Service, action, approval, pipeline, stage  # noqa: E402

ROLE = "arn:aws:iam::123456789012:role/stacks"
TEMPLATE = {
    "Parameters": {"Name": {"Type": "String"}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Name"}}}},
    "Outputs": {"Arn": {"Value": {"Ref": "Topic"}}},
}
READY_SECONDS = END_SECONDS = 60


@contextlib.contextmanager
def moto(place):
    """Its port, while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = environment.programs("moto-server", HERE / "requirements.txt") / "moto_server"
    with (pathlib.Path(place) / "moto").open("w") as log:
        process = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
    try:
        until = time.monotonic() + READY_SECONDS
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("moto does not get ready")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def at(port, service):
    """A client of the emulator, without the service in between."""
    keys = {"aws_access_key_id": "123456789012", "aws_secret_access_key": "test"}
    session = boto3.session.Session(region_name="us-east-1", **keys)
    return session.client(service, endpoint_url=f"http://127.0.0.1:{port}")


def put_source(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    boto3.client("s3").put_object(Bucket="sources", Key="app.zip", Body=packed.getvalue())


def ended(codepipeline, name, execution):
    until = time.monotonic() + END_SECONDS
    while time.monotonic() < until:
        status = codepipeline.get_pipeline_execution(pipelineName=name, pipelineExecutionId=execution)
        status = status["pipelineExecution"]["status"]
        if status not in ("InProgress", "Stopping"):
            return status
        time.sleep(0.1)
    raise AssertionError(f"{name} does not end")


def actions(codepipeline, name, execution):
    shown = codepipeline.list_action_executions(
        pipelineName=name, filter={"pipelineExecutionId": execution}
    )["actionExecutionDetails"]
    return {each["actionName"]: each["output"] for each in shown if "output" in each}


def deploy(name, mode, **more):
    configuration = {"ActionMode": mode, "StackName": "shop", **more}
    return action(
        name, ("Deploy", "CloudFormation"), configuration=configuration, inputArtifacts=[{"name": "Source"}]
    )


def a_stack_is_created_and_is_then_as_it_shall_be(codepipeline, port):
    template = {"RoleArn": ROLE, "TemplatePath": "Source::shop.json"}
    template["ParameterOverrides"] = json.dumps({"Name": {"Fn::GetParam": ["Source", "names.json", "topic"]}})
    prepare = deploy("Prepare", "CHANGE_SET_REPLACE", ChangeSetName="next", **template)
    prepare["configuration"]["StackName"] = "other"
    declared = pipeline("shop", stage("Deploy", deploy("Shop", "CREATE_UPDATE", **template), prepare))
    put_source({"shop.json": json.dumps(TEMPLATE), "names.json": json.dumps({"topic": "orders"})})
    codepipeline.create_pipeline(pipeline=declared)
    first = codepipeline.list_pipeline_executions(pipelineName="shop")["pipelineExecutionSummaries"][0]
    second = codepipeline.start_pipeline_execution(name="shop")
    summaries = []
    for execution in (first, second):
        execution = execution["pipelineExecutionId"]
        status = ended(codepipeline, "shop", execution)
        output = actions(codepipeline, "shop", execution)
        assert status == "Succeeded", output
        assert output["Shop"]["outputVariables"] == {"Arn": "arn:aws:sns:us-east-1:123456789012:orders"}, output
        summaries.append(output["Shop"]["executionResult"]["externalExecutionSummary"])
    assert summaries == ["The stack shop is CREATE_COMPLETE.", "The stack shop is as the template says."], summaries
    cloudformation = at(port, "cloudformation")
    stacks = {stack["StackName"]: stack["StackStatus"] for stack in cloudformation.describe_stacks()["Stacks"]}
    assert stacks == {"shop": "CREATE_COMPLETE", "other": "REVIEW_IN_PROGRESS"}, stacks


def a_topic_is_told_of_an_approval(codepipeline, port):
    topic = at(port, "sns").create_topic(Name="approvers")["TopicArn"]
    queue = at(port, "sqs").create_queue(QueueName="approvers")["QueueUrl"]
    endpoint = "arn:aws:sqs:us-east-1:123456789012:approvers"
    at(port, "sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)
    ask = approval("Ask")
    ask["configuration"] = {"NotificationArn": topic, "CustomData": "Ready?"}
    codepipeline.create_pipeline(pipeline=pipeline("asked", stage("Ask", ask)))
    until, messages = time.monotonic() + END_SECONDS, []
    while not messages and time.monotonic() < until:
        messages = at(port, "sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
    told = json.loads(json.loads(messages[0]["Body"])["Message"])["approval"]
    assert (told["pipelineName"], told["customData"]) == ("asked", "Ready?"), told
    codepipeline.put_approval_result(
        pipelineName="asked",
        stageName=told["stageName"],
        actionName=told["actionName"],
        token=told["token"],
        result={"status": "Approved", "summary": "by the message"},
    )
    execution = codepipeline.list_pipeline_executions(pipelineName="asked")["pipelineExecutionSummaries"][0]
    assert ended(codepipeline, "asked", execution["pipelineExecutionId"]) == "Succeeded"


ALL = (a_stack_is_created_and_is_then_as_it_shall_be, a_topic_is_told_of_an_approval)
SERVICES = ("cloudformation", "sns")


def main():
    with tempfile.TemporaryDirectory() as place, moto(place) as port:
        options = [part for name in SERVICES for part in ("--aws-endpoint", f"{name}=http://127.0.0.1:{port}")]
        with Service(place, options):
            codepipeline = boto3.client("codepipeline")
            for scenario in ALL:
                scenario(codepipeline, port)
                print(f"ok  {scenario.__name__}", flush=True)


if __name__ == "__main__":
    main()
