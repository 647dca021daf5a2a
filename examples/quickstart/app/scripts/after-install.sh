#!/bin/sh
# AfterInstall: what is installed must be what was built.
set -eu
scripts=$(cd "$(dirname "$0")" && pwd)
cd "${CODEDEPLOY_TARGET_ROOT:-}/opt/greeting"

expected=$(cut -d ' ' -f 1 SHA256SUMS)
actual=$(sh "$scripts/sha256.sh" bin/greeting | cut -d ' ' -f 1)
if [ "$actual" != "$expected" ]; then
    echo "bin/greeting has the SHA-256 $actual, but $expected was built" >&2
    exit 1
fi
echo "bin/greeting is the program that was built"
