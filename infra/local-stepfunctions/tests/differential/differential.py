#!/usr/bin/env python3
"""Runs the same state machines through local-stepfunctions and through moto's interpreter.

One command, from the root of the repository:

    python3 infra/local-stepfunctions/tests/differential/differential.py [SCENARIO ...]

The first time it makes a virtual environment in .venv/moto with what requirements.txt pins. moto's
interpreter is not ours and was compared with AWS by its authors. Compared are: how the execution
ended, with its output, error and cause, and the order of the history's event types in each line of
control (the execution, each Map iteration, each Parallel branch). Iterations run at once, so the
order between lines of control is nobody's promise.

A difference that AWS's documentation explains is listed in differences.json with its reason. A
listed difference that is not there any more fails, too.
"""

import json
import multiprocessing
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[3]
ENVIRONMENT = ROOT / ".venv" / "moto"
REQUIREMENTS = HERE / "requirements.txt"
STAMP = ENVIRONMENT / "requirements.txt"


def enter_environment():
    """Starts this script again with the interpreter that has moto."""
    python = ENVIRONMENT / "bin" / "python"
    if not STAMP.exists() or STAMP.read_text() != REQUIREMENTS.read_text():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)], check=True)
        STAMP.write_text(REQUIREMENTS.read_text())
    if pathlib.Path(sys.prefix) != ENVIRONMENT:
        os.execv(python, [str(python), __file__, *sys.argv[1:]])


def load_scenarios(names):
    scenarios = {}
    for path in sorted((HERE / "scenarios").glob("*.json")):
        if names and path.stem not in names:
            continue
        scenario = json.loads(path.read_text())
        if "definitionFile" in scenario:
            text = (HERE / scenario.pop("definitionFile")).read_text()
            for name, value in scenario.pop("substitutions", {}).items():
                text = text.replace("${" + name + "}", value)
            scenario["definition"] = json.loads(text)
        scenarios[path.stem] = scenario
    return scenarios


def run_ours(scenarios):
    command = ["cargo", "run", "--quiet", "-p", "local-stepfunctions", "--example", "run_scenarios"]
    run = subprocess.run(
        command, cwd=ROOT, input=json.dumps(list(scenarios.values())), capture_output=True, text=True
    )
    if run.returncode != 0:
        sys.exit(f"our interpreter failed:\n{run.stderr}")
    return dict(zip(scenarios, json.loads(run.stdout)))


def parse_data(text):
    """Data as JSON, without what the SDK adds to an answer of Lambda and without tokens."""

    def clean(value):
        if isinstance(value, dict):
            dropped = ("SdkHttpMetadata", "SdkResponseMetadata", "taskToken")
            return {name: clean(field) for name, field in value.items() if name not in dropped}
        return [clean(item) for item in value] if isinstance(value, list) else value

    try:
        return clean(json.loads(text))
    except (TypeError, ValueError):
        return text


def lines_of_control(events):
    """Event types by line of control, in order."""
    by_id = {event["id"]: event for event in events}
    lines, line_of = {}, {}
    for event in sorted(events, key=lambda event: event["id"]):
        line = line_of_event(event, by_id, line_of)
        line_of[event["id"]] = line
        details = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
        entry = event["type"]
        if "State" in entry and "name" in details:
            entry += f" {details['name']}"
        lines.setdefault(" / ".join(line) or "execution", []).append(entry)
    return lines


def line_of_event(event, by_id, line_of):
    kind, previous = event["type"], by_id.get(event.get("previousEventId", 0))
    if kind.startswith("Execution") or previous is None:
        return ()
    if kind == "MapIterationStarted":
        started = fan_of(previous, by_id)
        return (*line_of[started["id"]], f"iteration {event['mapIterationStartedEventDetails']['index']}")
    if kind.endswith("StateEntered") and previous["type"] == "ParallelStateStarted":
        return (*line_of[previous["id"]], f"branch {event['stateEnteredEventDetails']['name']}")
    fan_ends = ("StateStarted", "StateSucceeded", "StateFailed", "StateAborted", "StateExited")
    if kind.startswith(("Map", "Parallel")) and kind.endswith(fan_ends):
        started = fan_of(previous, by_id)
        return line_of[started["id"]]
    return line_of[previous["id"]]


def fan_of(event, by_id):
    """The Map or Parallel state (its Entered event) that `event` is inside of, or that it belongs to."""
    inner = 0
    while True:
        if event["type"] in ("MapStateExited", "ParallelStateExited"):
            inner += 1
        elif event["type"] in ("MapStateEntered", "ParallelStateEntered"):
            if inner == 0:
                return event
            inner -= 1
        event = by_id[event["previousEventId"]]


def compared(result):
    description = result["description"]
    facts = {"status": description["status"]}
    for name in ("output", "error", "cause"):
        if name in description:
            facts[name] = parse_data(description[name])
    for line, types in lines_of_control(result["events"]).items():
        facts[f"events of {line}"] = types
    return facts


def main():
    enter_environment()
    sys.path.insert(0, str(HERE))
    import moto_side

    scenarios = load_scenarios(sys.argv[1:])
    allowed = json.loads((HERE / "differences.json").read_text())
    # Most of a scenario is waiting, so a few at once cost little.
    with multiprocessing.Pool(4) as pool:
        running = pool.map_async(moto_side.run, scenarios.values(), chunksize=1)
        ours = run_ours(scenarios)
        moto = dict(zip(scenarios, running.get()))
    failed, explained = 0, 0
    for name in scenarios:
        mine, theirs = compared(ours[name]), compared(moto[name])
        different = {field for field in mine.keys() | theirs.keys() if mine.get(field) != theirs.get(field)}
        listed = {entry["field"]: entry["reason"] for entry in allowed.get(name, [])}
        unexpected, stale = different - listed.keys(), listed.keys() - different
        for field in sorted(unexpected):
            print(f"{name}: {field}\n  ours: {mine.get(field)}\n  moto: {theirs.get(field)}")
        for field in sorted(stale):
            print(f"{name}: {field} is listed in differences.json, but there is no difference")
        for reason in sorted({listed[field] for field in different & listed.keys()}):
            fields = ", ".join(sorted(field for field in different if listed.get(field) == reason))
            print(f"{name}: {fields} differ: {reason}")
        failed += bool(unexpected or stale)
        explained += bool(different) and not (unexpected or stale)
        print(f"{'FAILED' if unexpected or stale else 'ok'}  {name}")
    if not scenarios:
        sys.exit("no scenario has that name")
    agree = len(scenarios) - failed - explained
    print(f"{len(scenarios)} scenarios: {agree} agree, {explained} differ as listed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
