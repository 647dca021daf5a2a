#!/bin/sh
# BeforeInstall: keeps the program that is about to be replaced, so that going back is one copy.
set -eu
installed=${CODEDEPLOY_TARGET_ROOT:-}/opt/greeting/bin/greeting
previous=${CODEDEPLOY_TARGET_ROOT:-}/opt/greeting-previous

if [ -x "$installed" ]; then
    mkdir -p "$previous"
    cp "$installed" "$previous/greeting"
    echo "kept $("$installed" --version) as $previous/greeting"
else
    echo "nothing is installed yet"
fi
