"""Why nodes never join or never get ready, which AWS tells only after some twenty minutes."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from simulator.account.resource import Refusal
from simulator.aws.by_hand import add_vpc_endpoints
from tests.simulator.aws_by_hand import CLUSTER, MANAGED, VPC, ByHand, SoundCluster, trust

NOT_JOINED = r"NodeCreationFailure: Instances failed to join the kubernetes cluster"
NOT_READY = r"NodeCreationFailure: Unhealthy nodes.*container runtime network not ready"
NOBODY = {"minSize": 0, "desiredSize": 0, "maxSize": 5}
EGRESS = "SecurityGroupEgressRule"


def close_the_internet(hand: ByHand) -> None:
    """Leave egress to the private ranges only: the seed's defect."""
    for rule in hand.account.records(hand.type(EGRESS).token, cidrIpv4="0.0.0.0/0"):
        hand.delete(EGRESS, rule.id)


def detach(hand: ByHand, role: str, policy: str) -> None:
    hand.delete("RolePolicyAttachment", f"{role}/{MANAGED}{policy}")


def test_nodes_that_reach_no_aws_service_do_not_join(hand: ByHand, sound: SoundCluster) -> None:
    close_the_internet(hand)
    services = r"\['ec2', 'ecr.api', 'ecr.dkr', 's3', 'sts'\]"
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*reach the internet on 443.*no usable endpoint for {services}"):
        sound.node_group()


def test_nodes_without_internet_join_when_the_vpc_has_all_endpoints(hand: ByHand, sound: SoundCluster) -> None:
    close_the_internet(hand)
    add_vpc_endpoints(hand.account, VPC, "ec2", "ecr.api", "ecr.dkr", "s3")
    template = hand.launch_template(security_group=sound.security_group)
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*no usable endpoint for \['sts'\]"):
        sound.node_group(template=template)
    add_vpc_endpoints(hand.account, VPC, "sts")
    sound.node_group(template=template)


def test_the_gateway_endpoint_of_s3_needs_a_rule_for_its_prefix_list(hand: ByHand, sound: SoundCluster) -> None:
    close_the_internet(hand)
    add_vpc_endpoints(hand.account, VPC, "ec2", "ecr.api", "ecr.dkr", "sts")
    add_vpc_endpoints(hand.account, VPC, "s3", kind="Gateway")
    template = hand.launch_template(security_group=sound.security_group)
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*no usable endpoint for \['s3'\]"):
        sound.node_group(template=template)
    lists = hand.account.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    s3 = next(each["PrefixListId"] for each in lists if each["PrefixListName"].endswith(".s3"))
    https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    hand.make(EGRESS, securityGroupId=sound.security_group, prefixListId=s3, **https)
    sound.node_group(template=template)


ENDPOINT_FAULTS = {
    "no private DNS": ("sts", {"privateDnsEnabled": False}),
    "no subnet": ("sts", {"subnetIds": None}),
    "a group that lets nobody in": ("sts", {"securityGroupIds": ["closed"]}),
    "a gateway in no route table": ("s3", {"vpcEndpointType": "Gateway"}),
}


@pytest.mark.parametrize(("service", "changes"), ENDPOINT_FAULTS.values(), ids=ENDPOINT_FAULTS)
def test_an_endpoint_that_does_not_answer_the_nodes_is_none(
    hand: ByHand, sound: SoundCluster, service: str, changes: dict[str, Any]
) -> None:
    close_the_internet(hand)
    lists = hand.account.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    s3 = next(each["PrefixListId"] for each in lists if each["PrefixListName"].endswith(".s3"))
    https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    hand.make(EGRESS, securityGroupId=sound.security_group, prefixListId=s3, **https)
    others = [each for each in ("ec2", "ecr.api", "ecr.dkr", "s3", "sts") if each != service]
    (first, *_) = add_vpc_endpoints(hand.account, VPC, *others)
    closed = hand.make("SecurityGroup", name="closed", vpcId=VPC).id
    parts = {"vpcId": VPC} if service == "s3" else hand.inputs("VpcEndpoint", first)
    if changes.get("securityGroupIds"):
        changes = {"securityGroupIds": [closed]}
    faulty = hand.make("VpcEndpoint", **parts | {"serviceName": f"com.amazonaws.us-east-1.{service}"} | changes).id

    template = hand.launch_template(security_group=sound.security_group)
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*no usable endpoint for \['{service}'\]"):
        sound.node_group(template=template)
    hand.delete("VpcEndpoint", faulty)
    add_vpc_endpoints(hand.account, VPC, service, kind="Gateway" if service == "s3" else "Interface")
    sound.node_group(template=template)


def test_a_nat_gateway_without_a_way_out_is_none(hand: ByHand, sound: SoundCluster) -> None:
    ec2 = hand.account.client("ec2")
    for table in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [VPC]}])["RouteTables"]:
        if any((route.get("GatewayId") or "").startswith("igw-") for route in table["Routes"]):
            ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*has no route to the internet"):
        sound.node_group()


def test_an_egress_rule_for_another_port_or_half_the_internet_is_not_enough(hand: ByHand, sound: SoundCluster) -> None:
    close_the_internet(hand)
    group = {"securityGroupId": sound.security_group, "ipProtocol": "tcp"}
    hand.make(EGRESS, **group, cidrIpv4="0.0.0.0/0", fromPort=80, toPort=80)
    hand.make(EGRESS, **group, cidrIpv4="0.0.0.0/1", fromPort=443, toPort=443)
    template = hand.launch_template(security_group=sound.security_group)
    with pytest.raises(Refusal, match=NOT_JOINED):
        sound.node_group(template=template)
    hand.make(EGRESS, **group, cidrIpv4="128.0.0.0/1", fromPort=443, toPort=443)
    sound.node_group(template=template)


def test_nodes_in_a_subnet_without_a_way_out_do_not_join(hand: ByHand, sound: SoundCluster) -> None:
    ec2 = hand.account.client("ec2")
    for table in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [VPC]}])["RouteTables"]:
        if any(route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in table["Routes"]):
            ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*no route to the internet"):
        sound.node_group()


def test_nodes_that_the_control_plane_does_not_let_in_do_not_join(hand: ByHand, sound: SoundCluster) -> None:
    stranger = hand.security_group(name="stranger")
    template = hand.launch_template(security_group=stranger)
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*no ingress rule of .* lets a node of .*{stranger}.* in on 443"):
        sound.node_group(template=template)
    rule = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "referencedSecurityGroupId": stranger}
    hand.make("SecurityGroupIngressRule", securityGroupId=sound.security_group, **rule)
    sound.node_group(template=template)


def test_nodes_that_may_not_call_the_control_plane_do_not_join(hand: ByHand, sound: SoundCluster) -> None:
    silent = hand.security_group(name="silent", private=False, internet=False, itself=False)
    template = hand.launch_template(security_group=silent)
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*no egress rule of .*{silent}.* reach the control plane"):
        sound.node_group(template=template)


def test_nodes_without_a_template_have_the_clusters_own_group_and_join(sound: SoundCluster) -> None:
    outputs = sound.hand.node_group(role_arn=sound.node_role_arn, template=None).outputs
    assert outputs["status"] == "ACTIVE"


@pytest.mark.parametrize("attribute", ["EnableDnsSupport", "EnableDnsHostnames"])
def test_nodes_of_a_vpc_without_dns_do_not_join(hand: ByHand, sound: SoundCluster, attribute: str) -> None:
    hand.account.client("ec2").modify_vpc_attribute(VpcId=VPC, **{attribute: {"Value": False}})
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*(?i:{attribute}) of {VPC} is off"):
        sound.node_group()


@pytest.mark.parametrize("policy", ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])
def test_nodes_whose_role_lacks_a_policy_do_not_join(hand: ByHand, sound: SoundCluster, policy: str) -> None:
    detach(hand, "node", policy)
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*{policy}.*attached to the node role"):
        sound.node_group()


def test_nodes_that_come_before_vpc_cni_never_get_ready(hand: ByHand, sound: SoundCluster) -> None:
    hand.delete("Addon", f"{CLUSTER}:vpc-cni")
    with pytest.raises(Refusal, match=rf"{NOT_READY}: cni plugin not initialized; the cluster has no vpc-cni addon"):
        sound.node_group()


def test_nodes_that_come_before_kube_proxy_never_get_ready(hand: ByHand, sound: SoundCluster) -> None:
    hand.delete("Addon", f"{CLUSTER}:kube-proxy")
    with pytest.raises(Refusal, match=rf"{NOT_READY}.*no kube-proxy addon"):
        sound.node_group()


def test_a_cluster_with_self_managed_addons_needs_no_addon_before_its_nodes(hand: ByHand) -> None:
    group = hand.security_group()
    hand.cluster(security_group=group, bootstrapSelfManagedAddons=True)
    template = hand.launch_template(security_group=group)
    made = hand.node_group(role_arn=hand.node_role().outputs["arn"], template=template)
    assert made.outputs["status"] == "ACTIVE"


def test_nodes_whose_vpc_cni_has_no_rights_never_get_ready(hand: ByHand, sound: SoundCluster) -> None:
    detach(hand, "cni", "AmazonEKS_CNI_Policy")
    with pytest.raises(Refusal, match=rf"{NOT_READY}.*AmazonEKS_CNI_Policy is not attached"):
        sound.node_group()


def test_nodes_whose_vpc_cni_role_trusts_another_service_account_never_get_ready(
    hand: ByHand, sound: SoundCluster
) -> None:
    wrong = hand.service_account_trust(sound.provider, "kube-system:aws-nodes")
    hand.update("Role", "cni", assumeRolePolicy=wrong)
    with pytest.raises(Refusal, match=rf"{NOT_READY}.*does not admit system:serviceaccount:kube-system:aws-node of"):
        sound.node_group()


def test_nodes_whose_vpc_cni_role_wants_another_audience_never_get_ready(hand: ByHand, sound: SoundCluster) -> None:
    wrong = hand.service_account_trust(sound.provider, "kube-system:aws-node", audience="sts.example.com")
    hand.update("Role", "cni", assumeRolePolicy=wrong)
    with pytest.raises(Refusal, match=NOT_READY):
        sound.node_group()


def test_nodes_of_a_cluster_without_oidc_provider_never_get_ready(hand: ByHand, sound: SoundCluster) -> None:
    hand.delete("OpenIdConnectProvider", sound.provider.id)
    with pytest.raises(Refusal, match=rf"{NOT_READY}.*no OIDC provider"):
        sound.node_group()


def test_vpc_cni_may_have_its_rights_from_the_node_role(hand: ByHand, sound: SoundCluster) -> None:
    hand.update("Addon", f"{CLUSTER}:vpc-cni", serviceAccountRoleArn=None)
    template = hand.launch_template(security_group=sound.security_group)
    with pytest.raises(Refusal, match=rf"{NOT_READY}.*neither vpc-cni nor the node role has AmazonEKS_CNI_Policy"):
        sound.node_group(template=template)
    hand.make("RolePolicyAttachment", role="node", policyArn=f"{MANAGED}AmazonEKS_CNI_Policy")
    sound.node_group(template=template)


def test_bootstrap_sh_in_the_user_data_keeps_al2023_from_joining(hand: ByHand, sound: SoundCluster) -> None:
    script = (
        'Content-Type: multipart/mixed; boundary="B"\n\n--B\nContent-Type: text/x-shellscript\n\n'
        "#!/bin/bash\n/etc/eks/bootstrap.sh ray\n--B--\n"
    )
    user_data = base64.b64encode(script.encode()).decode()
    template = hand.launch_template(security_group=sound.security_group, userData=user_data)
    with pytest.raises(Refusal, match=rf"{NOT_JOINED}.*bootstrap.sh has been removed"):
        sound.node_group(template=template)


def test_a_group_without_nodes_never_fails_to_join(hand: ByHand, sound: SoundCluster) -> None:
    close_the_internet(hand)
    hand.delete("Addon", f"{CLUSTER}:vpc-cni")
    assert sound.node_group(scalingConfig=NOBODY).outputs["status"] == "ACTIVE"


def test_a_group_that_grows_from_nothing_meets_the_same_rules(hand: ByHand, sound: SoundCluster) -> None:
    close_the_internet(hand)
    group = sound.node_group(scalingConfig=NOBODY)
    with pytest.raises(Refusal, match=NOT_JOINED):
        hand.update("NodeGroup", group.id, scalingConfig={**NOBODY, "desiredSize": 1})


def test_a_node_role_of_another_name_serves_as_well(hand: ByHand, sound: SoundCluster) -> None:
    role = hand.role(
        "other", trust("ec2.amazonaws.com"), "AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly"
    )
    template = hand.launch_template(security_group=sound.security_group)
    made = hand.node_group(role_arn=role.outputs["arn"], template=template)
    assert made.outputs["status"] == "ACTIVE"
