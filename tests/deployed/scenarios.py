"""What people do with pipelines. The same on every stack: with clients of its API and of its S3, and with its events.

Each scenario has a pipeline of its own, and returns its name.
"""

import time

from service import action, approval, commands, pipeline, stage

UNTIL_SECONDS = 60


def until(what, look, seconds=UNTIL_SECONDS):
    """Waits for `look` to find something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} does not come")


def waiting_for(file):
    """A command that ends when the file is there, and does not stay behind when a test fails."""
    return f"for _ in $(seq 600); do test ! -e {file} || break; sleep 0.1; done; test -e {file}"


class Running:
    """An execution of a pipeline that `declared` says, begun with it."""

    def __init__(self, stack, declared):
        self.stack, self.api, self.name = stack, stack.codepipeline, declared["name"]
        self.api.create_pipeline(pipeline=declared)
        started = self.api.list_pipeline_executions(pipelineName=self.name)["pipelineExecutionSummaries"]
        self.execution = started[0]["pipelineExecutionId"]
        self.where = {"pipelineName": self.name, "pipelineExecutionId": self.execution}

    def status(self):
        return self.api.get_pipeline_execution(**self.where)["pipelineExecution"]["status"]

    def ends(self, status, seconds=UNTIL_SECONDS):
        def look():
            found = self.status()
            return found if found not in ("InProgress", "Stopping") else None

        found = until(f"{self.name}: the end", look, seconds)
        assert found == status, f"{self.name} is {found}:\n{self.actions()}"

    def actions(self):
        listed = self.api.list_action_executions(pipelineName=self.name)["actionExecutionDetails"]
        return {shown["actionName"]: shown for shown in reversed(listed)}

    def state(self, name):
        """The latest execution of an action, as the pipeline's state shows it."""
        stages = self.api.get_pipeline_state(name=self.name)["stageStates"]
        actions = {state["actionName"]: state for shown in stages for state in shown.get("actionStates", [])}
        return actions.get(name, {}).get("latestExecution", {})

    def begun(self, name):
        """An action is in progress from its order on; what it waits for is known when its function has run."""

        def look():
            state = self.state(name)
            return state if state.get("token") or state.get("externalExecutionId") else None

        return until(f"{self.name}: {name}", look)

    def answers(self, status):
        token = self.begun("Approve")["token"]
        result = {"summary": "looked at", "status": status}
        where = {"pipelineName": self.name, "stageName": "Approve", "actionName": "Approve"}
        self.api.put_approval_result(result=result, token=token, **where)


def a_release(stack):
    """From a source over two builds side by side and an approval to where it is seen."""
    site = {"name": "Site", "files": ["page.html"]}
    declared = pipeline(
        "release",
        stage(
            "Build",
            {**commands("Render", "cat hello.txt > page.html"), "outputArtifacts": [site], "namespace": "render"},
            commands("Check", "grep hello hello.txt"),
        ),
        stage("Approve", approval()),
        stage(
            "Deploy",
            action(
                "Publish",
                ("Deploy", "S3"),
                configuration={"BucketName": stack.bucket, "Extract": "true", "ObjectKey": "live"},
                inputArtifacts=[{"name": "Site"}],
            ),
        ),
    )
    running = Running(stack, declared)
    running.answers("Approved")
    running.ends("Succeeded")
    page = stack.s3.get_object(Bucket=stack.bucket, Key="live/page.html")["Body"].read()
    assert page == b"hello\n", page
    assert {shown["status"] for shown in running.actions().values()} == {"Succeeded"}, running.actions()
    return running.name


def a_failure_that_is_mended(stack):
    """The build fails; the stage is retried when there is what it looked for."""
    allowed = stack.place / "allowed"
    running = Running(stack, pipeline("mended", stage("Build", commands("Look", f"test -e {allowed}"))))
    running.ends("Failed")
    failed = running.actions()["Look"]
    assert "terminated with state: FAILED" in failed["output"]["executionResult"]["errorDetails"]["message"], failed
    allowed.touch()
    running.api.retry_stage_execution(**running.where, stageName="Build", retryMode="FAILED_ACTIONS")
    running.ends("Succeeded")
    return running.name


def a_rejection(stack):
    running = Running(stack, pipeline("rejected", stage("Approve", approval()), stage("After", commands("Go", "true"))))
    running.answers("Rejected")
    running.ends("Failed")
    assert "Go" not in running.actions(), running.actions()
    return running.name


def a_stop_that_waits(stack):
    """The build that runs is waited for, and what follows it does not begin."""
    go = stack.place / "go"
    build = commands("Build", waiting_for(go))
    running = Running(stack, pipeline("stopped", stage("Build", build), stage("After", commands("Go", "true"))))
    running.begun("Build")
    running.api.stop_pipeline_execution(**running.where, abandon=False, reason="not today")
    assert running.status() == "Stopping"
    go.touch()
    running.ends("Stopped")
    assert "Go" not in running.actions(), running.actions()
    return running.name


def a_stop_that_abandons(stack):
    running = Running(stack, pipeline("abandoned", stage("Approve", approval())))
    running.begun("Approve")
    running.api.stop_pipeline_execution(**running.where, abandon=True)
    running.ends("Stopped")
    return running.name


ALL = (a_release, a_failure_that_is_mended, a_rejection, a_stop_that_waits, a_stop_that_abandons)
