"""The stack of template.yaml, as its users deploy it: `sam build`, `sam deploy`, and keys for its API."""

import base64
import json
import os
import pathlib
import platform
import subprocess

import boto3

import environment
from account import REGION

HERE = pathlib.Path(__file__).resolve().parent
NAME = "pipewright"
PIPEWRIGHT = environment.ROOT / "target" / "debug" / "pipewright"
# The functions are processes of this machine.
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]


def programs():
    """SAM and `cargo lambda`, pinned."""
    return environment.programs("sam", HERE / "requirements-sam.txt")


def variables():
    """What both are told. The functions run where they are built, so they need no linker for another C library."""
    path = f"{programs()}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0", "CARGO_LAMBDA_COMPILER": "cargo"}


def sam(place, *arguments, **account):
    command = [programs() / "sam", *arguments]
    output = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, cwd=place, env=variables() | account, **output)
    if done.returncode:
        raise SystemExit(f"sam {arguments[0]} failed:\n{done.stdout}")


def compile_functions():
    """What `sam build` would do one by one, and without a word: so it has nothing left to compile."""
    command = ["cargo", "lambda", "build", "--release", "--locked"]
    subprocess.run(command, cwd=environment.ROOT / "infra" / "lambda", env=variables(), check=True)


def build(place):
    """The template with the functions' binaries."""
    built = pathlib.Path(place) / "build"
    parameters = ["--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    sam(environment.ROOT, "build", "--build-dir", built, *parameters)
    return built / "template.yaml"


def deploy(ministack, template):
    """What the template's Outputs say."""
    parameters = [f"Architecture={ARCHITECTURE}", "DeletionProtection=false"]
    arguments = ["--config-file", environment.ROOT / "samconfig.toml", "--template-file", template]
    arguments += ["--no-confirm-changeset", "--no-progressbar", "--parameter-overrides", *parameters]
    sam(template.parent, "deploy", *arguments, **ministack.client_environment)
    client = aws(ministack, "cloudformation")
    outputs = client.describe_stacks(StackName=NAME)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def aws(ministack, service):
    """A client of the account that the stack is in."""
    variables = ministack.client_environment
    return boto3.client(
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_DEFAULT_REGION"],
    )


def keys(ministack, place):
    """Keys of an administrator. The stack is given the signing key of a data directory, whose owner may have keys."""
    secrets = pathlib.Path(place) / "keys" / "secrets"
    secrets.mkdir(parents=True, mode=0o700)
    signing_key = base64.b64encode(os.urandom(32)).decode()
    with open(os.open(secrets / "SigningKey", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(signing_key)
    secret = aws(ministack, "cloudformation").describe_stack_resource(StackName=NAME, LogicalResourceId="SigningKey")
    secret = secret["StackResourceDetail"]["PhysicalResourceId"]
    aws(ministack, "secretsmanager").put_secret_value(SecretId=secret, SecretString=signing_key)
    issued = subprocess.run([PIPEWRIGHT, "credentials", "--data", secrets.parent], check=True, capture_output=True)
    return json.loads(issued.stdout)


def codepipeline(outputs, keys):
    """A client of the stack's API, through API Gateway."""
    return boto3.client(
        "codepipeline",
        endpoint_url=outputs["ApiEndpoint"],
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        region_name=REGION,
    )
