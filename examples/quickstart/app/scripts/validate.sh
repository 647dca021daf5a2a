#!/bin/sh
# ValidateService: the deployment counts as failed unless the program answers.
set -eu
answer=$("${CODEDEPLOY_TARGET_ROOT:-}/usr/local/bin/greeting" "deployment $DEPLOYMENT_ID")
if [ "$answer" != "Hello, deployment $DEPLOYMENT_ID!" ]; then
    echo "the program answered: $answer" >&2
    exit 1
fi
echo "$answer"
