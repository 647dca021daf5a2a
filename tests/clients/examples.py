"""The examples of the AWS CLI's own documentation: each works, or is refused for the reason that AWS has."""

import json
import os
import pathlib
import re
import shlex

import command_line
import environment

FOLDER = next((environment.ENVIRONMENT / "lib").glob("python3*/site-packages/awscli/examples/codepipeline"))

REFUSED = {
    # Its URL names a property that the action type does not have; the user guide asks for one that is required.
    "create-custom-action-type": "ValidationException",
    # Nobody has created the action type that it names.
    "poll-for-jobs": "ActionTypeNotFoundException",
    # Nobody has created the pipeline, or the webhook.
    "put-webhook": "PipelineNotFoundException",
    "deregister-webhook-with-third-party": "WebhookNotFoundException",
    # Ids that are shortened, as the examples have them, are no ids.
    "acknowledge-job": "ValidationException",
    "get-job-details": "ValidationException",
    "retry-stage-execution": "ValidationException",
    "stop-pipeline-execution": "ValidationException",
}
# Examples that name AWS's own endpoint, or a Region of theirs.
OF_AWS = ("--endpoint-url", "--region")


def commands(text):
    """The commands of an example, with lines that go on behind a backslash."""
    joined = re.sub(r"\\\s*\n\s*", " ", text)
    return [shlex.split(line.strip()) for line in joined.splitlines() if re.match(r"\s+aws codepipeline ", line)]


def shown_file(text):
    """The first JSON below the words that announce a file."""
    announced = re.search(r"(?:sample contents|contents of|this file|file contains)[^\n]*::?\s*\n", text, re.IGNORECASE)
    if announced is None:
        return None
    begin = text.index("{", announced.end())
    return json.JSONDecoder().raw_decode(text[begin:])[0]


def without_places(arguments):
    kept, pairs = [], iter(arguments)
    for argument in pairs:
        if argument in OF_AWS:
            next(pairs)
        else:
            kept.append(argument)
    return kept


def prepare(calls):
    """The pipelines that the examples speak of, made of the one that they show."""
    declared = shown_file((FOLDER / "create-pipeline.rst").read_text())["pipeline"]
    for name in ("MyFirstPipeline", "MyPipeline", "myPipeline"):
        calls.create_pipeline(pipeline={**declared, "name": name})
    read = calls.get_pipeline(name="MyFirstPipeline")["pipeline"]
    pathlib.Path("MyFirstPipeline.json").write_text(json.dumps({"pipeline": read}))


def run(calls, place):
    directory = pathlib.Path(place) / "examples"
    directory.mkdir()
    os.chdir(directory)
    prepare(calls)
    wrong, count = [], 0
    for file in sorted(FOLDER.glob("*.rst")):
        text = file.read_text()
        for command in commands(text):
            count += 1
            wrong += check(file.stem, command, shown_file(text))
    assert not wrong, "\n".join(wrong)
    return count


def check(example, command, contents):
    arguments = without_places(command[1:])
    named = [argument[7:] for argument in arguments if argument.startswith("file://")]
    for file in named:
        if contents is not None:
            pathlib.Path(file).write_text(json.dumps(contents))
    assert all(pathlib.Path(file).exists() for file in named), f"{example} does not show {named}"
    status, said = command_line.aws(*arguments)
    expected = REFUSED.get(example)
    if expected is None:
        return [] if status == 0 else [f"{example}: {said}"]
    return [] if status != 0 and expected in str(said) else [f"{example}: {expected} was expected: {said}"]
