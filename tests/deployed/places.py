"""The two stacks that the scenarios run on, alike: clients, a versioned bucket with a source, and the events told."""

import json
import pathlib
import time

import boto3

import service
import stack
from account import ACCOUNT, REGION

BUCKET = "sources"


class Deployed:
    """template.yaml in an account."""

    def __init__(self, ministack, template, place):
        self.ministack, self.place = ministack, pathlib.Path(place)
        self.outputs = stack.deploy(ministack, template)
        self.bucket = BUCKET
        self.s3 = self.aws("s3")
        self.codepipeline = stack.codepipeline(self.outputs, stack.keys(ministack, place))
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self._listen()

    def aws(self, name):
        return stack.aws(self.ministack, name)

    def _listen(self):
        """As docs/events.md says, with a queue as the target."""
        self.sqs = self.aws("sqs")
        self.queue = self.sqs.create_queue(QueueName="told")["QueueUrl"]
        events = self.aws("events")
        events.put_rule(Name="told", EventPattern=json.dumps({"source": ["pipewright"]}))
        target = {"Id": "1", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:told"}
        events.put_targets(Rule="told", Targets=[target])
        self.told = []

    def events(self, name):
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.told.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return of_pipeline(self.told, name)


class Local(service.Service):
    """`pipewright up`."""

    def __enter__(self):
        super().__enter__()
        self.bucket = BUCKET
        # One that begins now, and so finds the profile.
        session = boto3.Session()
        self.s3, self.codepipeline, self.logs = (session.client(name) for name in ("s3", "codepipeline", "logs"))
        return self

    def events(self, name):
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/events/pipewright")
        return of_pipeline([json.loads(event["message"]) for page in pages for event in page["events"]], name)


def of_pipeline(events, name):
    """At least once is how they come."""
    once = {event["id"]: event for event in events if event["detail"]["pipeline"] == name}
    return list(once.values())


def all_events(place, name, seconds=30):
    """Those until nothing has been told for a while: they follow what happened, they are no part of it."""
    seen, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        found = place.events(name)
        if found and len(found) == len(seen):
            return found
        seen = found
        time.sleep(2.5)
    return seen
