#!/usr/bin/env python3
"""Is template.yaml what a careful team would deploy? What linters and policies say of it, offline.

    python3 tests/template/gates.py

SAM's own library expands the template; cfn-lint, checkov and cfn-guard (the rules of AWS Control Tower, and those in
rules/) look at the expansion, and asl-validator at the state machines. Whatever one of them finds is mended, or is in
exceptions.json with the reason why it stays. An exception that nothing needs any more is refused, and so is a gate that
does not find the faults that faults.py plants.

The first time it installs what requirements.txt and package-lock.json pin, into .venv/template and .tools/template.
It deploys nothing and asks nobody: what only an account can tell is in docs/deploy.md.
"""

import fnmatch
import json
import os
import pathlib
import re
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "clients"))

import environment  # noqa: E402

PROGRAMS = environment.programs("template", HERE / "requirements.txt")
if pathlib.Path(sys.prefix) != PROGRAMS.parent:
    os.execv(PROGRAMS / "python", [str(PROGRAMS / "python"), __file__])

import expansion  # noqa: E402
import faults  # noqa: E402
import node_packages  # noqa: E402
import tools  # noqa: E402

TEMPLATE = ROOT / "template.yaml"
STATE_MACHINES = sorted((ROOT / "infra" / "statemachines").glob("*.asl.json"))


def main():
    node_packages.install()
    exceptions = json.loads((HERE / "exceptions.json").read_text())
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for name, tool, real, planted, expected in gates(pathlib.Path(folder)):
            begun = time.monotonic()
            found = tool([*real, planted])
            allowed = exceptions.pop(name, [])
            problems += judged(name, found, {file.name for file in real}, planted.name, expected, allowed)
            print(f"{name:14} {len(expected):2} planted faults, {time.monotonic() - begun:5.1f} s", flush=True)
    problems += [f"exceptions.json: there is no gate {name}" for name in exceptions]
    problems += undocumented(expansion.read(TEMPLATE))
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


def gates(folder):
    """Each: its name, the tool, the real files, the file with planted faults, and those."""

    def written(name, document):
        file = folder / name
        file.write_text(document if isinstance(document, str) else json.dumps(document, indent=1))
        return file

    template = expansion.read(TEMPLATE)
    unlinted, misspelt = faults.lint(template)
    whole = expansion.expanded(template)
    unsafe, weaknesses = faults.security(whole)
    unruly, breaches = faults.rules(whole)
    real = written("expanded.json", whole)
    comparable = written("resolved.json", expansion.resolved(whole))
    machines = [written(file.name, file.read_text()) for file in STATE_MACHINES]
    lost, wrong_states = faults.states(STATE_MACHINES[0].read_text())
    yield "cfn-lint", tools.cfn_lint, [TEMPLATE, real], written("planted.json", unlinted), misspelt
    yield "checkov", tools.checkov, [real], written("planted.json", unsafe), weaknesses
    unruly = written("planted.json", expansion.resolved(unruly))
    yield "cfn-guard", tools.cfn_guard, [comparable], unruly, breaches
    yield "asl-validator", tools.asl_validator, machines, written("planted.asl.json", lost), wrong_states


def judged(name, found, real, planted, expected, exceptions):
    """What is wrong with the template, with the exceptions or with the gate."""
    of_real = {finding for finding in found if finding.file in real}
    unneeded = list(exceptions)
    for finding in sorted(of_real):
        allowed = [one for one in exceptions if one["rule"] == finding.rule and covers(one, finding)]
        unneeded = [one for one in unneeded if one not in allowed]
        if not allowed:
            yield f"{name}: {finding.file}: {finding.rule}: {finding.resource}"
    for one in unneeded:
        yield f"{name}: exceptions.json has {one['rule']} for {one['resources']}, which nothing needs any more"
    in_planted = {(finding.rule, finding.resource) for finding in found if finding.file == planted}
    in_real = {(finding.rule, finding.resource) for finding in of_real}
    for fault in expected:
        if tuple(fault) not in in_planted - in_real:
            yield f"{name}: does not find the planted fault {fault.rule} on {fault.resource}"


def undocumented(template):
    """What a user can set, read or be told of has a row in docs/deploy.md, and nothing else has."""
    alarms = {name for name, one in template["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"}
    sections = {"Parameters": set(template["Parameters"]), "Outputs": set(template["Outputs"]), "Alarms": alarms}
    page = (ROOT / "docs" / "deploy.md").read_text()
    for heading, names in sections.items():
        section = page.split(f"\n## {heading}\n")[1].split("\n#")[0]
        rows = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
        yield from (f"docs/deploy.md, {heading}: {name} is not there" for name in sorted(names - rows))
        yield from (f"docs/deploy.md, {heading}: {name} is not in the template" for name in sorted(rows - names))


def covers(exception, finding):
    return any(fnmatch.fnmatchcase(finding.resource, pattern) for pattern in exception["resources"])


main()
