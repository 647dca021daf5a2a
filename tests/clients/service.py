"""`pipewright up` as its users have it: a process, a profile, and the clients that find it by that."""

import json
import os
import pathlib
import subprocess
import time
import zipfile

import environment

PROGRAM = environment.ROOT / "target" / "debug" / "pipewright"
RESOURCES = "buckets:\n  - name: sources\n    versioned: true\n"
READY_SECONDS = 60


class Service:
    """Serves a data directory in `place` until it is left."""

    def __init__(self, place):
        self.place = pathlib.Path(place)
        self.data = self.place / "data"

    def __enter__(self):
        resources = self.place / "local-resources.yaml"
        resources.write_text(RESOURCES)
        command = [PROGRAM, "up", "--port", "0", "--data", self.data, "--resources", resources]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        description = self._until_ready()
        self.endpoint = description["endpoint"]
        self._write_profile(description["region"])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)

    def _until_ready(self):
        file = self.data / "service.json"
        until = time.monotonic() + READY_SECONDS
        while not file.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit("pipewright up does not get ready")
            time.sleep(0.02)
        return json.loads(file.read_text())

    def _write_profile(self, region):
        """All that a user has to write down for an unmodified client."""
        configuration = self.place / "config"
        configuration.write_text(
            "[profile pipewright]\n"
            f"region = {region}\n"
            f"endpoint_url = {self.endpoint}\n"
            f"credential_process = {PROGRAM} credentials --data {self.data}\n"
            "request_checksum_calculation = when_required\n"
        )
        nowhere = str(self.place / "nowhere")
        os.environ.update(
            AWS_CONFIG_FILE=str(configuration), AWS_SHARED_CREDENTIALS_FILE=nowhere, AWS_PROFILE="pipewright"
        )
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            os.environ.pop(name, None)

    def put_source(self, s3):
        """The object that every pipeline here begins with."""
        archive = self.place / "app.zip"
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("hello.txt", "hello\n")
        s3.put_object(Bucket="sources", Key="app.zip", Body=archive.read_bytes())


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
