"""The side of moto: its interpreter in this process, its Lambda replaced by the scenario's stubs."""

import io
import json
import logging
import threading
import time

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

TOKEN_DELAY_SECONDS = 0.1
ROLE = "arn:aws:iam::123456789012:role/role"

logging.disable(logging.CRITICAL)


class StubbedLambda:
    """What moto's interpreter sees of Lambda."""

    def __init__(self, functions, stepfunctions):
        self.functions = functions
        self.stepfunctions = stepfunctions
        self.calls = {}
        self.lock = threading.Lock()

    def invoke(self, FunctionName, Payload=b"{}", **_):
        payload = json.loads(Payload)
        answer = self.answer(FunctionName, payload)
        if "error" in answer:
            error_type, message = answer["error"]
            body = {"errorMessage": message, "errorType": error_type}
            return respond(body, FunctionError="Unhandled")
        if "token" in answer:
            threading.Thread(target=self.complete, args=(payload["taskToken"], answer["token"])).start()
        return respond(payload if answer.get("echo") else answer.get("return"))

    def answer(self, name, payload):
        if name not in self.functions:
            code, message = "ResourceNotFoundException", f"Function not found: {name}"
            metadata = {"HTTPStatusCode": 404, "RequestId": "request"}
            raise ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "Invoke")
        function = self.functions[name]
        key = payload.get(function["select"]) if "select" in function else "*"
        key = key if key in function["answers"] else "*"
        answers = function["answers"][key]
        with self.lock:
            call = self.calls.get((name, key), 0)
            self.calls[(name, key)] = call + 1
        return answers[min(call, len(answers) - 1)]

    def complete(self, token, answer):
        time.sleep(TOKEN_DELAY_SECONDS)
        if "success" in answer:
            self.stepfunctions.send_task_success(taskToken=token, output=json.dumps(answer["success"]))
        else:
            error, cause = answer["failure"]
            self.stepfunctions.send_task_failure(taskToken=token, error=error, cause=cause)


def respond(body, **more):
    payload = io.BytesIO(json.dumps(body).encode())
    return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": payload, **more}


def run(scenario):
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        client = boto3.client(
            "stepfunctions",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        stub = StubbedLambda(scenario.get("functions", {}), client)
        lambda_eval_utils.boto_client_for = lambda **_: stub
        definition = json.dumps(scenario["definition"])
        machine = client.create_state_machine(name="machine", definition=definition, roleArn=ROLE)
        started = client.start_execution(
            stateMachineArn=machine["stateMachineArn"], name="execution", input=json.dumps(scenario["input"])
        )
        execution = started["executionArn"]
        deadline = time.monotonic() + 60
        while (description := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
            if time.monotonic() > deadline:
                raise TimeoutError("moto's interpreter did not come to an end")
            time.sleep(0.02)
        history = client.get_execution_history(executionArn=execution, maxResults=1000)
        return {"description": description, "events": history["events"]}
