"""The rules of every section except the node pools, each at its edges."""

from typing import Any

import pytest

from tests.unit.config.given import KEY_ARN, NETWORK, ROLE_ARN, only_problem, problems, settings

SUBNETS = NETWORK["subnetIds"]

REFUSED: list[tuple[str, str, Any]] = [
    # section and key, the path to blame, the value
    ("aws.region", "aws.region", "us-east-1a"),
    ("aws.region", "aws.region", "virginia"),
    ("aws.region", "aws.region", None),
    ("aws.tags", "aws.tags", ["a"]),
    ("aws.tags", "aws.tags.cost", {"cost": 5}),
    ("aws.tags", "aws.tags.shared", {"shared": True}),
    ("aws.tags", 'aws.tags["aws:x"]', {"aws:x": "reserved"}),
    ("aws.tags", 'aws.tags["AWS:x"]', {"AWS:x": "reserved"}),
    ("aws.tags", "aws.tags.semicolon", {"semicolon": "a;b"}),
    ("aws.tags", "aws.tags", {"owner": "a", "Owner": "b"}),
    ("network.vpcId", "network.vpcId", "vpc-123"),
    ("network.vpcId", "network.vpcId", "subnet-0123456789abcdef0"),
    ("network.vpcId", "network.vpcId", "vpc-0123456789abcdef0\n"),
    ("network.subnetIds", "network.subnetIds", SUBNETS[:1]),
    ("network.subnetIds", "network.subnetIds", [SUBNETS[0], SUBNETS[0]]),
    ("network.subnetIds", "network.subnetIds[1]", [SUBNETS[0], "vpc-0123456789abcdef0"]),
    ("network.subnetIds", "network.subnetIds", SUBNETS[0]),
    ("security.kmsKeyArn", "security.kmsKeyArn", "arn:aws:kms:us-east-1:123456789012:alias/mine"),
    ("security.kmsKeyArn", "security.kmsKeyArn", "1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("security.kmsKeyArn", "security.kmsKeyArn", KEY_ARN.replace("us-east-1", "eu-west-1")),
    ("security.kmsDeletionWindowDays", "security.kmsDeletionWindowDays", 6),
    ("security.kmsDeletionWindowDays", "security.kmsDeletionWindowDays", 31),
    ("security.kmsDeletionWindowDays", "security.kmsDeletionWindowDays", "7"),
    ("security.kmsDeletionWindowDays", "security.kmsDeletionWindowDays", True),
    ("security.kmsDeletionWindowDays", "security.kmsDeletionWindowDays", 7.5),
    ("security.egress", "security.egress", "open"),
    ("security.sessionManager", "security.sessionManager", "true"),
    ("security.sessionManager", "security.sessionManager", 1),
    ("cluster.name", "cluster.name", ""),
    ("cluster.name", "cluster.name", "-ray"),
    ("cluster.name", "cluster.name", "ray.cluster"),
    ("cluster.name", "cluster.name", "sg-ray"),
    ("cluster.name", "cluster.name", "r" * 101),
    ("cluster.kubernetesVersion", "cluster.kubernetesVersion", 1.35),
    ("cluster.kubernetesVersion", "cluster.kubernetesVersion", "1.31"),
    ("cluster.kubernetesVersion", "cluster.kubernetesVersion", "1.35.2"),
    ("cluster.kubernetesVersion", "cluster.kubernetesVersion", "9.99"),
    ("cluster.supportType", "cluster.supportType", "standard"),
    ("cluster.accessEntries", "cluster.accessEntries.Admins", {"Admins": {"principalArn": ROLE_ARN}}),
    ("cluster.accessEntries", "cluster.accessEntries.ops.principalArn", {"ops": {}}),
    (
        "cluster.accessEntries",
        "cluster.accessEntries.ops.principalArn",
        {"ops": {"principalArn": "arn:aws:sts::123456789012:assumed-role/admin/me"}},
    ),
    (
        "cluster.accessEntries",
        "cluster.accessEntries.ops.policy",
        {"ops": {"principalArn": ROLE_ARN, "policy": "AmazonEKSAdminPolicy"}},
    ),
    (
        "cluster.accessEntries",
        "cluster.accessEntries.ops.namespaces",
        {"ops": {"principalArn": ROLE_ARN, "namespaces": ["ray"]}},
    ),
    (
        "cluster.accessEntries",
        "cluster.accessEntries.ops.namespaces[0]",
        {"ops": {"principalArn": ROLE_ARN, "policy": "edit", "namespaces": ["Ray_1"]}},
    ),
    (
        "cluster.accessEntries",
        "cluster.accessEntries.b.principalArn",
        {"a": {"principalArn": ROLE_ARN}, "b": {"principalArn": ROLE_ARN}},
    ),
    ("cluster.logTypes", "cluster.logTypes[1]", ["api", "kubelet"]),
    ("cluster.logTypes", "cluster.logTypes", ["api", "api"]),
    ("cluster.logRetentionDays", "cluster.logRetentionDays", 8),
    ("cluster.logRetentionDays", "cluster.logRetentionDays", 366),
    ("cluster.logRetentionDays", "cluster.logRetentionDays", -1),
    ("cluster.serviceIpv4Cidr", "cluster.serviceIpv4Cidr", "8.8.0.0/16"),
    ("cluster.serviceIpv4Cidr", "cluster.serviceIpv4Cidr", "10.0.0.0/11"),
    ("cluster.serviceIpv4Cidr", "cluster.serviceIpv4Cidr", "10.0.0.0/25"),
    ("cluster.serviceIpv4Cidr", "cluster.serviceIpv4Cidr", "10.0.0.1/16"),
    ("addons.vpcCni", "addons.vpcCni.version", {"version": "1.20.1"}),
    ("addons.coredns", "addons.coredns.version", {"version": "latest"}),
    ("addons.vpcCni", "addons.vpcCni.values", {"values": {"enableNetworkPolicy": "false"}}),
    ("addons.vpcCni", "addons.vpcCni.values", {"values": {"env": {"ENABLE_PREFIX_DELEGATION": "false"}}}),
    ("addons.kubeProxy", "addons.kubeProxy.enabled", {"enabled": False}),
    ("addons.clusterAutoscaler", "addons.clusterAutoscaler.version", {"version": "v1.35.1"}),
    ("ray.image", "ray.image", "rayproject/ray"),
    ("operations.protect", "operations.protect", "yes"),
    ("operations.budget", "operations.budget.emails[1]", {"emails": ["a@example.com", "a.example.com"]}),
    ("operations.budget", "operations.budget.emails[0]", {"emails": ["a@localhost"]}),
    ("operations.budget", "operations.budget.emails[0]", {"emails": ["a b@example.com"]}),
    ("operations.budget", "operations.budget.emails", {"emails": ["a@example.com", "a@example.com"]}),
    ("operations.budget", "operations.budget.emails", {"emails": [f"a{n}@example.com" for n in range(11)]}),
    ("operations.budget", "operations.budget.limitUsd", {"emails": ["a@example.com"], "limitUsd": 0}),
    ("operations.budget", "operations.budget.limitUsd", {"emails": ["a@example.com"], "limitUsd": "500"}),
    ("operations.budget", "operations.budget.limitUsd", {"limitUsd": 500}),
]

ACCEPTED: list[tuple[str, Any]] = [
    ("aws.region", "us-gov-west-1"),
    ("aws.region", "eusc-de-east-1"),
    ("aws.tags", {"Kostenstelle Süd": "a b.c:d/e=f+g-h@i_j", "empty": ""}),
    ("network.vpcId", "vpc-0a1b2c3d"),
    ("security.kmsKeyArn", KEY_ARN),
    ("security.kmsKeyArn", KEY_ARN.replace("arn:aws:", "arn:aws-us-gov:")),
    ("security.kmsKeyArn", "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"),
    ("security.kmsDeletionWindowDays", 7),
    ("security.kmsDeletionWindowDays", 30),
    ("security.egress", "private"),
    ("cluster.name", "r" * 100),
    ("cluster.name", "1_Ray-x"),
    ("cluster.kubernetesVersion", "1.34"),
    ("cluster.supportType", "EXTENDED"),
    ("cluster.accessEntries", {"ops": {"principalArn": "arn:aws-cn:iam::123456789012:user/team/me"}}),
    (
        "cluster.accessEntries",
        {"ops": {"principalArn": ROLE_ARN, "policy": "edit", "namespaces": ["ray", "r" * 63]}},
    ),
    ("cluster.logTypes", []),
    ("cluster.logRetentionDays", 0),
    ("cluster.logRetentionDays", 3653),
    ("cluster.serviceIpv4Cidr", "172.16.0.0/12"),
    ("cluster.serviceIpv4Cidr", "192.168.7.0/24"),
    ("addons.vpcCni", {"version": "v1.20.1-eksbuild.3", "values": {"env": {"WARM_PREFIX_TARGET": "1"}}}),
    ("operations.deletionProtection", True),
    ("operations.budget", {"emails": [f"a+{n}@team.example.com" for n in range(10)]}),
    ("operations.budget", {"emails": ["a@example.com"], "limitUsd": 1}),
    ("operations.budget", {"emails": ["a@example.com"], "limitUsd": 999.5}),
    ("operations.budget", {"emails": []}),
]


@pytest.mark.parametrize(("key", "blamed", "value"), REFUSED)
def test_a_value_that_breaks_a_rule_is_refused_where_it_stands(key: str, blamed: str, value: Any) -> None:
    section, name = key.split(".")
    base = NETWORK if section == "network" else {}

    problem = only_problem(**{section: {**base, name: value}})

    assert problem.path == blamed
    assert problem.rule
    assert problem.remedy


@pytest.mark.parametrize(("key", "value"), ACCEPTED)
def test_a_value_at_the_edge_of_its_rule_is_accepted(key: str, value: Any) -> None:
    section, name = key.split(".")
    base = NETWORK if section == "network" else {}

    assert problems(**{section: {**base, name: value}}) == []


@pytest.mark.parametrize(("length", "accepted"), [(1, True), (128, True), (129, False)])
def test_a_tag_key_has_at_most_128_characters(length: int, accepted: bool) -> None:
    assert bool(problems(aws={"tags": {"k" * length: "v"}})) is not accepted


@pytest.mark.parametrize(("length", "accepted"), [(0, True), (256, True), (257, False)])
def test_a_tag_value_has_at_most_256_characters(length: int, accepted: bool) -> None:
    assert bool(problems(aws={"tags": {"k": "v" * length}})) is not accepted


@pytest.mark.parametrize(("count", "accepted"), [(40, True), (41, False)])
def test_there_are_at_most_40_tags(count: int, accepted: bool) -> None:
    assert bool(problems(aws={"tags": {f"k{n}": "v" for n in range(count)}})) is not accepted


def test_every_retention_cloudwatch_offers_is_accepted_and_its_neighbours_are_not() -> None:
    offered = {0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731}
    offered |= {1096, 1827, 2192, 2557, 2922, 3288, 3653}

    accepted = {days for days in range(3700) if not problems(cluster={"logRetentionDays": days})}

    assert accepted == offered


def test_an_unoffered_retention_is_answered_with_the_nearest_offered_one() -> None:
    assert only_problem(cluster={"logRetentionDays": 59}).remedy == (
        "pulumi config set --path 'ray-on-eks:cluster.logRetentionDays' 60"
    )


def test_a_version_yaml_read_as_a_number_is_answered_with_quotes() -> None:
    assert 'kubernetesVersion: "1.34"' in only_problem(cluster={"kubernetesVersion": 1.34}).remedy
    assert 'kubernetesVersion: "1.35"' in only_problem(cluster={"kubernetesVersion": 1.28}).remedy


def test_an_unsupported_version_is_answered_with_the_end_of_support_of_each_supported_one() -> None:
    rule = only_problem(cluster={"kubernetesVersion": "1.31"}).rule

    assert "1.34 (standard support until 2026-12-02)" in rule
    assert "1.35 (standard support until 2027-03-27)" in rule


@pytest.mark.parametrize(
    ("cidr", "rule"),
    [
        ("0.0.0.0/0", "not the whole internet"),
        ("128.0.0.0/1", "two /1 are the whole internet"),
        ("8.0.0.0/6", "/8 or longer"),
        ("::/0", "an IPv4 block"),
        ("2001:db8::/32", "an IPv4 block"),
        ("203.0.113.7", "with prefix length"),
        ("203.0.113.7/24", "with prefix length"),
        ("10.1.2.0/24", "a public block"),
        ("office", "an IPv4 block"),
    ],
)
def test_a_public_endpoint_admits_only_public_blocks_in_canonical_form(cidr: str, rule: str) -> None:
    problem = only_problem(cluster={"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24", cidr]})

    assert problem.path == "cluster.publicAccessCidrs[1]"
    assert problem.value == cidr
    assert rule in problem.rule


def test_a_block_with_host_bits_is_answered_with_its_canonical_form() -> None:
    problem = only_problem(cluster={"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.7/24"]})

    assert problem.remedy == ("pulumi config set --path 'ray-on-eks:cluster.publicAccessCidrs[0]' 203.0.113.0/24")


def test_a_public_endpoint_without_blocks_is_refused() -> None:
    problem = only_problem(cluster={"endpointPublicAccess": True})

    assert problem.path == "cluster.publicAccessCidrs"
    assert problem.source == "default"
    assert "while endpointPublicAccess is true" in problem.rule
    assert "'ray-on-eks:cluster.publicAccessCidrs[0]'" in problem.remedy


def test_blocks_for_an_endpoint_that_is_not_public_are_refused() -> None:
    problem = only_problem(cluster={"publicAccessCidrs": ["203.0.113.0/24"]})

    assert problem.path == "cluster.publicAccessCidrs"
    assert "the blocks would do nothing" in problem.rule


def test_a_public_endpoint_with_blocks_is_accepted() -> None:
    cluster = settings(
        cluster={"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.7/32", "198.51.100.0/24"]}
    ).cluster

    assert cluster.public_access_cidrs == ("203.0.113.7/32", "198.51.100.0/24")


def test_a_key_of_another_region_is_told_only_when_both_are_valid() -> None:
    key = KEY_ARN.replace("us-east-1", "eu-west-1")

    assert "it is in eu-west-1" in only_problem(security={"kmsKeyArn": key}).rule
    assert not problems(aws={"region": "eu-west-1"}, security={"kmsKeyArn": key})
    assert only_problem(aws={"region": "nowhere"}, security={"kmsKeyArn": key}).path == "aws.region"
