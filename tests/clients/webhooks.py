"""Webhooks: URLs that start pipelines. What is sent to them is in tests/end-to-end, and in docs/webhooks.md."""

from resources import AT_THE_SAME_MOMENT
from scenarios import BAD_NAME

SECRET = "not to be guessed"

NOT_PROVOKED = {
    ("PutWebhook", "ConcurrentModificationException"): AT_THE_SAME_MOMENT,
    ("PutWebhook", "LimitExceededException"): "it takes 300 webhooks",
    ("DeleteWebhook", "ConcurrentModificationException"): "deleting is one write, whatever is there",
}


def definition(name="push", **changed):
    sound = {
        "name": name,
        "targetPipeline": "release",
        "targetAction": "Source",
        "filters": [{"jsonPath": "$.key", "matchEquals": "{S3ObjectKey}"}],
        "authentication": "GITHUB_HMAC",
        "authenticationConfiguration": {"SecretToken": SECRET},
    }
    return {**sound, **changed}


def webhooks(calls):
    """Put, put again, tagged, listed in pages, deleted."""
    first = calls.put_webhook(webhook=definition(), tags=[{"key": "team", "value": "web"}])["webhook"]
    assert first["definition"]["authenticationConfiguration"] == {"SecretToken": "****"}, first
    assert first["arn"].endswith(":webhook:push") and "/webhooks/push." in first["url"], first
    again = calls.put_webhook(webhook=definition(filters=[]))["webhook"]
    assert (again["url"], again["tags"]) == (first["url"], [{"key": "team", "value": "web"}]), again
    of_range = {"authentication": "IP", "authenticationConfiguration": {"AllowedIPRange": "192.0.2.0/24"}}
    calls.put_webhook(webhook=definition("from-here", **of_range))
    calls.tag_resource(resourceArn=first["arn"], tags=[{"key": "cost", "value": "42"}])
    assert len(calls.list_tags_for_resource(resourceArn=first["arn"])["tags"]) == 2
    calls.list_webhooks()
    pages = list(calls.client.get_paginator("list_webhooks").paginate(PaginationConfig={"PageSize": 1}))
    names = [shown["definition"]["name"] for page in pages for shown in page["webhooks"]]
    assert (len(pages), names) == (2, ["from-here", "push"]), names
    assert SECRET not in str(pages), "a secret is shown"
    for _ in range(2):
        calls.delete_webhook(name="push")
    assert calls.put_webhook(webhook=definition())["webhook"]["url"] != first["url"]


def refused_webhooks(calls):
    """What cannot be a webhook."""
    parameters = "InvalidWebhookAuthenticationParametersException"
    many = [{"key": f"k{number}", "value": ""} for number in range(51)]
    for exception, changed, tags in (
        ("PipelineNotFoundException", {"targetPipeline": "nowhere"}, []),
        ("ValidationException", {"targetAction": "Approve"}, []),
        ("ValidationException", {"name": BAD_NAME}, []),
        ("ValidationException", {"filters": [{"jsonPath": "$.a"}] * 6}, []),
        ("InvalidWebhookFilterPatternException", {"filters": [{"jsonPath": "$.a["}]}, []),
        ("InvalidWebhookFilterPatternException", {"filters": [{"jsonPath": "$.a", "matchEquals": "{No}"}]}, []),
        (parameters, {"authenticationConfiguration": {"AllowedIPRange": "192.0.2.0/24"}}, []),
        (parameters, {"authentication": "UNAUTHENTICATED", "authenticationConfiguration": {}}, []),
        ("InvalidTagsException", {}, [{"key": "aws:mine", "value": ""}]),
        ("TooManyTagsException", {}, many),
    ):
        calls.refuses(exception, "put_webhook", webhook=definition(**changed), tags=tags)
    calls.refuses("ValidationException", "list_webhooks", MaxResults=101)
    calls.refuses("InvalidNextTokenException", "list_webhooks", NextToken="forged")
    calls.refuses("ValidationException", "delete_webhook", name=BAD_NAME)
    for method in ("register_webhook_with_third_party", "deregister_webhook_with_third_party"):
        calls.refuses("WebhookNotFoundException", method, webhookName="nowhere")
        calls.refuses("ValidationException", method, webhookName="push")
    for name in ("push", "from-here"):
        calls.delete_webhook(name=name)


ALL = (webhooks, refused_webhooks)
