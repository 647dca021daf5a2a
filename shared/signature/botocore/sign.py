"""Writes signed.json: requests as the AWS SDK for Python signs and sends them, at a fixed time.

    python3 sign.py <access key id> <secret access key> <session token> > signed.json

The keys are those that the tests of this crate issue to alice; they are good for nothing else.
"""

import base64
import datetime
import io
import json
import sys
import urllib.parse

import botocore.auth
import botocore.config
import botocore.session

KEY, SECRET, TOKEN = sys.argv[1:4]
NOW = datetime.datetime(2026, 11, 22, 4, 0, 0)
ENDPOINT = "http://127.0.0.1:8787"

botocore.auth.get_current_datetime = lambda *_, **__: NOW
sent = []


class NotSent(Exception):
    """What was to be sent is known: nothing has to answer."""


def keep(request, **_):
    url = urllib.parse.urlsplit(request.url)
    body = request.body or b""
    body = bytes(body) if isinstance(body, (bytes, bytearray)) else body.read()
    headers = [("Host", url.netloc), *request.headers.items()]
    text = lambda value: value.decode() if isinstance(value, bytes) else str(value)
    sent.append({
        "method": request.method,
        "path": url.path,
        "query": url.query,
        # What the machine is called in is no matter of the signature.
        "headers": [[name, text(value)] for name, value in headers if name != "User-Agent"],
        "body": base64.b64encode(body).decode(),
    })
    raise NotSent


def call(service, operation, path="", **arguments):
    session = botocore.session.get_session()
    session.set_credentials(KEY, SECRET, TOKEN)
    config = botocore.config.Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    client = session.create_client(service, "eu-west-1", endpoint_url=ENDPOINT + path, config=config)
    client.meta.events.register_first("before-send", keep)
    try:
        getattr(client, operation)(**arguments)
    except NotSent:
        pass


call("codepipeline", "list_pipelines")
call("codepipeline", "list_pipelines", "/prod")
call("codepipeline", "list_pipelines", "/a%20stage/../prod//")
call("codepipeline", "start_pipeline_execution", name="\u00e4 \u20ac", clientRequestToken="t")
call("logs", "get_log_events", logGroupName="/aws/codebuild/p", logStreamName="s")
call("s3", "list_objects_v2", Bucket="b", Prefix="a b/+\u00e4", Delimiter="/")
call("s3", "get_object", Bucket="b", Key="a//b/../c d+\u00e4~=&")
call("s3", "put_object", Bucket="b", Key="k", Body=b"content", Metadata={"a": "  x   y "})
call("s3", "put_object", Bucket="b", Key="stream", Body=io.BytesIO(b"content" * 100))
print("[\n" + ",\n".join(json.dumps(request) for request in sent) + "\n]")
