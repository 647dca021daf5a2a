"""Tags, and the catalogue of what actions there are."""

NOWHERE = "-nowhere"

AT_THE_SAME_MOMENT = "it takes somebody who writes at the same moment, again and again"
NOT_PROVOKED = {
    ("TagResource", "ConcurrentModificationException"): AT_THE_SAME_MOMENT,
    ("UntagResource", "ConcurrentModificationException"): AT_THE_SAME_MOMENT,
    ("ListRuleTypes", "InvalidNextTokenException"): "its input has no token",
}


def tags(calls):
    """They come with the pipeline, are added to, listed in pages and taken away."""
    arn = calls.get_pipeline(name="release")["metadata"]["pipelineArn"]
    calls.tag_resource(resourceArn=arn, tags=[{"key": "cost", "value": "42"}])
    pages = calls.client.get_paginator("list_tags_for_resource").paginate(
        resourceArn=arn, PaginationConfig={"PageSize": 1}
    )
    listed = [tag for page in pages for tag in page["tags"]]
    assert listed == [{"key": "cost", "value": "42"}, {"key": "team", "value": "web"}], listed
    calls.untag_resource(resourceArn=arn, tagKeys=["cost", "never-there"])
    assert calls.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "team", "value": "web"}]
    of_aws, many = [{"key": "aws:mine", "value": ""}], [{"key": f"k{n}", "value": ""} for n in range(51)]
    calls.refuses("InvalidTagsException", "tag_resource", resourceArn=arn, tags=of_aws)
    calls.refuses("InvalidTagsException", "untag_resource", resourceArn=arn, tagKeys=["aws:mine"])
    calls.refuses("TooManyTagsException", "tag_resource", resourceArn=arn, tags=many)
    calls.refuses("InvalidNextTokenException", "list_tags_for_resource", resourceArn=arn, nextToken="forged")
    elsewhere = arn.rsplit(":", 2)[0] + ":999999999999:release"
    for exception, place in (
        ("ResourceNotFoundException", arn + NOWHERE),
        ("InvalidArnException", elsewhere),
        ("ValidationException", "no arn"),
    ):
        calls.refuses(exception, "tag_resource", resourceArn=place, tags=[])
        calls.refuses(exception, "untag_resource", resourceArn=place, tagKeys=[])
        calls.refuses(exception, "list_tags_for_resource", resourceArn=place)


def catalogue(calls):
    """What a declaration may name."""
    pages = calls.client.get_paginator("list_action_types").paginate(actionOwnerFilter="AWS")
    ids = [shown["id"] for page in pages for shown in page["actionTypes"]]
    assert {"category": "Compute", "owner": "AWS", "provider": "Commands", "version": "1"} in ids, ids
    calls.list_action_types()
    rules = calls.list_rule_types()["ruleTypes"]
    assert len(rules) == 6 and all(rule["id"]["category"] == "Rule" for rule in rules), rules
    calls.refuses("InvalidNextTokenException", "list_action_types", nextToken="forged")
    calls.refuses("ValidationException", "list_action_types", regionFilter="r" * 31)
    calls.refuses("ValidationException", "list_rule_types", regionFilter="r" * 31)


ALL = (tags, catalogue)
