"""What documents say to paste works as it stands there."""

import os
import pathlib
import re
import subprocess
import sys

import environment

DOCUMENTS = [environment.ROOT / "docs" / name for name in ("clients.md", "action-types.md", "webhooks.md")]


def run_blocks(place):
    """One after the other in one directory, as somebody does who reads the pages; blocks of other kinds are data."""
    text = "\n".join(document.read_text() for document in DOCUMENTS)
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    directory = pathlib.Path(place) / "reader"
    directory.mkdir()
    programs = os.pathsep.join([str(environment.ENVIRONMENT / "bin"), os.environ["PATH"]])
    commands = {"sh": ["sh", "-e", "-c"], "python": [sys.executable, "-c"]}
    run = [(kind, text) for kind, text in blocks if kind in commands]
    assert {kind for kind, _ in run} == set(commands), "the pages have a block for each client"
    for kind, text in run:
        # The pages name their profile themselves.
        surroundings = {name: value for name, value in os.environ.items() if name != "AWS_PROFILE"}
        surroundings["PATH"] = programs
        done = subprocess.run(
            [*commands[kind], text], cwd=directory, env=surroundings, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
