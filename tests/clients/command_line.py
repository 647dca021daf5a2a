"""The AWS CLI, unmodified, with nothing but a profile."""

import json
import pathlib
import subprocess
import sys

import environment
import service

AWS = environment.ENVIRONMENT / "bin" / "aws"


def aws(*arguments):
    """The CLI's answer, and its standard error if it fails."""
    run = subprocess.run([sys.executable, AWS, *arguments], capture_output=True, text=True)
    if run.returncode != 0:
        return run.returncode, run.stderr
    return 0, json.loads(run.stdout) if run.stdout.strip() else None


def a_pipeline_from_a_file(place):
    """create, get, edit as the user guide says, start, look, delete."""
    declared = service.pipeline("by-hand", service.stage("Approve", service.approval()))
    file = pathlib.Path(place) / "by-hand.json"
    file.write_text(json.dumps({"pipeline": declared}))
    status, created = aws("codepipeline", "create-pipeline", "--cli-input-json", f"file://{file}")
    assert status == 0 and created["pipeline"]["version"] == 1, created
    status, read = aws("codepipeline", "get-pipeline", "--name", "by-hand")
    assert status == 0, read
    # "metadata" has to be removed from the file before update-pipeline takes it (user guide).
    file.write_text(json.dumps({"pipeline": read["pipeline"]}))
    status, updated = aws("codepipeline", "update-pipeline", "--cli-input-json", f"file://{file}")
    assert status == 0 and updated["pipeline"]["version"] == 2, updated
    status, started = aws("codepipeline", "start-pipeline-execution", "--name", "by-hand")
    assert status == 0, started
    which = ["--pipeline-name", "by-hand", "--pipeline-execution-id", started["pipelineExecutionId"]]
    assert aws("codepipeline", "get-pipeline-execution", *which)[0] == 0
    assert aws("codepipeline", "stop-pipeline-execution", "--abandon", *which)[0] == 0
    status, listed = aws("codepipeline", "list-pipelines", "--query", "pipelines[].name")
    assert status == 0 and "by-hand" in listed, listed
    assert aws("codepipeline", "delete-pipeline", "--name", "by-hand") == (0, None)
    status, said = aws("codepipeline", "get-pipeline-state", "--name", "by-hand")
    # 254 from version 2 of the CLI on.
    assert status == 255 and "PipelineNotFoundException" in said, (status, said)
