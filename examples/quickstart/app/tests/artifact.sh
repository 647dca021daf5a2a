#!/bin/sh
# Is the program in directory $1 the one that was built, and does it do what it should?
# EXPECTED_SHA256 (optional) is what the build said of it.
set -u

directory=${1:?"usage: artifact.sh DIRECTORY"}
here=$(cd "$(dirname "$0")" && pwd)
cd "$directory" || exit 1
failures=0

# says NAME EXPECTED-STATUS EXPECTED-OUTPUT ARGUMENT...
says() {
    name=$1 expected_status=$2 expected=$3
    shift 3
    actual=$(./bin/greeting "$@" 2>/dev/null)
    status=$?
    if [ "$status" = "$expected_status" ] && [ "$actual" = "$expected" ]; then
        echo "ok    $name"
    else
        echo "WRONG $name: expected status $expected_status and '$expected', got $status and '$actual'"
        failures=$((failures + 1))
    fi
}

says 'greets a name' 0 'Hello, world!' world
says 'greets a name of several words' 0 'Hello, Ada Lovelace!' 'Ada Lovelace'
# shellcheck disable=SC2016
says 'takes a name as text, not as a program' 0 'Hello, $(exit 3); `exit 4`!' '$(exit 3); `exit 4`'
says 'refuses an empty name' 2 '' ''
says 'refuses an unknown option' 2 '' --shout
says 'refuses to guess' 2 ''

actual=$(sh "$here/../scripts/sha256.sh" bin/greeting | cut -d ' ' -f 1)
for expected in "$(cut -d ' ' -f 1 SHA256SUMS)" "${EXPECTED_SHA256:-$actual}"; do
    if [ "$actual" = "$expected" ]; then
        echo "ok    is the program with the SHA-256 $expected"
    else
        echo "WRONG has the SHA-256 $actual, expected $expected"
        failures=$((failures + 1))
    fi
done

[ "$failures" = 0 ] || { echo "$failures checks failed"; exit 1; }
