#!/usr/bin/env python3
"""The deployed stack, on parts that are not ours: SAM deploys template.yaml to ministack, and pipelines run there.

    cargo build -p local && python3 tests/deployed/deployed.py [TEMPLATE]

TEMPLATE is what an earlier `sam build` made; without it the functions are built.

The same scenarios then run on `pipewright up`, and both have to tell the same state-change events. README.md beside
this file says what ministack does not do, and how each gap is closed.
"""

import contextlib
import pathlib
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "clients"))

import environment  # noqa: E402

environment.enter(__file__)

import faults  # noqa: E402
import places  # noqa: E402
import scenarios  # noqa: E402
import stack  # noqa: E402
import state_changes  # noqa: E402
from account import Ministack  # noqa: E402
from service import put_source  # noqa: E402


@contextlib.contextmanager
def step(name):
    begun = time.monotonic()
    yield
    print(f"ok  {name} ({time.monotonic() - begun:.0f} s)", flush=True)


def built(place):
    with step("cargo lambda build"):
        stack.compile_functions()
    with step("sam build"):
        return stack.build(place)


def told(where):
    """The events of each scenario's pipeline."""
    put_source(where.s3)
    names = []
    for scenario in scenarios.ALL:
        with step(scenario.__name__):
            names.append(scenario(where))
    return {name: places.all_events(where, name) for name in names}


def provoke_faults(where):
    with contextlib.ExitStack() as meanwhile:
        for fault in faults.SLOW:
            meanwhile.enter_context(step(fault.__name__))
            meanwhile.enter_context(fault(where))
        for fault in faults.QUICK:
            with step(fault.__name__):
                fault(where)
    with step(faults.nothing_is_left.__name__):
        faults.nothing_is_left(where)


def compare(deployed, local):
    found = [difference for name in deployed for difference in state_changes.differences(deployed[name], local[name])]
    assert not found, "\n\n".join(found)
    print(f"ok  {sum(map(len, local.values()))} state-change events are the same")


def main():
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        template = pathlib.Path(sys.argv[1]) if sys.argv[1:] else built(place)
        with Ministack(place) as ministack:
            try:
                with step("sam deploy"):
                    where = places.Deployed(ministack, template, place)
                deployed = told(where)
                provoke_faults(where)
            except BaseException:
                print(ministack.log.read_text()[-20_000:], file=sys.stderr)
                raise
        beside = place / "local"
        beside.mkdir()
        with places.Local(beside) as where:
            compare(deployed, told(where))


if __name__ == "__main__":
    main()
