"""The address plan and the configuration of examples/vpc."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest
import yaml

from ray_platform.config.network_rules import ZONE_IDS_WITHOUT_EKS
from ray_vpc import addresses
from ray_vpc.addresses import address_plan, block_problems, zones_for_eks
from ray_vpc.settings import DEFAULTS, ConfigError, settings_of
from simulator.aws.eks_cluster import SERVICE_CIDRS
from simulator.aws.logs import RETENTION_DAYS

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "vpc"
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


@pytest.mark.parametrize("block", ["10.0.0.0/16", "172.16.0.0/17", "192.168.64.0/18"])
def test_each_zone_has_a_block_for_nodes_and_one_for_gateways_all_apart(block: str) -> None:
    whole = IPv4Network(block)
    plan = address_plan(whole, ZONES)
    blocks = [each for zone in plan for each in (zone.private, zone.public)]

    assert [zone.zone for zone in plan] == ZONES
    assert all(zone.private.prefixlen == whole.prefixlen + 2 <= 20 for zone in plan)
    assert all(zone.public.prefixlen == whole.prefixlen + 4 for zone in plan)
    assert all(each.subnet_of(whole) for each in blocks)
    assert not [(one, other) for one in blocks for other in blocks if one is not other and one.overlaps(other)]


def test_the_plan_of_the_default_block_is_the_one_the_readme_tells() -> None:
    first, _, third = address_plan(IPv4Network("10.0.0.0/16"), ZONES)

    assert (str(first.private), str(first.public)) == ("10.0.0.0/18", "10.0.192.0/20")
    assert (str(third.private), str(third.public)) == ("10.0.128.0/18", "10.0.224.0/20")
    # Five of a subnet's addresses are AWS's own.
    assert f"{first.private.num_addresses - 5:,}" == "16,379"
    assert "16,379 addresses" in (EXAMPLE / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("block", "rules"),
    [
        ("10.0.0.0/16", []),
        ("172.31.0.0/16", []),
        ("nonsense", ["an IPv4 block"]),
        ("10.0.0.1/16", ["an IPv4 block"]),
        ("10.0.0.0/15", ["/16 to /18"]),
        ("10.0.0.0/19", ["/16 to /18"]),
        ("8.8.0.0/16", ["within 10.0.0.0/8"]),
        ("10.100.64.0/18", ["apart from 10.100.0.0/16"]),
        ("172.20.0.0/16", ["apart from 172.20.0.0/16"]),
        ("172.0.0.0/8", ["/16 to /18", "within 10.0.0.0/8", "apart from 172.20.0.0/16"]),
    ],
)
def test_a_block_is_refused_with_every_rule_it_breaks(block: str, rules: list[str]) -> None:
    found = list(block_problems(block))

    assert len(found) == len(rules)
    assert all(rule in text for rule, text in zip(rules, found, strict=True))


def test_the_zones_are_the_first_three_that_eks_takes() -> None:
    names, ids = ["r-d", "r-a", "r-b", "r-c"], ["use1-az1", "use1-az2", "use1-az3", "use1-az4"]

    assert zones_for_eks(names, ids) == ["r-a", "r-c", "r-d"]
    assert zones_for_eks(["r-a", "r-b"], ["usw1-az1", "usw1-az2"]) == ["r-a"]


def test_the_facts_are_those_of_the_platform_and_of_the_simulated_account() -> None:
    assert addresses.ZONE_IDS_WITHOUT_EKS == ZONE_IDS_WITHOUT_EKS
    assert set(map(str, addresses.SERVICE_RANGES)) == set(SERVICE_CIDRS)


def test_nothing_given_is_the_defaults() -> None:
    settings = settings_of(dict.fromkeys(DEFAULTS))

    assert (settings.name, str(settings.cidr), settings.tags) == ("ray", "10.0.0.0/16", {})
    assert (settings.nat_gateways, settings.interface_endpoints, settings.flow_log_retention_days) == (1, False, 30)


def test_every_problem_of_the_config_is_told_at_once() -> None:
    given = {
        "name": "Ray",
        "cidr": "10.100.0.0/20",
        "natGateways": "2",
        "interfaceEndpoints": "yes",
        "flowLogRetentionDays": "8",
        "tags": '{"a": 1}',
    }
    with pytest.raises(ConfigError) as refusal:
        settings_of(given)

    keys = ["name", "cidr", "cidr", "natGateways", "interfaceEndpoints", "flowLogRetentionDays", "tags"]
    assert [key for key, _ in refusal.value.problems] == keys
    assert str(refusal.value).startswith("7 problems in the stack configuration; nothing was created or changed.")
    assert 'natGateways = "2"\n    must be 1, for all zones, or 3, one in each' in str(refusal.value)


@pytest.mark.parametrize("tags", ["[", "[]", '"a"'])
def test_tags_are_an_object(tags: str) -> None:
    with pytest.raises(ConfigError, match="1 problem in"):
        settings_of({"tags": tags})


@pytest.mark.parametrize("days", sorted(RETENTION_DAYS - {0}))
def test_every_retention_that_cloudwatch_takes_is_taken(days: int) -> None:
    assert settings_of({"flowLogRetentionDays": str(days)}).flow_log_retention_days == days


def test_project_file_and_readme_have_every_key_with_the_default_of_the_code() -> None:
    project = yaml.safe_load((EXAMPLE / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    own = {key: value for key, value in project.items() if ":" not in key}
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    shown = {key: str(value["default"]).lower() for key, value in own.items()}

    assert shown == DEFAULTS
    assert all(value["description"] for value in own.values())
    assert all(f"| `{key}` | `{default}` |" in readme for key, default in DEFAULTS.items())


def test_its_packages_are_at_the_versions_of_the_platform() -> None:
    pins = {
        line
        for line in (EXAMPLE / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line[:1] not in ("", "#", "-")
    }

    assert {pin.partition("==")[0] for pin in pins} == {"pulumi", "pulumi-aws"}
    assert pins <= set((ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines())
