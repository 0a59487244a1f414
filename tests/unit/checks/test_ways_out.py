"""What the checks say of the routes by which nodes reach the internet."""

from dataclasses import replace

import pytest

from ray_platform.checks import ways_out
from ray_platform.checks.facts import NetworkFacts, Route, RouteTable
from ray_platform.checks.finding import Finding
from tests.unit.checks.cases import (
    GATEWAY_ID,
    LOCAL,
    MAIN_TABLE,
    MAIN_TABLE_ID,
    NAT,
    NAT_ID,
    NETWORK,
    PRIVATE_TABLE,
    PRIVATE_TABLE_ID,
    PUBLIC_SUBNET_ID,
    PUBLIC_TABLE,
    PUBLIC_TABLE_ID,
    SUBNET_IDS,
    SUBNETS,
    case,
)

TO_NAT = (
    f"aws ec2 {{verb}}-route --route-table-id {{table}} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id {NAT_ID} "
    "--region us-east-1"
)


def _found(network: NetworkFacts) -> list[Finding]:
    return list(ways_out.findings(case(network=network)))


def _only(network: NetworkFacts) -> Finding:
    (finding,) = _found(network)
    return finding


def _private_routes(*routes: Route) -> NetworkFacts:
    return _tables(MAIN_TABLE, replace(PRIVATE_TABLE, routes=(LOCAL, *routes)), PUBLIC_TABLE)


def _tables(*tables: RouteTable) -> NetworkFacts:
    return replace(NETWORK, route_tables=tables)


def _default(target: str, *, active: bool = True) -> Route:
    return Route(destination="0.0.0.0/0", target=target, active=active)


def test_private_subnets_behind_one_nat_gateway_have_no_finding() -> None:
    assert _found(NETWORK) == []


def test_without_route_tables_nothing_is_said() -> None:
    assert _found(replace(NETWORK, route_tables=None)) == []


def test_a_vpc_that_is_meant_to_be_private_needs_no_way_out() -> None:
    spoiled = case({"security": {"egress": "private"}}, network=_private_routes())

    assert list(ways_out.findings(spoiled)) == []


def test_a_table_without_a_default_route_would_fail() -> None:
    finding = _only(_private_routes())

    assert (finding.code, finding.severity, finding.where) == ("vpc-no-way-out", "error", PRIVATE_TABLE_ID)
    assert f"{PRIVATE_TABLE_ID} has no route to 0.0.0.0/0" in finding.evidence
    assert all(subnet_id in finding.evidence for subnet_id in SUBNET_IDS)
    command, other = finding.remedy.splitlines()
    assert command == TO_NAT.format(verb="create", table=PRIVATE_TABLE_ID)
    assert "addons.imageMirrors" in other
    assert "pulumi config set --path 'ray-on-eks:security.egress' private" in other


def test_subnets_without_a_table_of_their_own_use_the_main_one() -> None:
    own = replace(PRIVATE_TABLE, subnet_ids=SUBNET_IDS[:2])

    finding = _only(_tables(MAIN_TABLE, own, PUBLIC_TABLE))

    assert finding.where == MAIN_TABLE_ID
    assert "the main one of the VPC" in finding.evidence
    assert SUBNET_IDS[2] in finding.evidence
    assert SUBNET_IDS[0] not in finding.evidence


def test_without_a_nat_gateway_the_remedy_makes_one_first() -> None:
    first, second, _ = _only(replace(_private_routes(), nat_gateways=())).remedy.splitlines()

    assert first.startswith("aws ec2 create-nat-gateway --subnet-id PUBLIC_SUBNET_ID --allocation-id")
    assert f"--route-table-id {PRIVATE_TABLE_ID}" in second
    assert "--nat-gateway-id NAT_GATEWAY_ID" in second


def test_each_table_without_a_way_out_is_told_of() -> None:
    tables = [
        RouteTable(table_id=f"rtb-{each}", main=False, subnet_ids=(each,), routes=(LOCAL,)) for each in SUBNET_IDS
    ]

    assert [finding.where for finding in _found(_tables(MAIN_TABLE, *tables))] == [table.table_id for table in tables]


def test_a_black_hole_would_fail() -> None:
    finding = _only(_private_routes(_default("nat-gone", active=False)))

    assert (finding.code, finding.severity, finding.where) == ("vpc-black-hole", "error", PRIVATE_TABLE_ID)
    assert "nat-gone is a black hole" in finding.evidence
    assert finding.remedy == TO_NAT.format(verb="replace", table=PRIVATE_TABLE_ID)


def test_an_internet_gateway_is_no_way_out_for_private_addresses() -> None:
    first = replace(SUBNETS[0], public_ip_on_launch=True)
    network = replace(_private_routes(_default(GATEWAY_ID)), subnets=(first, *SUBNETS[1:]))

    finding = _only(network)

    assert (finding.code, finding.severity) == ("vpc-gateway-without-address", "error")
    assert finding.where == PRIVATE_TABLE_ID
    assert GATEWAY_ID in finding.evidence
    assert SUBNET_IDS[1] in finding.evidence
    assert SUBNET_IDS[0] not in finding.evidence
    assert TO_NAT.format(verb="replace", table=PRIVATE_TABLE_ID) in finding.remedy


def test_with_public_addresses_an_internet_gateway_is_one() -> None:
    subnets = tuple(replace(each, public_ip_on_launch=True) for each in SUBNETS)

    assert _found(replace(_private_routes(_default(GATEWAY_ID)), subnets=subnets)) == []


@pytest.mark.parametrize("target", ["tgw-1", "pcx-1", "vpce-1", "eni-1", "i-1", "lgw-1", "vgw-1"])
def test_other_ways_are_trusted(target: str) -> None:
    assert _found(_private_routes(_default(target))) == []


def test_two_halves_are_a_default_route_and_one_is_none() -> None:
    low, high = (Route(destination=each, target="tgw-1") for each in ("0.0.0.0/1", "128.0.0.0/1"))

    assert _found(_private_routes(low, high)) == []
    assert _only(_private_routes(low)).code == "vpc-no-way-out"


@pytest.mark.parametrize("state", ["failed", "deleting", "deleted"])
def test_a_nat_gateway_that_is_not_available_would_fail(state: str) -> None:
    other = replace(NAT, gateway_id="nat-other")

    finding = _only(replace(NETWORK, nat_gateways=(replace(NAT, state=state), other)))

    assert (finding.code, finding.severity, finding.where) == ("vpc-nat-gateway", "error", NAT_ID)
    assert f"their NAT gateway is {state}" in finding.what
    assert finding.remedy == TO_NAT.format(verb="replace", table=PRIVATE_TABLE_ID).replace(NAT_ID, "nat-other")


def test_a_nat_gateway_that_does_not_exist_would_fail() -> None:
    finding = _only(replace(NETWORK, nat_gateways=()))

    assert (finding.where, "not there" in finding.what) == (NAT_ID, True)


def test_a_nat_gateway_that_is_being_made_is_waited_for() -> None:
    finding = _only(replace(NETWORK, nat_gateways=(replace(NAT, state="pending"),)))

    assert finding.remedy == f"aws ec2 wait nat-gateway-available --nat-gateway-ids {NAT_ID} --region us-east-1"


@pytest.mark.parametrize(
    ("routes", "verb"), [((LOCAL,), "create"), ((LOCAL, _default(NAT_ID)), "replace")], ids=["none", "itself"]
)
def test_a_nat_gateway_without_a_way_out_of_its_own_would_fail(routes: tuple[Route, ...], verb: str) -> None:
    """The remedy names the internet gateway that another table knows."""
    elsewhere = replace(PUBLIC_TABLE, table_id="rtb-elsewhere", subnet_ids=("subnet-elsewhere",))

    finding = _only(_tables(MAIN_TABLE, PRIVATE_TABLE, replace(PUBLIC_TABLE, routes=routes), elsewhere))

    assert (finding.code, finding.severity, finding.where) == ("vpc-nat-gateway", "error", NAT_ID)
    assert PUBLIC_SUBNET_ID in finding.evidence
    assert finding.remedy == (
        f"aws ec2 {verb}-route --route-table-id {PUBLIC_TABLE_ID} --destination-cidr-block 0.0.0.0/0 "
        f"--gateway-id {GATEWAY_ID} --region us-east-1"
    )


def test_a_nat_gateway_behind_a_firewall_is_trusted() -> None:
    assert _found(_tables(MAIN_TABLE, PRIVATE_TABLE, replace(PUBLIC_TABLE, routes=(_default("vpce-firewall"),)))) == []


def test_a_regional_nat_gateway_stands_in_no_subnet_and_is_trusted() -> None:
    assert _found(replace(NETWORK, nat_gateways=(replace(NAT, subnet_id=""),))) == []


def test_where_nat_gateways_could_not_be_read_they_are_trusted() -> None:
    assert _found(replace(NETWORK, nat_gateways=None)) == []


def test_a_broken_nat_gateway_of_several_tables_is_told_once() -> None:
    tables = [replace(PRIVATE_TABLE, table_id=f"rtb-{each}", subnet_ids=(each,)) for each in SUBNET_IDS]
    network = replace(NETWORK, route_tables=(MAIN_TABLE, PUBLIC_TABLE, *tables), nat_gateways=())

    finding = _only(network)

    assert all(subnet_id in finding.evidence for subnet_id in SUBNET_IDS)
