"""template.yaml as CloudFormation sees it: what SAM makes of it, offline."""

import os
import re

# The library asks boto3 for the region's partition, and for nothing else.
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from samtranslator.translator.transform import transform  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "pipewright",
    "AWS::URLSuffix": "amazonaws.com",
}


class NoManagedPolicies:
    """SAM asks AWS for the ARNs of policies that a template names; ours names none."""

    def load(self):
        return {}


def read(path):
    return yaml_parse(path.read_text())


def packaged(template):
    """As `sam package` leaves it: files have become objects in S3."""
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/code"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = "s3://bucket/definition"
    return template


def expanded(template):
    return transform(packaged(template), {}, NoManagedPolicies())


def resolved(expansion):
    """With values in the place of references, for tools that compare texts.

    Parameters have their defaults; a resource is its logical id, a bucket's ARN is one. Conditions stay.
    """
    parameters = {name: parameter.get("Default") for name, parameter in expansion["Parameters"].items()}
    known = PSEUDO_PARAMETERS | parameters
    buckets = {name for name, one in expansion["Resources"].items() if one["Type"] == "AWS::S3::Bucket"}

    def attribute(name, which):
        if name in buckets and which == "Arn":
            return f"arn:aws:s3:::{name.lower()}"
        return name

    def substituted(found):
        name, _, which = found.group(1).partition(".")
        return str(known.get(name, attribute(name, which) if which else name))

    def value_of(value):
        match value:
            case {"Ref": name} if len(value) == 1:
                return known.get(name, name)
            case {"Fn::GetAtt": [name, which]}:
                return attribute(name, which)
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^!}]+)\}", substituted, text)
            case dict():
                return {key: value_of(inner) for key, inner in value.items()}
            case list():
                return [value_of(inner) for inner in value]
        return value

    return expansion | {"Resources": value_of(expansion["Resources"])}
