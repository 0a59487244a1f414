"""By which id AWS knows a resource whose creation was cut off: from its inputs, or by looking for it.

The forms of the ids are in the section Import of each type's reference in pulumi-aws 7.51 (read 2026-11-23), but for
the target of an event rule, whose id the provider makes of rule and target with a dash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ray_platform.pipeline import identity_eks
from ray_platform.pipeline.asking import Asking, CannotTell, is_auto_named, prove_ours, tag_map
from ray_platform.pipeline.pending import Found, Pending

Inputs = Mapping[str, Any]
Finder = Callable[[Asking, Inputs], Found | None]
_KUBERNETES: Final = "kubernetes:"

# What stands inside something of this stack's own, under an id made of its inputs: whether it is there, the refresh
# finds out.
PATTERNS: Final[Mapping[str, str]] = {
    "aws:autoscaling/tag:Tag": "{autoscalingGroupName},{tag[key]}",
    "aws:eks/accessEntry:AccessEntry": "{clusterName}:{principalArn}",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "{clusterName}#{principalArn}#{policyArn}",
    "aws:iam/rolePolicy:RolePolicy": "{role}:{name}",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "{role}/{policyArn}",
    "aws:sqs/queuePolicy:QueuePolicy": "{queueUrl}",
}


def identified(each: Pending, ask: Asking) -> Found | None:
    """How the state can hold it; None where AWS does not have it. Raises CannotTell."""
    if each.type.startswith(_KUBERNETES):
        return Found(id=_of_object(each.inputs))
    if each.type in PATTERNS:
        return _bridged(PATTERNS[each.type].format_map(each.inputs))
    if each.type not in FINDERS:
        raise CannotTell("this version does not know how to look for this type")
    return FINDERS[each.type](ask, each.inputs)


def answered(id: str) -> Found | None:
    """What a person says of a pending create: its id, or nothing for what is not there."""
    return _bridged(id) if id else None


def is_asked_for(type_: str) -> bool:
    """Whether AWS was asked; otherwise the refresh that follows finds out."""
    return type_ in FINDERS and type_ not in _BY_NAME


def _bridged(id: str, **outputs: str) -> Found:
    """With the id among the outputs, where the types of the newer plugin framework read it."""
    return Found(id=id, outputs={"id": id, **outputs})


def _of_object(inputs: Inputs) -> str:
    """`namespace/name`; the name alone for what is in no namespace.

    The cluster is this stack's own. To create what is there already is an error (pulumi-kubernetes 4.29, release
    notes), so it has to be in the state.
    """
    metadata = inputs["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else str(metadata["name"])


def _by_name(ask: Asking, inputs: Inputs) -> Found | None:
    if not is_auto_named(inputs):
        raise CannotTell("its name was given and not made by the provider: one of this name may be somebody else's")
    return _bridged(str(inputs["name"]))


def _key(ask: Asking, inputs: Inputs) -> Found | None:
    """By description and tags: a key has no name. CreateKey takes both, so no key of this stack is without them."""
    wanted = inputs.get("tagsAll") or {}
    found = []
    for listed in ask.all("kms", "list_keys", "Keys"):
        # A key of others may hide itself.
        described = ask.one("kms", "describe_key", ("AccessDeniedException",), KeyId=listed["KeyId"])
        key = described["KeyMetadata"] if described else {}
        if key.get("KeyState") != "Enabled" or key.get("Description", "") != inputs.get("description", ""):
            continue
        tags = ask.all("kms", "list_resource_tags", "Tags", KeyId=key["KeyId"])
        if wanted.items() <= tag_map(tags, "TagKey", "TagValue").items() and key["KeyId"] not in ask.taken:
            found.append(key["KeyId"])
    if len(found) > 1:
        raise CannotTell(f"{len(found)} keys have its description and its tags: {', '.join(sorted(found))}")
    return _bridged(found[0]) if found else None


def _alias(ask: Asking, inputs: Inputs) -> Found | None:
    aliases = ask.all("kms", "list_aliases", "Aliases")
    found = next((each for each in aliases if each["AliasName"] == inputs["name"]), None)
    if found is None:
        return None
    if found.get("TargetKeyId") != inputs["targetKeyId"].rpartition("/")[2]:
        raise CannotTell("the alias is there and belongs to another key: it may be somebody else's")
    return _bridged(found["AliasName"])


def _log_group(ask: Asking, inputs: Inputs) -> Found | None:
    groups = ask.all("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=inputs["name"])
    found = next((each for each in groups if each["logGroupName"] == inputs["name"]), None)
    if found is None:
        return None
    answer = ask.one("logs", "list_tags_for_resource", resourceArn=found["arn"].removesuffix(":*"))
    # EKS makes the group too, without tags, when a cluster with logging outlives it.
    prove_ours(inputs, (answer or {}).get("tags", {}))
    return _bridged(found["logGroupName"])


def _queue(ask: Asking, inputs: Inputs) -> Found | None:
    absent = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
    answer = ask.one("sqs", "get_queue_url", absent, QueueName=inputs["name"])
    if answer is None:
        return None
    prove_ours(inputs, (ask.one("sqs", "list_queue_tags", QueueUrl=answer["QueueUrl"]) or {}).get("Tags", {}))
    return _bridged(answer["QueueUrl"], url=answer["QueueUrl"])


def _target(ask: Asking, inputs: Inputs) -> Found | None:
    """The provider draws the target's own id, so the target is known by where it leads."""
    rule = inputs["rule"]
    targets = ask.all("events", "list_targets_by_rule", "Targets", ("ResourceNotFoundException",), Rule=rule)
    found = next((each for each in targets if each["Arn"] == inputs["arn"]), None)
    return _bridged(f"{rule}-{found['Id']}", targetId=found["Id"]) if found else None


def _security_group(ask: Asking, inputs: Inputs) -> Found | None:
    filters = {"group-name": inputs["name"], "vpc-id": inputs["vpcId"]}
    found = ask.all("ec2", "describe_security_groups", "SecurityGroups", Filters=_filters(filters))
    if not found:
        return None
    prove_ours(inputs, tag_map(found[0].get("Tags")))
    return _bridged(found[0]["GroupId"])


def _rule(ask: Asking, inputs: Inputs, *, egress: bool) -> Found | None:
    """EC2 has no two rules of a group that admit the same."""
    rules = ask.all(
        "ec2",
        "describe_security_group_rules",
        "SecurityGroupRules",
        Filters=_filters({"group-id": inputs["securityGroupId"]}),
    )
    wanted = (
        egress,
        str(inputs["ipProtocol"]),
        inputs.get("fromPort", -1),
        inputs.get("toPort", -1),
        inputs.get("cidrIpv4"),
        inputs.get("cidrIpv6"),
        inputs.get("prefixListId"),
        inputs.get("referencedSecurityGroupId"),
    )
    found = next((str(each["SecurityGroupRuleId"]) for each in rules if _admits(each) == wanted), None)
    return _bridged(found, securityGroupRuleId=found) if found else None


def _admits(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        rule["IsEgress"],
        rule["IpProtocol"],
        rule.get("FromPort", -1),
        rule.get("ToPort", -1),
        rule.get("CidrIpv4"),
        rule.get("CidrIpv6"),
        rule.get("PrefixListId"),
        (rule.get("ReferencedGroupInfo") or {}).get("GroupId"),
    )


def _launch_template(ask: Asking, inputs: Inputs) -> Found | None:
    wanted = _filters({"launch-template-name": inputs["name"]})
    found = ask.all("ec2", "describe_launch_templates", "LaunchTemplates", Filters=wanted)
    if not found:
        return None
    prove_ours(inputs, tag_map(found[0].get("Tags")))
    return _bridged(found[0]["LaunchTemplateId"])


def _oidc_provider(ask: Asking, inputs: Inputs) -> Found | None:
    """The issuer is the cluster's own, so its provider is this stack's."""
    answer = ask.one("iam", "list_open_id_connect_providers") or {}
    end = f":oidc-provider/{inputs['url'].removeprefix('https://')}"
    arns = (str(each["Arn"]) for each in answer.get("OpenIDConnectProviderList", ()))
    found = next((arn for arn in arns if arn.endswith(end)), None)
    return _bridged(found, arn=found) if found else None


def _budget(ask: Asking, inputs: Inputs) -> Found | None:
    account = (ask.one("sts", "get_caller_identity") or {})["Account"]
    name = inputs["name"]
    found = ask.one("budgets", "describe_budget", ("NotFoundException",), AccountId=account, BudgetName=name)
    if found is None:
        return None
    if not is_auto_named(inputs):
        raise CannotTell("a budget of this name is there: it may be somebody else's")
    return _bridged(f"{account}:{name}")


def _filters(values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": [value]} for name, value in values.items()]


_BY_NAME: Final[frozenset[str]] = frozenset({"aws:cloudwatch/eventRule:EventRule", "aws:iam/role:Role"})

FINDERS: Final[Mapping[str, Finder]] = {
    **dict.fromkeys(_BY_NAME, _by_name),
    "aws:budgets/budget:Budget": _budget,
    "aws:cloudwatch/eventTarget:EventTarget": _target,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:ec2/launchTemplate:LaunchTemplate": _launch_template,
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:eks/addon:Addon": identity_eks.addon,
    "aws:eks/cluster:Cluster": identity_eks.cluster,
    "aws:eks/nodeGroup:NodeGroup": identity_eks.node_group,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _oidc_provider,
    "aws:kms/alias:Alias": _alias,
    "aws:kms/key:Key": _key,
    "aws:sqs/queue:Queue": _queue,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": lambda ask, inputs: _rule(ask, inputs, egress=True),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": lambda ask, inputs: _rule(ask, inputs, egress=False),
}
