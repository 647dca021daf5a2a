"""The tools, each as a function from files to findings.

A finding is the file, the rule and the logical id of the resource (or the name of the state machine's file).
"""

import json
import pathlib
import platform
import subprocess
import sys
from typing import NamedTuple

import node_packages

HERE = pathlib.Path(__file__).resolve().parent


class Finding(NamedTuple):
    file: str
    rule: str
    resource: str


class ToolFailed(Exception):
    """The tool found nothing out, good or bad."""


def _run(command, expected_statuses):
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode not in expected_statuses:
        raise ToolFailed(f"{command[0]} ended with {ended.returncode}\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}")
    return ended


def _installed(program):
    return str(pathlib.Path(sys.prefix) / "bin" / program)


def cfn_lint(files):
    # 2: errors, 4: warnings, 8: information, and their sums.
    output = _run([_installed("cfn-lint"), "--format", "json", *map(str, files)], {0, 2, 4, 6, 8, 10, 12, 14}).stdout
    findings = set()
    for match in json.loads(output):
        where = match["Location"]["Path"] or []
        resource = where[1] if len(where) > 1 else ".".join(map(str, where))
        findings.add(Finding(pathlib.Path(match["Filename"]).name, match["Rule"]["Id"], resource))
    return findings


def checkov(files):
    named = [argument for file in files for argument in ("--file", str(file))]
    command = [_installed("checkov"), *named, "--framework", "cloudformation", "--skip-download", "--compact"]
    report = json.loads(_run([*command, "--quiet", "--output", "json"], {0, 1}).stdout)
    # Checkov gives an account of nothing when it could read nothing.
    if not report.get("summary", {}).get("resource_count"):
        raise ToolFailed(f"checkov has read no resource: {json.dumps(report)[:1000]}")
    return {
        Finding(pathlib.Path(failed["file_path"]).name, failed["check_id"], failed["resource"].split(".")[-1])
        for failed in report["results"]["failed_checks"]
    }


def _guard_binary():
    system = {"Linux": "ubuntu", "Darwin": "macos"}.get(platform.system())
    machine = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(platform.machine())
    package = node_packages.installed("@cdklabs/cdk-validator-cfnguard")
    binary = package / "bin" / str(system) / str(machine) / "cfn-guard"
    if not binary.exists():
        raise ToolFailed(f"there is no cfn-guard for {platform.system()} on {platform.machine()} in the package")
    return binary, package / "rules"


def cfn_guard(files):
    """AWS Control Tower's rules, which come with the package, and our own."""
    binary, packs = _guard_binary()
    given = [argument for file in files for argument in ("--data", str(file))]
    rules = ["--rules", str(packs / "control-tower" / "cfn-guard"), "--rules", str(HERE / "rules")]
    # 19: some rule is not met.
    output = _run([str(binary), "validate", *rules, *given, "--structured", "-o", "json", "-S", "none"], {0, 19}).stdout
    findings = set()
    for report in json.loads(output):
        for failed in report["not_compliant"]:
            rule = failed["Rule"]["name"]
            resources = set(_resources(failed)) or {"template"}
            findings |= {Finding(pathlib.Path(report["name"]).name, rule, resource) for resource in resources}
    return findings


def _resources(report):
    match report:
        case dict():
            path = report.get("path")
            if isinstance(path, str) and path.startswith("/Resources/"):
                yield path.split("/")[2]
            for inner in report.values():
                yield from _resources(inner)
        case list():
            for inner in report:
                yield from _resources(inner)


def asl_validator(files):
    script = node_packages.installed("asl-validator") / "dist" / "bin" / "asl-validator.js"
    findings = set()
    for file in files:
        # What is wrong is told as an error.
        output = _run(["node", str(script), "--json-path", str(file)], {0, 1}).stderr
        for line in output.splitlines():
            rule, colon, what = line.strip().partition(": ")
            if colon and rule.isupper():
                findings.add(Finding(file.name, rule, what))
    return findings
