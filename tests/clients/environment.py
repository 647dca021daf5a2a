"""Programs from PyPI, pinned, in virtual environments of the project's own."""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENVIRONMENTS = ROOT / ".venv"
ENVIRONMENT = ENVIRONMENTS / "clients"


def programs(name, requirements):
    """Where the programs are of the environment `name`, which has what the file `requirements` pins."""
    environment = ENVIRONMENTS / name
    stamp = environment / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        python = environment / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", str(requirements)], check=True)
        stamp.write_text(requirements.read_text())
    return environment / "bin"


def enter(script):
    """Starts `script` again with the interpreter that has the clients."""
    python = programs("clients", HERE / "requirements.txt") / "python"
    if pathlib.Path(sys.prefix) != ENVIRONMENT:
        os.execv(python, [str(python), script, *sys.argv[1:]])
