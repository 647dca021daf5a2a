#!/bin/sh
# Runs the pipeline of this directory to its end, on this machine and without a network:
#
#     examples/conditions/run.sh [option of `pipewright run`]...
#
# PIPEWRIGHT (optional) is a pipewright binary to use instead of building one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
place=$root/.pipewright/conditions
repository=$place/example/site

# Only what is said here shall decide: no configuration of the user's git, no hook, no surrounding repository.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
git_app() { git -C "$here/app" --git-dir "$repository" --work-tree "$here/app" "$@"; }

if [ ! -f "$repository/HEAD" ]; then
    mkdir -p "$repository"
    git init --quiet --bare "$repository"
    git_app symbolic-ref HEAD refs/heads/main
fi
git_app add --all .
if ! git_app diff --cached --quiet; then
    git_app -c user.name=Example -c user.email=example@example.com -c commit.gpgSign=false \
        commit --quiet --message 'Change the page'
fi

if [ -n "${PIPEWRIGHT:-}" ]; then
    exec "$PIPEWRIGHT" run "$here/pipeline.yaml" --data "$place/data" "$@"
fi
exec cargo run --quiet --manifest-path "$root/Cargo.toml" --bin pipewright -- \
    run "$here/pipeline.yaml" --data "$place/data" "$@"
