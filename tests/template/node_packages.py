"""The gates that come from npm, pinned by package-lock.json, in an ignored folder of the project."""

import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / ".tools" / "template"
PINNED = ("package.json", "package-lock.json")


def install():
    """Once, and again when what is pinned has changed."""
    if all((FOLDER / name).exists() and (FOLDER / name).read_text() == (HERE / name).read_text() for name in PINNED):
        return
    for program in ("node", "npm"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing: cfn-guard and asl-validator come from npm. Install Node.js 18 or newer.")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name in PINNED:
        shutil.copyfile(HERE / name, FOLDER / name)
    # Without the CDK, which one of them would plug into, and without anybody's install scripts.
    command = ["npm", "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=FOLDER).returncode != 0:
        (FOLDER / PINNED[0]).unlink()
        sys.exit("npm could not install what tests/template/package-lock.json pins; without network: ./test --fast")


def installed(package):
    return FOLDER / "node_modules" / package
