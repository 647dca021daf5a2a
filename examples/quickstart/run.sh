#!/bin/sh
# Runs the pipeline of this directory to its end, on this machine and without a network:
#
#     examples/quickstart/run.sh [option of `pipewright run`]...
#
# PIPEWRIGHT (optional) is a pipewright binary to use instead of building one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
place=$root/.pipewright/quickstart
repository=$place/example/greeting
say() { printf '%s\n' "$*" >&2; }

needs() {
    command -v "$1" >/dev/null && return
    say "quickstart: $1 is not installed, and $2. $3"
    exit 127
}

needs cargo 'the pipeline builds a Rust program' 'Get it from https://rustup.rs'
needs git "the pipeline's source is a git repository" 'Get it from https://git-scm.com or your package manager'

# Only what is said here shall decide: no configuration of the user's git, no hook, no surrounding repository.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
git_app() { git -C "$here/app" --git-dir "$repository" --work-tree "$here/app" "$@"; }

if [ ! -f "$repository/HEAD" ]; then
    say "Making a git repository of examples/quickstart/app in $repository"
    mkdir -p "$repository"
    git init --quiet --bare "$repository"
    git_app symbolic-ref HEAD refs/heads/main
fi
git_app add --all .
if ! git_app diff --cached --quiet; then
    message='Change the greeting program'
    git_app rev-parse --quiet --verify HEAD >/dev/null || message='Add the greeting program'
    git_app -c user.name=Quickstart -c user.email=quickstart@example.com -c commit.gpgSign=false \
        commit --quiet --message "$message"
    say "Committed examples/quickstart/app: $(git_app log -1 --format='%h %s')"
fi

if [ -n "${PIPEWRIGHT:-}" ]; then
    exec "$PIPEWRIGHT" run "$here/pipeline.yaml" --data "$place/data" "$@"
fi
if [ ! -x "${CARGO_TARGET_DIR:-$root/target}/debug/pipewright" ]; then
    say 'Building pipewright itself. The first time takes some minutes; after that, the pipeline starts at once.'
    cargo build --manifest-path "$root/Cargo.toml" --bin pipewright
fi
exec cargo run --quiet --manifest-path "$root/Cargo.toml" --bin pipewright -- \
    run "$here/pipeline.yaml" --data "$place/data" "$@"
