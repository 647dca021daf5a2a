"""`pipewright up` as its users have it: a process, a profile, and the clients that find it by that."""

import io
import os
import pathlib
import subprocess
import time
import zipfile

import environment

PROGRAM = environment.ROOT / "target" / "debug" / "pipewright"
RESOURCES = """
buckets:
  - name: sources
    versioned: true
applications:
  - name: site
    deploymentGroups:
      - name: live
        directories: [hosts/one, hosts/two]
alarms:
  - name: errors
    state: OK
"""
CALLER_ROLE = "arn:aws:iam::123456789012:role/reader=reader"
READY_SECONDS = 60


class Service:
    """Serves a data directory in `place` until it is left. `options`: further ones of the command."""

    def __init__(self, place, options=()):
        self.options = options
        self.place = pathlib.Path(place)
        self.data = self.place / "data"

    def __enter__(self):
        resources = self.place / "local-resources.yaml"
        resources.write_text(RESOURCES)
        command = [PROGRAM, "up", "--port", "0", "--data", self.data, "--resources", resources]
        command += ["--caller-role", CALLER_ROLE]
        self.terminal = self.place / "terminal"
        with self.terminal.open("w") as terminal:
            self.process = subprocess.Popen([*command, *self.options], stdout=terminal)
        self._until_ready()
        self._take_profile()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)

    def _until_ready(self):
        until = time.monotonic() + READY_SECONDS
        while "Ctrl-C stops the service" not in self.terminal.read_text():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit("pipewright up does not get ready")
            time.sleep(0.02)

    def _take_profile(self):
        """Does as the greeting says; an unmodified client needs nothing else."""
        configuration = self.place / "config"
        nowhere = str(self.place / "nowhere")
        os.environ.update(
            AWS_CONFIG_FILE=str(configuration), AWS_SHARED_CREDENTIALS_FILE=nowhere, AWS_PROFILE="pipewright"
        )
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            os.environ.pop(name, None)
        subprocess.run([PROGRAM, "login", "--data", self.data], check=True)


def put_source(s3):
    """The object that every pipeline here begins with."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("hello.txt", "hello\n")
    s3.put_object(Bucket="sources", Key="app.zip", Body=packed.getvalue())


def pipeline(name, *stages, mode="QUEUED"):
    """A V2 pipeline with an S3 source in front of `stages`."""
    source = action(
        "Source",
        ("Source", "S3"),
        configuration={"S3Bucket": "sources", "S3ObjectKey": "app.zip", "PollForSourceChanges": "false"},
        outputArtifacts=[{"name": "Source"}],
    )
    return {
        "name": name,
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "pipelineType": "V2",
        "executionMode": mode,
        "stages": [stage("Source", source), *stages],
    }


def stage(name, *actions):
    return {"name": name, "actions": list(actions)}


def action(name, provider, **members):
    category, provider = provider
    action_type = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": action_type, **members}


def approval(name="Approve"):
    return action(name, ("Approval", "Manual"))


def commands(name, *lines):
    return action(name, ("Compute", "Commands"), commands=list(lines), inputArtifacts=[{"name": "Source"}])
