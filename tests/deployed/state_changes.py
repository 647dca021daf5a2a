"""State-change events of a pipeline, so that those of two stacks can be compared."""

import json

# What no two executions have in common.
DRAWN = (
    "action-execution-id",
    "execution-id",
    "external-execution-id",
    "external-execution-summary",
    "external-execution-url",
    "stage-last-retry-attempt-time",
    "start-time",
    "s3location",
    "trigger-detail",
)


def without_what_is_drawn(value, replaced=DRAWN):
    if isinstance(value, dict):
        return {
            name: type(member).__name__ if name in replaced else without_what_is_drawn(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [without_what_is_drawn(member) for member in value]
    return value


def by_subject(events):
    """What was told of the pipeline, of each stage and of each action, in order. Actions side by side have none."""
    subjects = {}
    for event in events:
        detail = event["detail"]
        subject = (event["detail-type"], detail.get("stage"), detail.get("action"))
        told = {name: event[name] for name in ("source", "account", "region", "detail-type", "resources", "version")}
        subjects.setdefault(subject, []).append({**told, "detail": without_what_is_drawn(detail)})
    return subjects


def differences(one, other):
    """A text for each subject of which two stacks tell differently."""
    one, other = by_subject(one), by_subject(other)
    found = []
    for subject in sorted({*one, *other}, key=str):
        told = [json.dumps(events.get(subject), indent=1, sort_keys=True) for events in (one, other)]
        if told[0] != told[1]:
            found.append(f"{subject}:\n{told[0]}\n--- but\n{told[1]}")
    return found
