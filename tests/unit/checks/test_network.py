"""What the checks say of the given subnets: their addresses, what they give nodes, and whose they are."""

from dataclasses import replace
from typing import Any

import pytest

from ray_platform.checks import network
from ray_platform.checks.facts import Case
from ray_platform.checks.finding import Finding
from ray_platform.config.network_rules import SubnetFacts
from tests.unit.checks.cases import (
    CLUSTER,
    NETWORK,
    SUBNET_IDS,
    SUBNETS,
    VPC,
    VPC_ID,
    case,
)

FIRST, SECOND, THIRD = SUBNETS


def _found(spoiled: Case) -> list[Finding]:
    return list(network.findings(spoiled))


def _only(spoiled: Case) -> Finding:
    (finding,) = _found(spoiled)
    return finding


def _with_blocks(*free: int, **facts: Any) -> Case:
    return case(network=replace(NETWORK, free_blocks=dict(zip(SUBNET_IDS, free, strict=True))), **facts)


def _with_addresses(free: int, **sections: Any) -> Case:
    subnets = tuple(replace(each, available_addresses=free) for each in SUBNETS)
    return case(sections, network=replace(NETWORK, subnets=subnets, free_blocks=None))


def _with_first(subnet: SubnetFacts) -> Case:
    return case(network=replace(NETWORK, subnets=(subnet, SECOND, THIRD)))


def test_a_healthy_network_has_no_finding() -> None:
    assert _found(case()) == []


def test_without_facts_nothing_is_said() -> None:
    nothing = replace(NETWORK, vpc=None, subnets=(), route_tables=None, free_blocks=None)

    assert _found(case(network=nothing)) == []


def test_a_subnet_that_could_not_be_looked_up_leaves_the_addresses_unjudged() -> None:
    found = replace(NETWORK, subnets=(replace(FIRST, available_addresses=0),), free_blocks=None)

    assert _found(case(network=found)) == []


def test_a_pool_begins_with_what_its_least_type_takes_and_ends_with_the_most() -> None:
    """One interface of 15 addresses for each of three nodes; ten nodes of 8 interfaces with 30 addresses."""
    sections = {
        "addons": {"vpcCni": {"prefixDelegation": False}},
        "nodePools": {"cpu": {"instanceTypes": ["m5.xlarge", "m5.4xlarge"]}},
    }

    assert _only(_with_addresses(6 + 14, **sections)).severity == "error"
    finding = _only(_with_addresses(6 + 15, **sections))

    assert (finding.severity, "10 of cpu need 2400 addresses" in finding.evidence) == ("warning", True)


def test_too_few_blocks_for_the_first_nodes_would_fail() -> None:
    finding = _only(_with_blocks(1, 1, 0))

    assert (finding.code, finding.severity, finding.where) == ("vpc-addresses", "error", "network.subnetIds")
    assert finding.what == "The subnets have too few free /28 blocks for the nodes the pools begin with"
    assert finding.evidence.startswith(
        "3 of cpu need 51 addresses and 3 whole /28 blocks; free are 12255 addresses and 2 whole /28 blocks, in "
    )
    assert all(subnet_id in finding.evidence for subnet_id in SUBNET_IDS)
    assert f"aws ec2 associate-vpc-cidr-block --vpc-id {VPC_ID}" in finding.remedy
    assert "nodePools.cpu.desiredSize' 2" in finding.remedy
    assert "addons.vpcCni.prefixDelegation' false" in finding.remedy


def test_a_subnet_without_a_block_for_its_share_of_the_first_nodes_would_fail() -> None:
    finding = _only(_with_blocks(200, 0, 200))

    assert (finding.code, finding.severity, finding.where) == ("vpc-addresses", "error", "network.subnetIds[1]")
    assert "us-east-1b has too few free /28 blocks for its share of the nodes the pools begin with" in finding.what
    assert "need 17 addresses and 1 whole /28 block there" in finding.evidence
    assert SUBNET_IDS[1] in finding.evidence
    assert SUBNET_IDS[0] not in finding.evidence


@pytest.mark.parametrize(("blocks", "fitting"), [(51, 9), (48, 9), (47, 8), (12 + 12, 3)])
def test_too_few_blocks_for_the_largest_sizes_are_a_warning_with_the_size_that_fits(blocks: int, fitting: int) -> None:
    """10 CPU nodes of 4 blocks, 5 GPU nodes and one of the fallback of 2 each: 52 in all."""
    finding = _only(_with_blocks(blocks // 3, blocks // 3, blocks - 2 * (blocks // 3)))

    assert (finding.severity, finding.where) == ("warning", "network.subnetIds")
    assert "may grow to, full of pods" in finding.what
    assert "10 of cpu, 5 of gpu, 1 of gpu-on-demand need 848 addresses and 52 whole /28 blocks" in finding.evidence
    assert f"nodePools.cpu.maxSize' {fitting}" in finding.remedy


def test_where_addresses_lack_as_well_blocks_are_not_blamed_on_their_scatter() -> None:
    subnets = tuple(replace(each, available_addresses=100) for each in SUBNETS)
    few = replace(NETWORK, subnets=subnets, free_blocks=dict.fromkeys(SUBNET_IDS, 5))

    assert "prefixDelegation" not in _only(case(network=few)).remedy


def test_as_many_blocks_as_the_largest_sizes_take_are_enough() -> None:
    assert _found(_with_blocks(17, 17, 18)) == []


def test_no_size_is_named_where_none_would_fit() -> None:
    assert "maxSize" not in _only(_with_blocks(3, 3, 3)).remedy


def test_a_zone_short_of_its_share_of_the_largest_sizes_is_a_warning() -> None:
    finding = _only(_with_blocks(200, 16, 200))

    assert (finding.severity, finding.where) == ("warning", "network.subnetIds[1]")
    assert "need 282 addresses and 17 whole /28 blocks there" in finding.evidence


def test_two_subnets_of_a_zone_share_its_nodes() -> None:
    subnets = (FIRST, SECOND, replace(THIRD, availability_zone=SECOND.availability_zone))
    spoiled = case(
        network=replace(NETWORK, subnets=subnets, free_blocks=dict(zip(SUBNET_IDS, (100, 2, 3), strict=True)))
    )

    finding = _only(spoiled)

    assert finding.where == "network.subnetIds"
    assert "us-east-1b has too few" in finding.what
    assert SUBNET_IDS[1] in finding.evidence
    assert SUBNET_IDS[2] in finding.evidence


def test_where_blocks_could_not_be_counted_the_addresses_are() -> None:
    """EKS keeps six addresses in each subnet for the control plane of a new cluster."""
    assert _found(_with_addresses(6 + 283)) == []
    finding = _only(_with_addresses(6 + 282))
    assert finding.severity == "warning"
    assert "too few free addresses" in finding.what
    assert "need 848 addresses and 52 whole /28 blocks; free are 846 addresses, in " in finding.evidence
    assert "prefixDelegation" not in finding.remedy

    assert _only(_with_addresses(6 + 16)).severity == "error"


def test_without_prefixes_a_node_fills_its_interfaces() -> None:
    addons = {"vpcCni": {"prefixDelegation": False}}

    # 10 nodes of 60 addresses, 6 of 30.
    assert _found(_with_addresses(6 + 260, addons=addons)) == []
    finding = _only(_with_addresses(6 + 259, addons=addons))

    assert (finding.severity, "need 780 addresses; free are 777 addresses" in finding.evidence) == ("warning", True)


def test_blocks_do_not_matter_without_prefixes() -> None:
    addons = {"vpcCni": {"prefixDelegation": False}}

    assert _found(case({"addons": addons}, network=replace(NETWORK, free_blocks=dict.fromkeys(SUBNET_IDS, 0)))) == []


def test_more_pods_for_each_node_need_more_blocks() -> None:
    """A kubelet that lets in 110 pods: 7 blocks for each of 10 CPU nodes."""
    pools = {"cpu": {"nodeConfig": {"kubelet": {"config": {"maxPods": 110}}}}, "gpu": {"gpu": True}}
    spoiled = case({"nodePools": pools}, network=replace(NETWORK, free_blocks=dict.fromkeys(SUBNET_IDS, 20)))

    assert "82 whole /28 blocks" in _only(spoiled).evidence


@pytest.mark.parametrize("variable", ["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "WARM_IP_TARGET", "MINIMUM_IP_TARGET"])
def test_who_gives_pods_addresses_in_another_way_is_left_alone(variable: str) -> None:
    addons = {"vpcCni": {"values": {"env": {variable: "1"}}}}

    assert _found(case({"addons": addons}, network=replace(NETWORK, free_blocks=dict.fromkeys(SUBNET_IDS, 0)))) == []


def test_the_nodes_of_a_running_cluster_have_their_addresses_already() -> None:
    """The three CPU nodes it began with take 12 blocks of the 52."""
    assert _found(_with_blocks(13, 13, 14, cluster=CLUSTER)) == []
    finding = _only(_with_blocks(13, 13, 13, cluster=CLUSTER))

    assert finding.severity == "warning"
    assert finding.evidence.startswith("7 of cpu, 5 of gpu, 1 of gpu-on-demand need ")
    assert "nodePools.cpu.maxSize' 9" in finding.remedy


def test_a_subnet_that_gives_public_addresses_is_a_warning() -> None:
    finding = _only(_with_first(replace(FIRST, public_ip_on_launch=True)))

    assert (finding.code, finding.severity) == ("vpc-public-addresses", "warning")
    assert finding.where == "network.subnetIds[0]"
    assert FIRST.subnet_id in finding.evidence
    assert finding.remedy.endswith(
        f"aws ec2 modify-subnet-attribute --subnet-id {FIRST.subnet_id} --no-map-public-ip-on-launch --region us-east-1"
    )


def test_subnets_without_the_tag_of_internal_load_balancers_are_noted_together() -> None:
    subnets = (replace(FIRST, tags={}), replace(SECOND, tags={"kubernetes.io/role/elb": "1"}), THIRD)

    finding = _only(case(network=replace(NETWORK, subnets=subnets)))

    assert (finding.code, finding.severity, finding.where) == ("vpc-load-balancer-tags", "note", "network.subnetIds")
    assert finding.remedy == (
        f"aws ec2 create-tags --resources {FIRST.subnet_id} {SECOND.subnet_id} "
        "--tags Key=kubernetes.io/role/internal-elb,Value=1 --region us-east-1"
    )


def test_an_empty_value_of_that_tag_does() -> None:
    assert _found(_with_first(replace(FIRST, tags={"kubernetes.io/role/internal-elb": ""}))) == []


def test_a_subnet_of_another_cluster_is_a_warning() -> None:
    finding = _only(_with_first(replace(FIRST, tags={**FIRST.tags, "kubernetes.io/cluster/other": "owned"})))

    assert (finding.code, finding.severity) == ("vpc-other-cluster", "warning")
    assert finding.where == "network.subnetIds[0]"
    assert "the cluster other" in finding.what
    assert "Key=kubernetes.io/cluster/other,Value=shared" in finding.remedy
    assert FIRST.subnet_id in finding.remedy


@pytest.mark.parametrize(
    "tag", [("kubernetes.io/cluster/other", "shared"), ("kubernetes.io/cluster/ray-prod", "owned")]
)
def test_a_shared_subnet_and_the_clusters_own_are_fine(tag: tuple[str, str]) -> None:
    assert _found(_with_first(replace(FIRST, tags={**FIRST.tags, tag[0]: tag[1]}))) == []


BOTH_RANGES = replace(VPC, cidr_blocks=("10.0.0.0/8", "172.20.128.0/20", "192.168.0.0/24"))


def test_a_vpc_that_leaves_eks_no_range_for_services_would_fail() -> None:
    finding = _only(case(network=replace(NETWORK, vpc=BOTH_RANGES)))

    assert (finding.code, finding.severity) == ("vpc-service-range", "error")
    assert finding.where == "cluster.serviceIpv4Cidr"
    assert "10.0.0.0/8, 172.20.128.0/20" in finding.evidence
    assert "10.100.0.0/16 or 172.20.0.0/16" in finding.evidence
    assert "pulumi config set --path 'ray-on-eks:cluster.serviceIpv4Cidr' 172.16.0.0/16" in finding.remedy


def test_one_range_that_is_free_is_enough() -> None:
    assert _found(case(network=replace(NETWORK, vpc=replace(VPC, cidr_blocks=("10.0.0.0/8",))))) == []


def test_a_given_range_and_a_running_cluster_need_no_choice() -> None:
    given = {"cluster": {"name": "ray-prod", "serviceIpv4Cidr": "192.168.128.0/20"}}

    assert _found(case(given, network=replace(NETWORK, vpc=BOTH_RANGES))) == []
    assert _found(case(network=replace(NETWORK, vpc=BOTH_RANGES), cluster=CLUSTER)) == []
