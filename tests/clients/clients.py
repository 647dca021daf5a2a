#!/usr/bin/env python3
"""Calls a running service as its users do: with boto3 and with the AWS CLI, both unmodified.

One command, from the root of the repository, after `cargo build -p local`:

    python3 tests/clients/clients.py

The first time it makes a virtual environment in .venv/clients with what requirements.txt pins. Every operation that
docs/api.md lists has to succeed, with an answer of the model's shape, and to be refused with every exception that the
model declares for it, but for those that scenarios.py names with the reason.
"""

import re
import tempfile

import environment

environment.enter(__file__)

import boto3  # noqa: E402: it is in the environment that was entered above

import command_line  # noqa: E402
import conditions  # noqa: E402
import deployments  # noqa: E402
import documents  # noqa: E402
import examples  # noqa: E402
import keys  # noqa: E402
import partners  # noqa: E402
import resources  # noqa: E402
import revisions  # noqa: E402
import scenarios  # noqa: E402
import webhooks  # noqa: E402
import workers  # noqa: E402
from answers import Calls  # noqa: E402
from service import Service, put_source  # noqa: E402


SCENARIOS = (scenarios, resources, workers, partners, webhooks, revisions, deployments, conditions)


def listed_operations():
    table = (environment.ROOT / "docs" / "api.md").read_text()
    return re.findall(r"^\| `(\w+)`", table, re.MULTILINE)


def always_refused():
    table = (environment.ROOT / "docs" / "api-coverage.md").read_text()
    return set(re.findall(r"^\| `(\w+)` \| always \[refused\]", table, re.MULTILINE))


def check_coverage(calls):
    missing, not_provoked, refused = [], {}, always_refused()
    for module in SCENARIOS:
        not_provoked |= module.NOT_PROVOKED
    for operation in listed_operations():
        if (operation in calls.succeeded) == (operation in refused):
            missing.append(f"{operation} {'succeeds all the same' if operation in calls.succeeded else 'never succeeds'}")
        for exception in sorted(calls.declared(operation)):
            is_provoked = exception in calls.refused[operation]
            if is_provoked == ((operation, exception) in not_provoked):
                missing.append(f"{operation}: {exception} is {'provoked all the same' if is_provoked else 'missing'}")
    assert not missing, "\n".join(missing)


def main():
    with tempfile.TemporaryDirectory() as place, Service(place) as service:
        put_source(boto3.client("s3"))
        calls = Calls(boto3.client("codepipeline"))
        for scenario in [scenario for module in SCENARIOS for scenario in module.ALL]:
            scenario(calls)
            print(f"ok  {scenario.__name__}", flush=True)
        check_coverage(calls)
        command_line.a_pipeline_from_a_file(place)
        documents.run_blocks(place)
        print("ok  what the documents say to paste")
        print(f"ok  {examples.run(calls, place)} examples of the AWS CLI")
        keys.of_a_role(service)
        print("ok  the AWS CLI")
        refused = sum(len(exceptions) for exceptions in calls.refused.values())
        print(f"{len(calls.succeeded)} operations answered, {refused} refusals as declared")


if __name__ == "__main__":
    main()
