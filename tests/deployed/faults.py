"""What goes wrong on AWS, provoked in the deployed stack: an execution ends as it would have, and nothing is lost."""

import contextlib
import itertools
import json
import time

import stack
from places import all_events
from scenarios import Running, until, waiting_for
from service import approval, commands, pipeline, stage as stage_of

PREFIX = f"{stack.NAME}-"
DEATHS = 12
SWEEP_SECONDS = 180


def releasing(where, name, lines=("true",)):
    """Two builds side by side, and one after them."""
    last = commands("Last", "true")
    builds = [commands("One", *lines), commands("Other", "true")]
    return Running(where, pipeline(name, stage_of("Build", *builds), stage_of("After", last)))


def invoke(where, function, event):
    answer = where.aws("lambda").invoke(FunctionName=PREFIX + function, Payload=json.dumps(event).encode())
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def build_ended(arn, status):
    """CodeBuild's event (CodeBuild user guide, "Build notifications input format reference"), as far as it is read."""
    detail = {"build-id": arn, "build-status": status, "project-name": f"{PREFIX}commands"}
    return {"source": "aws.codebuild", "detail-type": "CodeBuild Build State Change", "detail": detail}


def build_of(where, running, action):
    """As CodeBuild shows it."""
    build = running.begun(action)["externalExecutionId"]
    return where.aws("codebuild").batch_get_builds(ids=[build])["builds"][0]


def workflow_died(where, running, workflow):
    """That of Step Functions, of a workflow which is there."""
    machine = where.outputs["StageExecutionStateMachineArn"]
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{workflow}"
    shown = where.aws("stepfunctions").describe_execution(executionArn=arn)
    detail = {"executionArn": arn, "stateMachineArn": machine, "name": workflow, "status": "ABORTED", "input": shown["input"]}
    return {"source": "aws.states", "detail-type": "Step Functions Execution Status Change", "detail": detail}


@contextlib.contextmanager
def an_action_that_nobody_answers(where):
    """Five minutes, which pass in fifteen seconds."""
    declared = pipeline("unanswered", stage_of("Approve", {**approval(), "timeoutInMinutes": 5}))
    running = Running(where, declared)
    yield
    running.ends("Failed")
    error = running.actions()["Approve"]["output"]["executionResult"]["errorDetails"]
    assert "tim" in error["message"].lower(), error
    ended = [event["detail"]["state"] for event in all_events(where, running.name) if event["detail"].get("action") == "Approve"]
    assert ended == ["STARTED", "FAILED"], ended


def events_that_come_early_and_twice_and_late(where):
    """An event is a hint: how a build ended is asked of CodeBuild."""
    go = where.place / "go-on"
    running = releasing(where, "repeated", lines=[waiting_for(go)])
    build = build_of(where, running, "One")["arn"]
    for status in ("SUCCEEDED", "FAILED", "IN_PROGRESS"):
        invoke(where, "provider-events", build_ended(build, status))
    assert running.state("One")["status"] == "InProgress", running.state("One")
    go.touch()
    running.ends("Succeeded")
    for status in ("FAILED", "SUCCEEDED", "STOPPED"):
        invoke(where, "provider-events", build_ended(build, status))
    for stage in range(3):
        invoke(where, "provider-events", workflow_died(where, running, f"{running.execution}-{stage}-1"))
    assert running.status() == "Succeeded"
    told = [event["detail"]["state"] for event in all_events(where, running.name) if "stage" not in event["detail"]]
    assert told == ["STARTED", "SUCCEEDED"], told


@contextlib.contextmanager
def an_event_that_is_lost(where):
    """The rule that brings it is off while a build ends; the sweep asks for it, at most a minute after it is overdue."""
    events = where.aws("events")
    rules = [rule for rule in events.list_rules()["Rules"] if "aws.codebuild" in rule.get("EventPattern", "")]
    assert rules, "no rule is for builds"
    for rule in rules:
        events.disable_rule(Name=rule["Name"])
    running = Running(where, pipeline("unheard", stage_of("Build", commands("Build", "true"))))
    until("the build's end", lambda: build_of(where, running, "Build")["buildStatus"] == "SUCCEEDED")
    for rule in rules:
        events.enable_rule(Name=rule["Name"])
    assert running.state("Build")["status"] == "InProgress"
    yield
    running.ends("Succeeded", SWEEP_SECONDS)


def functions_that_die(where):
    """Every function is killed once with each event, the start of an action and the end of a build as well."""
    died = "Runtime exited before returning a response"
    before = where.ministack.log.read_text().count(died)
    where.ministack.deaths.touch()
    runs = [releasing(where, f"killed-{number}") for number in range(4)]
    until("the death of functions", lambda: where.ministack.log.read_text().count(died) - before >= DEATHS)
    where.ministack.deaths.unlink()
    for running in runs:
        running.ends("Succeeded", SWEEP_SECONDS)
        assert {shown["status"] for shown in running.actions().values()} == {"Succeeded"}, running.actions()
        told = [event["detail"]["state"] for event in all_events(where, running.name) if "stage" not in event["detail"]]
        # Who published them was killed as well, and tells again what may not have been told.
        assert [state for state, _ in itertools.groupby(told)] == ["STARTED", "SUCCEEDED"], told


def nothing_is_left(where):
    """Every effect was delivered."""
    resource = where.aws("cloudformation").describe_stack_resource(StackName=stack.NAME, LogicalResourceId="OutboxTable")
    table = resource["StackResourceDetail"]["PhysicalResourceId"]
    client = where.aws("dynamodb")
    end = time.monotonic() + SWEEP_SECONDS
    while left := client.scan(TableName=table)["Items"]:
        assert time.monotonic() < end, left
        time.sleep(2)


# Those that take their time, and what happens meanwhile.
SLOW = (an_event_that_is_lost, an_action_that_nobody_answers)
QUICK = (events_that_come_early_and_twice_and_late, functions_that_die)
