#!/bin/sh
# ApplicationStart: puts the program where people find it.
set -eu
root=${CODEDEPLOY_TARGET_ROOT:-}
mkdir -p "$root/usr/local/bin"
ln -sfn ../../../opt/greeting/bin/greeting "$root/usr/local/bin/greeting"
echo "$root/usr/local/bin/greeting is $("$root/usr/local/bin/greeting" --version)"
