"""What the checks say of the endpoints of a VPC without a way to the internet."""

from dataclasses import replace
from typing import Any

import pytest

from ray_platform.checks import endpoints
from ray_platform.checks.facts import Case, Endpoint, RouteTable
from ray_platform.checks.finding import Finding
from tests.unit.checks.cases import (
    ACCOUNT,
    ENDPOINTS,
    LOCAL,
    MAIN_TABLE,
    NETWORK,
    PRIVATE_TABLE_ID,
    S3,
    SUBNET_IDS,
    SUBNETS,
    VPC_ID,
    case,
    interface,
)

PRIVATE = {"egress": "private"}


def _private(*given: Endpoint, config: dict[str, Any] | None = None, **facts: Any) -> Case:
    network = replace(NETWORK, endpoints=given)
    return case({"security": PRIVATE, **(config or {})}, **{"network": network, **facts})


def _without(*services: str) -> tuple[Endpoint, ...]:
    return tuple(each for each in ENDPOINTS if each.service not in services)


def _instead(endpoint: Endpoint) -> tuple[Endpoint, ...]:
    return (*_without(endpoint.service), endpoint)


def _found(spoiled: Case) -> list[Finding]:
    return list(endpoints.findings(spoiled))


def _only(spoiled: Case) -> Finding:
    (finding,) = _found(spoiled)
    return finding


def test_the_endpoints_that_the_example_makes_are_enough() -> None:
    assert _found(_private(*ENDPOINTS)) == []


def test_with_a_way_out_no_endpoint_is_asked_for() -> None:
    assert _found(case()) == []


def test_where_endpoints_could_not_be_read_nothing_is_said() -> None:
    assert _found(_private(network=replace(NETWORK, endpoints=None))) == []


@pytest.mark.parametrize(
    ("service", "severity"),
    [
        *((each, "error") for each in ("ec2", "ecr.api", "ecr.dkr", "sts", "autoscaling", "sqs")),
        ("eks", "warning"),
        ("logs", "note"),
        ("elasticloadbalancing", "note"),
    ],
)
def test_a_missing_interface_is_told_with_the_command_that_makes_it(service: str, severity: str) -> None:
    finding = _only(_private(*_without(service)))

    assert (finding.code, finding.severity, finding.where) == ("endpoint-missing", severity, VPC_ID)
    assert f"no endpoint of {service}," in finding.what
    assert finding.remedy == (
        f"aws ec2 create-vpc-endpoint --vpc-id {VPC_ID} --service-name com.amazonaws.us-east-1.{service} "
        f"--vpc-endpoint-type Interface --private-dns-enabled --subnet-ids {' '.join(SUBNET_IDS)} "
        "--security-group-ids GROUP_THAT_ADMITS_443 --region us-east-1"
    )


def test_the_gateway_of_s3_goes_into_the_tables_of_the_subnets() -> None:
    finding = _only(_private(*_without("s3")))

    assert (finding.code, finding.severity) == ("endpoint-missing", "error")
    assert finding.remedy == (
        f"aws ec2 create-vpc-endpoint --vpc-id {VPC_ID} --service-name com.amazonaws.us-east-1.s3 "
        f"--vpc-endpoint-type Gateway --route-table-ids {PRIVATE_TABLE_ID} --region us-east-1"
    )


def test_an_interface_stands_once_in_each_zone() -> None:
    subnets = (*SUBNETS[:2], replace(SUBNETS[2], availability_zone=SUBNETS[1].availability_zone))
    network = replace(NETWORK, subnets=subnets, endpoints=_without("ec2"))

    assert f"--subnet-ids {SUBNET_IDS[0]} {SUBNET_IDS[1]} --security" in _only(_private(network=network)).remedy


def test_in_china_interfaces_are_named_after_its_own_domain() -> None:
    china = replace(ACCOUNT, partition="aws-cn", dns_suffix="amazonaws.com.cn", region="cn-north-1")
    region = {"aws": {"region": "cn-north-1"}}

    gateway, interface_ = _found(_private(*_without("s3", "sts"), config=region, account=china))

    assert "--service-name com.amazonaws.cn-north-1.s3 " in gateway.remedy
    assert "--service-name cn.com.amazonaws.cn-north-1.sts " in interface_.remedy


@pytest.mark.parametrize(
    ("config", "services"),
    [
        ({"addons": {"nodeTerminationHandler": {"enabled": False}}}, ("sqs",)),
        ({"nodePools": {"cpu": {}}}, ("sqs",)),
        ({"addons": {"clusterAutoscaler": {"enabled": False}}}, ("autoscaling", "eks")),
    ],
    ids=["no handler", "no spot", "no autoscaler"],
)
def test_what_the_configuration_does_not_use_is_not_asked_for(
    config: dict[str, Any], services: tuple[str, ...]
) -> None:
    assert _found(_private(*_without(*services), config=config)) == []
    assert len(_found(_private(*_without(*services)))) == len(services)


def test_shells_on_nodes_need_endpoints_of_their_own() -> None:
    config = {"security": {**PRIVATE, "sessionManager": True}}

    first, second = _found(_private(*ENDPOINTS, config=config))

    assert (first.severity, second.severity) == ("warning", "warning")
    assert "no endpoint of ssm," in first.what
    assert "no endpoint of ssmmessages," in second.what
    assert _found(_private(*ENDPOINTS, *map(interface, ("ssm", "ssmmessages")), config=config)) == []


def test_an_endpoint_with_private_dns_off_is_of_no_use() -> None:
    finding = _only(_private(*_instead(replace(interface("sts"), private_dns=False))))

    assert (finding.code, finding.severity, finding.where) == ("endpoint-unusable", "error", "vpce-sts")
    assert "private DNS off" in finding.what
    assert finding.remedy == (
        "aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-sts --region us-east-1 --private-dns-enabled"
    )


def test_an_endpoint_in_no_subnet_is_of_no_use() -> None:
    finding = _only(_private(*_instead(replace(interface("sts"), subnet_ids=()))))

    assert (finding.where, "stands in no subnet" in finding.what) == ("vpce-sts", True)
    assert finding.remedy.endswith(f"--add-subnet-ids {' '.join(SUBNET_IDS)}")


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        ("pending", "Wait a few minutes"),
        ("failed", "aws ec2 delete-vpc-endpoints --vpc-endpoint-ids vpce-sts --region us-east-1"),
        ("pendingAcceptance", "aws ec2 delete-vpc-endpoints --vpc-endpoint-ids vpce-sts --region us-east-1"),
    ],
)
def test_an_endpoint_that_is_not_available_is_of_no_use(state: str, remedy: str) -> None:
    finding = _only(_private(*_instead(replace(interface("sts"), state=state))))

    assert (finding.code, finding.where) == ("endpoint-unusable", "vpce-sts")
    assert remedy in finding.remedy


def test_states_are_read_in_any_case() -> None:
    assert _found(_private(*_instead(replace(S3, state="Available")))) == []


def test_an_endpoint_that_does_not_admit_a_subnet_is_of_no_use_to_its_nodes() -> None:
    finding = _only(_private(*_instead(replace(interface("ec2"), admitted=("10.0.0.0/20", "10.0.16.0/21")))))

    assert (finding.code, finding.severity, finding.where) == ("endpoint-unusable", "error", "vpce-ec2")
    assert "do not admit 443/tcp from 10.0.16.0/20, 10.0.32.0/20" in finding.what
    first, second = finding.remedy.splitlines()
    assert first.startswith("aws ec2 authorize-security-group-ingress --group-id")
    assert "--vpc-endpoint-ids vpce-ec2" in first
    assert "--protocol tcp --port 443 --cidr 10.0.16.0/20 --region us-east-1" in first
    assert "--cidr 10.0.32.0/20 " in second


def test_blocks_that_cover_a_subnet_together_admit_it() -> None:
    halves = ("10.0.0.0/21", "10.0.8.0/21", "10.0.16.0/20", "10.0.32.0/19")

    assert _found(_private(*_instead(replace(interface("ec2"), admitted=halves)))) == []


@pytest.mark.parametrize(
    ("holdings", "count"), [(frozenset({"sg-nodes"}), 0), (None, 0), (frozenset(), 1)], ids=["ours", "unknown", "other"]
)
def test_a_group_of_this_stack_is_admitted_and_another_is_not(holdings: frozenset[str] | None, count: int) -> None:
    given = _instead(replace(interface("ec2"), admitted=("sg-nodes",)))

    assert len(_found(_private(*given, holdings=holdings))) == count


def test_a_gateway_that_is_not_in_each_subnets_table_is_told() -> None:
    other = RouteTable(table_id="rtb-other", main=False, subnet_ids=SUBNET_IDS[2:], routes=(LOCAL,))
    own = RouteTable(table_id=PRIVATE_TABLE_ID, main=False, subnet_ids=SUBNET_IDS[:2], routes=(LOCAL,))
    network = replace(NETWORK, route_tables=(MAIN_TABLE, own, other), endpoints=ENDPOINTS)

    finding = _only(_private(network=network))

    assert (finding.code, finding.severity, finding.where) == ("endpoint-unusable", "error", "vpce-s3")
    assert "is not in the route table rtb-other of the given subnets" in finding.what
    assert PRIVATE_TABLE_ID in finding.evidence
    assert finding.remedy == (
        "aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-s3 --region us-east-1 --add-route-table-ids rtb-other"
    )


def test_where_route_tables_could_not_be_read_the_gateway_is_trusted() -> None:
    assert _found(_private(network=replace(NETWORK, route_tables=None, endpoints=ENDPOINTS))) == []


def test_an_interface_of_s3_serves_as_well() -> None:
    assert _found(_private(*_instead(interface("s3")))) == []


def test_of_two_endpoints_of_a_service_one_good_one_is_enough() -> None:
    bad = replace(interface("ec2"), endpoint_id="vpce-bad", private_dns=False)

    assert _found(_private(bad, *ENDPOINTS)) == []
    assert _found(_private(*ENDPOINTS, bad)) == []


def test_of_two_bad_ones_the_better_is_mended() -> None:
    bad = replace(interface("ec2"), endpoint_id="vpce-bad", private_dns=False)
    worse = replace(bad, endpoint_id="vpce-worse", subnet_ids=())

    assert _only(_private(worse, bad, *_without("ec2"))).where == "vpce-bad"


def test_every_fault_of_an_endpoint_is_told() -> None:
    ruined = replace(interface("ec2"), private_dns=False, subnet_ids=(), admitted=())

    assert len(_found(_private(*_instead(ruined)))) == 3
