"""Keys for people whom AWS knows, with the AWS CLI: `pipewright login --endpoint`, and the profile that it writes."""

import json
import os
import subprocess
import sys

import environment
import service as served

AWS = environment.ENVIRONMENT / "bin" / "aws"
ARN = "arn:aws:sts::123456789012:assumed-role/reader/ann"


def of_a_role(service):
    """Somebody whose keys are from another profile; STS says who they are, and the service what they may do."""
    endpoint = json.loads((service.data / "service.json").read_text())["endpoint"]
    configuration = service.place / "config-of-ann"
    keys = f"{served.PROGRAM} credentials --data {service.data} --name ann --role reader"
    configuration.write_text(f"[profile base]\ncredential_process = {keys}\n")
    surroundings = {**os.environ, "AWS_CONFIG_FILE": str(configuration)}
    del surroundings["AWS_PROFILE"]

    def run(*command):
        return subprocess.run(command, env=surroundings, capture_output=True, text=True)

    login = [served.PROGRAM, "login", "--endpoint", endpoint, "--region", "us-east-1"]
    done = run(*login, "--source-profile", "base", "--profile", "ann")
    assert done.returncode == 0 and f"{ARN} is reader" in done.stdout, done
    listed = run(sys.executable, AWS, "--profile", "ann", "codepipeline", "list-pipelines")
    assert listed.returncode == 0, listed.stderr
    name = json.loads(listed.stdout)["pipelines"][0]["name"]
    refused = run(sys.executable, AWS, "--profile", "ann", "codepipeline", "delete-pipeline", "--name", name)
    assert "AccessDeniedException" in refused.stderr and f"User: {ARN}" in refused.stderr, refused
