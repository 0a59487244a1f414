"""What the account answers to the program's lookups, and that every type survives reading and reloading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator import aws
from simulator.account import Account
from simulator.account.resource import Refusal
from simulator.aws.by_hand import add_given_key, add_vpc_endpoints, use_up_addresses
from simulator.aws.eks_nodes import set_desired_size
from tests.simulator.aws_by_hand import (
    CLUSTER,
    LOG_GROUP,
    SUBNETS,
    TYPES,
    VPC,
    ByHand,
    SoundCluster,
    document,
    logs_statement,
    owner_statement,
)
from tests.simulator.test_rules_budgets import budget
from tests.simulator.vpc_by_hand import whole_vpc

ADMIN = "arn:aws:iam::123456789012:role/Admin"
BY_TOKEN = {each.token: each for each in TYPES.values()}


def invoke(hand: ByHand, function: str, **args: Any) -> dict[str, Any]:
    token = next(each for each in aws.INVOKES if each.endswith(f":{function}"))
    return aws.INVOKES[token](hand.account, args)


def test_a_vpc_and_its_subnets_are_found_by_id(hand: ByHand) -> None:
    vpc = invoke(hand, "getVpc", id=VPC)
    assert (vpc["cidrBlock"], vpc["enableDnsSupport"], vpc["enableDnsHostnames"]) == ("10.0.0.0/16", True, True)
    assert [each["cidrBlock"] for each in vpc["cidrBlockAssociations"]] == ["10.0.0.0/16"]
    first, second = (invoke(hand, "getSubnet", id=id) for id in SUBNETS)
    assert first["vpcId"] == second["vpcId"] == VPC
    assert first["availabilityZone"] != second["availabilityZone"]
    assert first["availabilityZoneId"].startswith("use1-az")
    assert first["mapPublicIpOnLaunch"] is False
    assert 4000 < first["availableIpAddressCount"] <= 4091


def test_route_tables_tell_their_subnets_and_their_ways_out(hand: ByHand) -> None:
    ids = invoke(hand, "getRouteTables", vpcId=VPC)["ids"]
    tables = [invoke(hand, "getRouteTable", routeTableId=each) for each in ids]
    targets = {}
    for table in tables:
        for association in table["associations"]:
            routes = {each["cidrBlock"]: each["gatewayId"] or each["natGatewayId"] for each in table["routes"]}
            targets[association["subnetId"]] = {block: target.partition("-")[0] for block, target in routes.items()}
    # The ids are such that the fixture's public subnet is the first of them.
    assert targets == {"": {}, SUBNETS[0]: {"0.0.0.0/0": "igw"}, SUBNETS[1]: {"0.0.0.0/0": "nat"}}
    with pytest.raises(Refusal, match="no matching EC2 Route Table found"):
        invoke(hand, "getRouteTable", routeTableId="rtb-0000000000000000f")


def test_instance_types_are_offered_by_zone(hand: ByHand) -> None:
    filters = [{"name": "instance-type", "values": ["m5.xlarge"]}]
    found = invoke(hand, "getInstanceTypeOfferings", locationType="availability-zone", filters=filters)
    assert set(found["instanceTypes"]) == {"m5.xlarge"}
    assert {"us-east-1a", "us-east-1b"} <= set(found["locations"])
    assert len(found["instanceTypes"]) == len(found["locations"]) == len(found["locationTypes"])


def test_what_is_not_there_is_told_as_pulumi_aws_tells_it(hand: ByHand) -> None:
    with pytest.raises(Refusal, match="no matching EC2 VPC found"):
        invoke(hand, "getVpc", id="vpc-0000000000000000f")
    with pytest.raises(Refusal, match="no matching EC2 Subnet found"):
        invoke(hand, "getSubnet", id="subnet-0000000000000000f")
    with pytest.raises(Refusal, match=r"instance types do not exist: \[m5.enormous\]"):
        invoke(hand, "getInstanceType", instanceType="m5.enormous")
    with pytest.raises(Refusal, match="looks up getVpc by id only"):
        invoke(hand, "getVpc", tags={"Name": "main"})


@pytest.mark.parametrize(
    ("name", "vcpus", "memory_mib", "architecture", "gpus"),
    [
        ("m5.xlarge", 4, 16_384, "x86_64", []),
        ("m7g.xlarge", 4, 16_384, "arm64", []),
        ("g4dn.xlarge", 4, 16_384, "x86_64", [("T4", 1, "NVIDIA")]),
        ("g5g.xlarge", 4, 8_192, "arm64", [("T4g", 1, "NVIDIA")]),
    ],
)
def test_the_facts_of_an_instance_type(
    hand: ByHand, name: str, vcpus: int, memory_mib: int, architecture: str, gpus: list[tuple[str, int, str]]
) -> None:
    found = invoke(hand, "getInstanceType", instanceType=name)
    assert (found["defaultVcpus"], found["memorySize"]) == (vcpus, memory_mib)
    assert found["supportedArchitectures"] == [architecture]
    assert [(gpu["name"], gpu["count"], gpu["manufacturer"]) for gpu in found["gpuses"]] == gpus


def test_the_default_and_the_most_recent_version_of_an_addon(hand: ByHand) -> None:
    default = invoke(hand, "getAddonVersion", addonName="vpc-cni", kubernetesVersion="1.35")
    latest = invoke(hand, "getAddonVersion", addonName="vpc-cni", kubernetesVersion="1.35", mostRecent=True)
    assert default["version"] != latest["version"]
    with pytest.raises(Refusal, match="not supported"):
        invoke(hand, "getAddonVersion", addonName="vpc-cni", kubernetesVersion="1.20")


def test_another_region_is_not_there(hand: ByHand) -> None:
    with pytest.raises(Refusal, match="the region us-east-1 only, not eu-west-1"):
        invoke(hand, "getRegion", region="eu-west-1")


def test_who_and_where_the_account_is(hand: ByHand) -> None:
    assert invoke(hand, "getPartition")["dnsSuffix"] == "amazonaws.com"
    assert invoke(hand, "getCallerIdentity")["accountId"] == "123456789012"
    assert invoke(hand, "getRegion")["region"] == "us-east-1"


def a_whole_platform(hand: ByHand) -> None:
    """One of every type, with tags of its own and of the provider."""
    tags = {"tags": {"team": "ray"}, "tagsAll": {"team": "ray", "environment": "dev"}}
    arn = add_given_key(hand.account, document(owner_statement(), logs_statement()))
    key = hand.make("Key", **tags, policy=document(owner_statement(), logs_statement()), enableKeyRotation=True)
    hand.make("Alias", name="alias/eks/ray", targetKeyId=key.id)
    hand.make("LogGroup", **tags, name=LOG_GROUP, kmsKeyId=arn, retentionInDays=7)
    encryption = {"provider": {"keyArn": arn}, "resources": ["secrets"]}
    sound = SoundCluster(hand, **tags, enabledClusterLogTypes=["audit", "api"], encryptionConfig=encryption)
    template = hand.launch_template(security_group=sound.security_group, **tags)
    hand.update("LaunchTemplate", template.id, metadataOptions={"httpTokens": "required"})
    reference = {"id": template.id, "version": "2"}
    labels = {"ray.io/node-type": "worker"}
    group = sound.node_group(template=template, launchTemplate=reference, labels=labels, taints=[], **tags)
    name = group.outputs["resources"][0]["autoscalingGroups"][0]["name"]
    hand.make("Tag", autoscalingGroupName=name, tag={"key": "k", "value": "v", "propagateAtLaunch": True})
    hand.addon("coredns", **tags, resolveConflictsOnCreate="OVERWRITE")
    entry = {"clusterName": CLUSTER, "principalArn": ADMIN}
    hand.make("AccessEntry", **entry, **tags)
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    scope = {"type": "namespace", "namespaces": ["ray"]}
    hand.make("AccessPolicyAssociation", **entry, policyArn=policy, accessScope=scope)
    read = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    hand.make("RolePolicy", name="p", role="node", policy=read)
    queue = hand.make("Queue", **tags, name="ray", messageRetentionSeconds=300, sqsManagedSseEnabled=True)
    send = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": ["sqs:SendMessage"]}
    hand.make("QueuePolicy", queueUrl=queue.id, policy=document({**send, "Resource": queue.outputs["arn"]}))
    pattern = json.dumps({"source": ["aws.ec2"]})
    hand.make("EventRule", **tags, name="spot", eventPattern=pattern, description="spot")
    hand.make("EventTarget", rule="spot", arn=queue.outputs["arn"])
    add_vpc_endpoints(hand.account, VPC, "sts")
    whole_vpc(hand)
    use_up_addresses(hand.account, SUBNETS[1])
    interface = {"subnetId": SUBNETS[0], "securityGroups": [sound.security_group], "description": "by hand"}
    hand.make("NetworkInterface", **interface)
    hand.make("Budget", **budget())
    set_desired_size(hand.account, group.id, 5)


def differences(account: Account) -> dict[str, Any]:
    """What reading shows of each record that the record does not say; empty when nothing drifted."""
    found = {}
    for record in account.records():
        answer = account.read(BY_TOKEN[record.token], record.id)
        if answer is None or answer[0] != record.inputs:
            found[record.token] = (record.inputs, answer and answer[0])
    return found


def test_reading_shows_no_drift_for_any_type(hand: ByHand) -> None:
    a_whole_platform(hand)
    assert {record.token for record in hand.account.records()} == set(BY_TOKEN)
    assert differences(hand.account) == {}


def test_every_type_comes_back_the_same_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    with Account.open(path, aws.RESOURCE_TYPES) as account:
        a_whole_platform(ByHand(account))
        before = {(each.token, each.id): (each.inputs, read_outputs(account, each)) for each in account.records()}
    with Account.open(path, aws.RESOURCE_TYPES) as account:
        after = {(each.token, each.id): (each.inputs, read_outputs(account, each)) for each in account.records()}
        assert after == before
        assert differences(account) == {}


def read_outputs(account: Account, record: Any) -> dict[str, Any] | None:
    answer = account.read(BY_TOKEN[record.token], record.id)
    return answer[1].outputs if answer else None


def test_a_whole_platform_goes_away_in_the_order_opposite_to_its_making(hand: ByHand) -> None:
    a_whole_platform(hand)
    for record in reversed(hand.account.records()):
        hand.account.delete(BY_TOKEN[record.token], record.id)
    assert hand.account.records() == []
    ec2 = hand.account.client("ec2")
    groups = [each["GroupName"] for each in ec2.describe_security_groups()["SecurityGroups"] if each["VpcId"] == VPC]
    assert groups == ["default"]
    assert ec2.describe_launch_templates()["LaunchTemplates"] == []
    assert hand.account.client("eks").list_clusters()["clusters"] == []
    assert hand.account.client("iam").list_roles()["Roles"] == []
    assert hand.account.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert hand.account.client("logs").describe_log_groups()["logGroups"] == []


EDITS: dict[str, tuple[str, Any]] = {
    "LogGroup": ("retentionInDays", 30),
    "LaunchTemplate": ("metadataOptions", {"httpTokens": "optional"}),
    "Cluster": ("enabledClusterLogTypes", ["api"]),
    "NodeGroup": ("scalingConfig", {"minSize": 2, "desiredSize": 9, "maxSize": 10}),
    "Addon": ("addonVersion", "v1.21.1-eksbuild.8"),
    "Queue": ("messageRetentionSeconds", 600),
    "Key": ("tagsAll", {"team": "other"}),
}


def test_an_edit_of_the_file_is_drift_that_reading_shows(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    with Account.open(path, aws.RESOURCE_TYPES) as account:
        a_whole_platform(ByHand(account))
    file = json.loads(path.read_text())
    edited = {}
    for kind, (key, value) in EDITS.items():
        record = next(each for each in file["resources"] if each["type"] == TYPES[kind].token)
        record["inputs"][key] = value
        edited[kind] = record["id"]
    path.write_text(json.dumps(file))
    with Account.open(path, aws.RESOURCE_TYPES) as account:
        for kind, (key, value) in EDITS.items():
            answer = account.read(TYPES[kind], edited[kind])
            assert answer is not None
            assert answer[0][key] == answer[1].outputs[key] == value, kind
