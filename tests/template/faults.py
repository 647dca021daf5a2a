"""Planted faults: what each gate has to find, or it is none.

Each is planted in a copy of the real thing, on a resource of its own where it can be, and has to be among what the
gate finds there and not among what it finds in the original.
"""

import copy
from typing import NamedTuple


class Planted(NamedTuple):
    rule: str
    resource: str


def lint(template):
    """In template.yaml, before SAM."""
    template = copy.deepcopy(template)
    resources = template["Resources"]
    resources["ExecutionsTable"]["Properties"]["BillingMode"] = "PAY_PER_REQEST"
    resources["ArtifactBucketPolicy"]["Properties"]["Bucket"] = {"Fn::GetAtt": ["ArtifactBucket", "Nmae"]}
    resources["HttpApi"]["Properties"]["Nmae"] = "x"
    return template, [
        Planted("E3030", "ExecutionsTable"),
        Planted("E1010", "ArtifactBucketPolicy"),
        Planted("E3002", "HttpApi"),
    ]


def security(expansion):
    """For checkov."""
    expansion = copy.deepcopy(expansion)
    resources = expansion["Resources"]
    resources["ExecutionsTable"]["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] = False
    resources["ArtifactBucket"]["Properties"]["PublicAccessBlockConfiguration"]["BlockPublicAcls"] = False
    del resources["ApiAccessLogGroup"]["Properties"]["RetentionInDays"]
    del resources["HttpApiStage"]["Properties"]["AccessLogSettings"]
    return expansion, [
        Planted("CKV_AWS_28", "ExecutionsTable"),
        Planted("CKV_AWS_53", "ArtifactBucket"),
        Planted("CKV_AWS_66", "ApiAccessLogGroup"),
        Planted("CKV_AWS_95", "HttpApiStage"),
    ]


def rules(expansion):
    """For cfn-guard: one for each of our own rules, and one for the packs."""
    expansion = copy.deepcopy(expansion)
    resources = expansion["Resources"]

    def properties(logical_id):
        return resources[logical_id]["Properties"]

    def statements(policy):
        return properties(policy)["PolicyDocument"]["Statement"]

    statements("CommitPolicy")[0]["Action"] = ["dynamodb:*"]
    statements("AskProvidersPolicy")[0]["Resource"] = "*"
    statements("AskProvidersPolicy")[1]["Action"] = "iam:PassRole"
    properties("DeployS3FunctionRole")["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] = "arn:aws:s3:::*/*"
    properties("CommandsRole")["Policies"][0]["PolicyDocument"]["Statement"][1]["Resource"] = "arn:aws:s3:::bucket/*"
    properties("ApprovalManualFunctionRole")["ManagedPolicyArns"].append("arn:aws:iam::aws:policy/AmazonS3FullAccess")
    properties("PublishEventsFunctionRole")["Policies"][0]["PolicyDocument"]["Statement"].pop()
    properties("ApiFunction")["Role"] = "arn:aws:iam::123456789012:role/everybody"
    properties("HttpApiPermission").pop("SourceArn")
    properties("HttpApiWebhookRoute")["RouteKey"] = "GET /secrets"
    resources["Url"] = {
        "Type": "AWS::Lambda::Url",
        "Properties": {"AuthType": "NONE", "TargetFunctionArn": {"Ref": "ApiFunction"}},
    }
    properties("ProviderEventsFunctionBuildEnded")["Targets"][0].pop("DeadLetterConfig")
    properties("DispatchEffectsFunctionEveryMinute")["Targets"][0].pop("RetryPolicy")
    properties("TriggerSourceChangeFunctionEventInvokeConfig").pop("DestinationConfig")
    resources.pop("ProviderEventsFunctionEventInvokeConfig")
    properties("PublishEventsFunctionStateChanges")["MaximumRecordAgeInSeconds"] = -1
    properties("LostEventsQueue")["MessageRetentionPeriod"] = 60
    properties("OutboxTable").pop("PointInTimeRecoverySpecification")
    resources["ArtifactBucket"].pop("DeletionPolicy")
    properties("CommandsLogGroup").pop("RetentionInDays")
    properties("InvokeLambdaFunction").pop("LoggingConfig")
    properties("DeployS3Function")["Timeout"] = 901
    properties("NoSweepAlarm").pop("AlarmActions")
    properties("ArtifactBucket")["VersioningConfiguration"]["Status"] = "Suspended"
    return expansion, [
        Planted("no_permission_for_every_action", "CommitPolicy"),
        Planted("no_permission_for_every_resource", "AskProvidersPolicy"),
        Planted("no_permission_for_every_resource", "DeployS3FunctionRole"),
        Planted("no_permission_for_every_resource", "CommandsRole"),
        Planted("a_role_is_handed_to_one_service", "AskProvidersPolicy"),
        Planted("no_other_policy_of_aws", "ApprovalManualFunctionRole"),
        Planted("functions_write_to_their_own_log_group_only", "PublishEventsFunctionRole"),
        Planted("one_role_for_each_function", "ApiFunction"),
        Planted("nobody_invokes_a_function_but_for_a_named_source", "HttpApiPermission"),
        Planted("no_route_without_authentication", "HttpApiWebhookRoute"),
        Planted("no_public_function_url", "Url"),
        Planted("rules_keep_what_they_cannot_hand_over", "ProviderEventsFunctionBuildEnded"),
        Planted("rules_keep_what_they_cannot_hand_over", "DispatchEffectsFunctionEveryMinute"),
        Planted("functions_keep_what_they_fail_on", "TriggerSourceChangeFunctionEventInvokeConfig"),
        Planted("functions_of_rules_say_what_becomes_of_what_they_fail_on", "ProviderEventsFunctionDeploymentEnded"),
        Planted("streams_name_what_they_pass_over", "PublishEventsFunctionStateChanges"),
        Planted("queues_keep_events_for_two_weeks", "LostEventsQueue"),
        Planted("tables_outlive_mistakes", "OutboxTable"),
        Planted("buckets_outlive_mistakes", "ArtifactBucket"),
        Planted("log_lines_expire", "CommandsLogGroup"),
        Planted("functions_log_to_a_group_of_the_stack", "InvokeLambdaFunction"),
        Planted("functions_are_within_the_limits_of_an_account", "DeployS3Function"),
        Planted("alarms_tell_somebody", "NoSweepAlarm"),
        Planted("s3_bucket_versioning_enabled_check", "ArtifactBucket"),
    ]


def states(definition):
    """For asl-validator, in the text of a state machine."""
    given, changed = '"Default": "Stage ended"', '"Default": "Stage endet"'
    assert given in definition
    return definition.replace(given, changed), [
        Planted("MISSING_TRANSITION_TARGET", "Missing 'StartAt'|'Next'|'Default' target: Stage endet"),
    ]
