"""Every problem of a configuration is told in one error, whatever else is wrong."""

from typing import Any

import pytest

from ray_platform.config.load import declared, parse
from ray_platform.config.problems import SECTIONS, ConfigError, Problem
from tests.unit.config.given import NETWORK, only_problem, stack

FAULTS: dict[str, Any] = {
    "aws": {"region": "us-east-1a", "tags": {"aws:owner": "me"}},
    "network": {"vpcId": "vpc-1", "subnetIds": ["subnet-0123456789abcdef0"]},
    "security": {"kmsDeletionWindowDays": 3, "egres": "private"},
    "cluster": {
        "name": "my.cluster",
        "kubernetesVersion": 1.35,
        "endpointPublicAccess": True,
        "logRetentionDays": 8,
        "accessEntries": {"ops": {"principalArn": "me"}},
    },
    "nodePools": {
        "gpu": {"gpu": True, "minSize": 3, "desiredSize": 2, "maxSize": 1, "amiType": "AL2_x86_64_GPU"},
        "cpu": {"capacityType": "spot", "minSize": "2", "maxSize": 0, "disk": 100},
        "Bad Name": {},
        "gone": {"gpu": True, "onDemandFallback": {"instanceTypes": ["g4dn"]}},
    },
    "addons": {"coredns": {"version": "latest"}},
    "ray": {"version": "2.55"},
    "operations": {"protect": "yes"},
    "monitoring": {},
}

PATHS = [
    "aws.region",
    'aws.tags["aws:owner"]',
    "network.vpcId",
    "network.subnetIds",
    "security.kmsDeletionWindowDays",
    "security.egres",
    "cluster.name",
    "cluster.kubernetesVersion",
    "cluster.publicAccessCidrs",
    "cluster.accessEntries.ops.principalArn",
    "cluster.logRetentionDays",
    "nodePools.gpu.amiType",
    "nodePools.gpu.desiredSize",
    "nodePools.gpu.maxSize",
    "nodePools.cpu.capacityType",
    "nodePools.cpu.minSize",
    "nodePools.cpu.maxSize",
    "nodePools.cpu.disk",
    'nodePools["Bad Name"]',
    "nodePools.gone.onDemandFallback.instanceTypes[0]",
    "addons.coredns.version",
    "ray.version",
    "operations.protect",
    "monitoring",
]


def test_two_dozen_faults_in_every_section_are_all_told_in_the_order_of_the_sections() -> None:
    found, problems = parse(FAULTS)

    assert found is None
    assert [problem.path for problem in ConfigError(problems).problems] == PATHS


def test_the_text_of_the_error_has_path_value_rule_and_remedy_of_each() -> None:
    _, problems = parse(FAULTS)
    text = str(ConfigError(problems))

    assert text.startswith("24 problems in the stack configuration; nothing was created or changed.")
    for problem in problems:
        assert f". {problem.path} = " in text
        assert f"rule:   {problem.rule}" in text
        assert f"remedy: {problem.remedy}" in text


def test_one_problem_reads_as_four_facts() -> None:
    _, problems = parse(stack(nodePools={"cpu": {"maxSize": 0}}))

    assert str(ConfigError(problems)) == (
        "1 problem in the stack configuration; nothing was created or changed.\n"
        "\n"
        "1. nodePools.cpu.maxSize = 0\n"
        "    rule:   a whole number from 1 to 100000\n"
        "    remedy: pulumi config set --path 'ray-on-eks:nodePools.cpu.maxSize' 1"
    )


def test_problems_of_lookups_are_sorted_in_among_the_others() -> None:
    _, problems = parse(stack(aws={"region": "x"}, operations={"protect": 1}))
    looked_up = Problem(path="network.vpcId", value="vpc-0", rule="exists", remedy="Choose another.")

    error = ConfigError([*problems, looked_up])

    assert [problem.path for problem in error.problems] == ["aws.region", "network.vpcId", "operations.protect"]


def test_a_missing_value_and_a_default_are_told_apart_from_given_ones() -> None:
    _, problems = parse({"network": {}, "cluster": {"endpointPublicAccess": True}})
    text = str(ConfigError(problems))

    assert "network.vpcId = (not set)" in text
    assert "cluster.publicAccessCidrs = [] (the default)" in text


def test_a_long_value_is_shortened() -> None:
    text = str(ConfigError([only_problem(cluster={"name": "r" * 5000})]))

    assert len(text) < 1000


@pytest.mark.parametrize("section", [section for section in SECTIONS if section != "network"])
@pytest.mark.parametrize("value", ["text", 5, True, ["a"]])
def test_a_section_that_is_no_mapping_is_refused_as_a_whole(section: str, value: object) -> None:
    assert only_problem(**{section: value}).path == section


@pytest.mark.parametrize(
    ("sections", "path", "meant"),
    [
        ({"clutser": {}}, "clutser", "cluster"),
        ({"nodepools": {}}, "nodepools", "nodePools"),
        ({"cluster": {"kubernetes_version": "1.35"}}, "cluster.kubernetes_version", "kubernetesVersion"),
        ({"cluster": {"NAME": "x"}}, "cluster.NAME", "name"),
        ({"addons": {"vpc-cni": {}}}, "addons.vpc-cni", "vpcCni"),
        ({"addons": {"vpcCni": {"networkPolicies": True}}}, "addons.vpcCni.networkPolicies", "networkPolicy"),
        ({"nodePools": {"cpu": {"maxsize": 1}}}, "nodePools.cpu.maxsize", "maxSize"),
        (
            {"nodePools": {"cpu": {"taints": [{"key": "a", "effect": "NoSchedule", "val": "b"}]}, "system": {}}},
            "nodePools.cpu.taints[0].val",
            "value",
        ),
    ],
)
def test_an_unknown_key_is_answered_with_the_known_ones_and_the_nearest(
    sections: dict[str, Any], path: str, meant: str
) -> None:
    problem = only_problem(**sections)

    assert problem.path == path
    assert meant in problem.rule
    assert problem.remedy == f"Did you mean {meant}? Remove it: pulumi config rm --path 'ray-on-eks:{path}'"


def test_an_unknown_key_like_no_other_gets_no_guess() -> None:
    assert "Did you mean" not in only_problem(operations={"xyz": 1}).remedy


def test_a_path_set_without_path_is_answered_with_the_right_command() -> None:
    problem = only_problem(**{"nodePools.gpu.maxSize": "8"})

    assert problem.remedy == (
        "pulumi config rm 'ray-on-eks:nodePools.gpu.maxSize' && "
        "pulumi config set --path 'ray-on-eks:nodePools.gpu.maxSize' 8"
    )


LONG_ARN = f"arn:aws:iam::123456789012:role/aws-reserved/{'AWSReservedSSO_AdministratorAccess_' * 3}0123456789abcdef"


@pytest.mark.parametrize(
    ("value", "argument"),
    [
        (LONG_ARN, LONG_ARN),
        ("a b; rm 'x'", """'a b; rm '"'"'x'"'"''"""),
        ('"quoted"', """'"quoted"'"""),
        ("", "''"),
        (False, "false"),
        ("x" * 400, "x" * 400),
        ("x" * 401, "VALUE"),
        ("a\tb", "VALUE"),
        (["a"], "VALUE"),
        ({"a": 1}, "VALUE"),
        (10**5000, "VALUE"),
    ],
    ids=range(11),
)
def test_the_command_has_the_whole_value_as_a_shell_takes_it(value: object, argument: str) -> None:
    remedy = only_problem(**{"cluster.name": value}).remedy

    assert remedy.endswith(f"&& pulumi config set --path 'ray-on-eks:cluster.name' {argument}")


def test_what_can_be_looked_up_is_known_although_everything_else_is_wrong() -> None:
    known = declared(
        {
            "aws": {"tags": 5},
            "network": {**NETWORK, "zone": "a"},
            "cluster": {"name": "", "serviceIpv4Cidr": "172.20.0.0/16"},
            "nodePools": {
                "cpu": {"minSize": "x", "instanceTypes": ["m5.large"]},
                "gpu": {"gpu": True, "diskGib": 0, "onDemandFallback": {"instanceTypes": ["g5.xlarge"]}},
                "broken": {"instanceTypes": "m5.large"},
            },
        }
    )

    assert known.region == "us-east-1"
    assert known.vpc_id == NETWORK["vpcId"]
    assert known.subnet_ids == tuple(NETWORK["subnetIds"])
    assert known.service_ipv4_cidr == "172.20.0.0/16"
    assert [(each.name, each.gpu, each.instance_types, each.fallback_instance_types) for each in known.pools] == [
        ("cpu", False, ("m5.large",), ()),
        ("gpu", True, ("g4dn.xlarge", "g4dn.2xlarge"), ("g5.xlarge",)),
    ]


def test_a_fallback_that_does_not_exist_has_no_instance_types_to_look_up() -> None:
    pools = {"gpu": {"gpu": True, "onDemandFallback": {"enabled": False, "instanceTypes": ["g5.xlarge"]}}}

    assert declared(stack(nodePools=pools)).pools[0].fallback_instance_types == ()


@pytest.mark.parametrize(
    "raw",
    [
        {"aws": {"region": 5}, "network": {"vpcId": "x", "subnetIds": ["y", "z"]}, "nodePools": ["cpu"]},
        {"aws": "us-east-1", "network": ["vpc-0"], "cluster": 5, "nodePools": {"cpu": 5}},
        {"aws": {"region": "x"}, "nodePools": {"cpu": {"gpu": "x"}, "c": {"architecture": {}}}},
    ],
)
def test_what_is_broken_in_itself_is_not_looked_up(raw: dict[str, Any]) -> None:
    known = declared(raw)

    assert (known.region, known.vpc_id, known.subnet_ids, known.pools) == (None, None, (), ())
