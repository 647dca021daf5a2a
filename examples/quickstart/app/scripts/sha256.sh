#!/bin/sh
# Prints "<SHA-256>  <file>" for each file, with what the machine has.
set -eu
if command -v sha256sum >/dev/null; then
    sha256sum "$@"
else
    shasum -a 256 "$@"
fi
