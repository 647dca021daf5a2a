"""CodeBuild without Docker: a build is a process of this machine. ministack's own builds end before they begin.

Runs in ministack's process. Of a buildspec: the commands of its phases, exported variables, artifacts and secondary
artifacts; sources and artifacts are zips in S3. Enough for what CodePipeline's actions start.
"""

import contextvars
import hashlib
import io
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import zipfile

import boto3
import yaml
from ministack.services import codebuild, eventbridge

PHASES = ("install", "pre_build", "build", "post_build")

started = {}
processes = {}
deciding = threading.Lock()


def start(data):
    """StartBuild. The same idempotencyToken is the same build."""
    project = codebuild._projects.get(data["projectName"])
    if project is None:
        message = f"Project cannot be found: {codebuild._project_arn(data['projectName'])}"
        return codebuild.error_response_json("ResourceNotFoundException", message, 400)
    token = data.get("idempotencyToken")
    with deciding:
        build = codebuild._builds.get(started.get(token)) if token else None
        if build is None:
            build = begin(project, data)
            started[token] = build["id"]
            worker = contextvars.copy_context().run
            threading.Thread(target=worker, args=(run, build), daemon=True).start()
    return codebuild.json_response({"build": build})


def begin(project, data):
    build = codebuild._make_build_record(project, codebuild._build_id(project["name"]))
    del build["endTime"]
    variables = {v["name"]: v for v in build["environment"].get("environmentVariables", [])}
    variables |= {v["name"]: v for v in data.get("environmentVariablesOverride", [])}
    location, kind = data.get("sourceLocationOverride"), data.get("sourceTypeOverride")
    source = {"type": kind, "location": location} if kind else dict(build["source"])
    source["buildspec"] = data.get("buildspecOverride") or project["source"].get("buildspec")
    build.update(
        buildStatus="IN_PROGRESS",
        currentPhase="BUILD",
        phases=[],
        source=source,
        secondarySources=data.get("secondarySourcesOverride", []),
        environment={**build["environment"], "environmentVariables": list(variables.values())},
        artifacts=data.get("artifactsOverride") or build["artifacts"],
        secondaryArtifacts=data.get("secondaryArtifactsOverride", []),
        exportedEnvironmentVariables=[],
    )
    logs = build["logs"]
    logs["deepLink"] = f"https://console.aws.amazon.com/cloudwatch/home#logEvent:group={logs['groupName']};stream={logs['streamName']}"
    codebuild._builds[build["id"]] = build
    return build


def stop(data):
    """StopBuild."""
    build = codebuild._builds.get(data["id"])
    if build is None:
        return codebuild.error_response_json("ResourceNotFoundException", f"Build {data['id']} not found", 400)
    end(build, "STOPPED")
    process = processes.get(build["id"])
    if process is not None:
        os.killpg(process.pid, signal.SIGKILL)
    return codebuild.json_response({"build": build})


def run(build):
    with tempfile.TemporaryDirectory() as place:
        try:
            end(build, *run_in(pathlib.Path(place), build))
        except Exception as error:
            end(build, "FAULT", repr(error))


def end(build, status, message=""):
    """Once, and it is told to EventBridge."""
    with deciding:
        if build["buildStatus"] != "IN_PROGRESS":
            return
        phase = {"phaseType": "BUILD", "phaseStatus": status, "startTime": build["startTime"], "endTime": time.time()}
        phase["contexts"] = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": message}] if message else []
        build.update(phases=[phase], currentPhase="COMPLETED", endTime=time.time(), buildStatus=status)
    detail = {"build-id": build["arn"], "build-status": status, "project-name": build["projectName"]}
    entry = {
        "Source": "aws.codebuild",
        "DetailType": "CodeBuild Build State Change",
        "Detail": json.dumps(detail),
        "Resources": [build["arn"]],
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def run_in(place, build):
    sources = place / "source"
    unpack(build["source"].get("location"), sources)
    environment = {name: os.environ[name] for name in ("PATH",)} | {"HOME": str(place)}
    environment["CODEBUILD_SRC_DIR"] = str(sources)
    for secondary in build["secondarySources"]:
        name = secondary["sourceIdentifier"]
        unpack(secondary["location"], place / name)
        environment[f"CODEBUILD_SRC_DIR_{name}"] = str(place / name)
    environment |= {v["name"]: v["value"] for v in build["environment"]["environmentVariables"]}
    buildspec = build["source"]["buildspec"] or (sources / "buildspec.yml").read_text()
    buildspec = yaml.safe_load(buildspec)
    phases = [buildspec.get("phases", {}).get(phase, {}).get("commands", []) for phase in PHASES]
    commands = [command for phase in phases for command in phase]
    script = "\n".join(["set -e", *commands, f"env -0 >'{place}/exported'"])
    process = subprocess.Popen(["bash", "-c", script], cwd=sources, env=environment, start_new_session=True)
    processes[build["id"]] = process
    if build["buildStatus"] != "IN_PROGRESS":
        os.killpg(process.pid, signal.SIGKILL)
    code = process.wait()
    if code != 0:
        return "FAILED", f"Error while executing command. Reason: exit status {code}"
    exported = (place / "exported").read_text().split("\0")
    exported = dict(line.split("=", 1) for line in exported if line)
    names = buildspec.get("env", {}).get("exported-variables", [])
    build["exportedEnvironmentVariables"] = [{"name": n, "value": exported.get(n, "")} for n in names]
    declared = buildspec.get("artifacts", {})
    build["artifacts"] = upload(sources, declared, build["artifacts"])
    several = [(declared.get("secondary-artifacts", {})[a["artifactIdentifier"]], a) for a in build["secondaryArtifacts"]]
    build["secondaryArtifacts"] = [upload(sources, *artifact) for artifact in several]
    return ("SUCCEEDED",)


def unpack(location, folder):
    folder.mkdir()
    if location:
        bucket, key = location.removeprefix("arn:aws:s3:::").split("/", 1)
        packed = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        zipfile.ZipFile(io.BytesIO(packed)).extractall(folder)


def upload(sources, declared, artifacts):
    """The artifact as BatchGetBuilds shows it."""
    if artifacts["type"] == "NO_ARTIFACTS":
        return artifacts
    base = sources / declared.get("base-directory", "")
    files = {file for pattern in declared.get("files", []) for file in base.glob(pattern) if file.is_file()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(files):
            archive.write(file, file.relative_to(base))
    key = "/".join(part for part in (artifacts.get("path"), artifacts.get("name")) if part)
    boto3.client("s3").put_object(Bucket=artifacts["location"], Key=key, Body=packed.getvalue())
    location = f"arn:aws:s3:::{artifacts['location']}/{key}"
    return {**artifacts, "location": location, "sha256sum": hashlib.sha256(packed.getvalue()).hexdigest()}
