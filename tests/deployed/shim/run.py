"""ministack with this stack's gaps closed; runs in the environment that has ministack, and as a process of its own.

What is closed and why is in README.md of the folder above. Nothing here knows of pipelines.
"""

import threading

import ministack.services.codebuild as codebuild
import ministack.services.stepfunctions as stepfunctions
from ministack.app import main

import builds
import deaths  # noqa: F401: it puts itself in its place

LAMBDA = "arn:aws:states:::lambda:invoke.waitForTaskToken"
A_YEAR_SECONDS = 31_536_000
# CodePipeline's shortest timeout is five minutes; a task that waits is given up in a twentieth of its time.
SECONDS_OF_A_SECOND = 1 / 20

execute_task = stepfunctions._execute_task
invoke_with_callback = stepfunctions._invoke_with_callback


def task_with_timeout_path(state, raw_input, execution, context):
    """TimeoutSecondsPath, which is passed over otherwise."""
    path = state.get("TimeoutSecondsPath")
    if path is not None:
        state = {**state, "TimeoutSeconds": stepfunctions._resolve_path(path, raw_input)}
    return execute_task(state, raw_input, execution, context)


def function_that_may_fail(resource, arguments, token, state):
    """A function that fails, or is not there, fails its task; otherwise the task would wait for its token for ever."""
    if resource != LAMBDA:
        return invoke_with_callback(resource, arguments, token, state)
    answered = threading.Event()
    waiting = {"event": answered, "result": None, "error": None, "heartbeat": None}
    stepfunctions._task_tokens[token] = waiting
    try:
        function = stepfunctions._resolve_lambda_function_ref(arguments["FunctionName"], optimized=True)
        try:
            stepfunctions._call_lambda(function, arguments["Payload"])
        except stepfunctions._ExecutionError:
            # The first answer counts: the function may have died after it gave one.
            if not answered.is_set():
                raise
        if not answered.wait(state.get("TimeoutSeconds", A_YEAR_SECONDS) * SECONDS_OF_A_SECOND):
            raise stepfunctions._ExecutionError("States.Timeout", "")
    finally:
        stepfunctions._task_tokens.pop(token, None)
    if waiting["error"]:
        raise stepfunctions._ExecutionError(waiting["error"]["Error"], waiting["error"]["Cause"])
    return stepfunctions.json.loads(waiting["result"])


stepfunctions._execute_task = task_with_timeout_path
stepfunctions._invoke_with_callback = function_that_may_fail
codebuild._start_build = builds.start
codebuild._stop_build = builds.stop

if __name__ == "__main__":
    main()
