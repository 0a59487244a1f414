"""Whether nodes find a way from the given subnets to the internet, where ``security.egress`` lets them go there.

Only the default route of IPv4 is followed: to a NAT gateway and through it, or to an internet gateway. What else a
route may lead to (a transit gateway, a peering, a firewall) is trusted.
"""

from collections.abc import Iterator
from typing import Final

from ray_platform.checks.facts import Case, NatGateway, NetworkFacts, Route, RouteTable
from ray_platform.checks.finding import Check, Finding, found
from ray_platform.config.network_rules import SubnetFacts
from ray_platform.config.problems import set_command

NO_WAY_OUT: Final = Check(
    code="vpc-no-way-out", group="VPC", asks="Does each subnet have a default route for what nodes fetch?"
)
BLACK_HOLE: Final = Check(code="vpc-black-hole", group="VPC", asks="Does what the default routes lead to still exist?")
NO_PUBLIC_ADDRESS: Final = Check(
    code="vpc-gateway-without-address",
    group="VPC",
    asks="Do nodes behind an internet gateway have the public address they need there?",
)
NAT: Final = Check(code="vpc-nat-gateway", group="VPC", asks="Do the NAT gateways work, and reach the internet?")
CHECKS: Final = (NO_WAY_OUT, BLACK_HOLE, NO_PUBLIC_ADDRESS, NAT)

ANYWHERE: Final = "0.0.0.0/0"
# Together they are the same.
HALVES: Final = frozenset({"0.0.0.0/1", "128.0.0.0/1"})
AVAILABLE: Final = "available"


def findings(case: Case) -> Iterator[Finding]:
    network = case.facts.network
    if case.settings.security.egress != "internet-https" or network.route_tables is None:
        return
    gateways: dict[str, list[SubnetFacts]] = {}
    for table, subnets in tables_of(network):
        routes = default_routes(table)
        if not routes:
            yield _no_way_out(case, table, subnets)
        for route in routes:
            if not route.active:
                yield _black_hole(case, table, subnets, route)
            elif route.target.startswith("nat-"):
                gateways.setdefault(route.target, []).extend(subnets)
            elif route.target.startswith("igw-"):
                yield from _no_public_addresses(case, table, subnets, route)
    if network.nat_gateways is not None:
        for gateway_id, subnets in gateways.items():
            yield from _gateway_faults(case, network.nat_gateways, gateway_id, subnets)


def tables_of(network: NetworkFacts) -> list[tuple[RouteTable, list[SubnetFacts]]]:
    """The route tables of the given subnets, each with those that it serves."""
    served: dict[str, tuple[RouteTable, list[SubnetFacts]]] = {}
    for subnet in network.subnets:
        # The program refuses a subnet of another VPC, whose tables are not known here.
        elsewhere = network.vpc is not None and subnet.vpc_id != network.vpc.vpc_id
        table = None if elsewhere else table_of(network, subnet.subnet_id)
        if table is not None:
            served.setdefault(table.table_id, (table, []))[1].append(subnet)
    return list(served.values())


def table_of(network: NetworkFacts, subnet_id: str) -> RouteTable | None:
    """A subnet's own table, or else the main one; None where the tables are not known."""
    tables = network.route_tables or ()
    own = next((table for table in tables if subnet_id in table.subnet_ids), None)
    return own or next((table for table in tables if table.main), None)


def default_routes(table: RouteTable) -> list[Route]:
    """The route to anywhere, or the two that are one together."""
    routes = [route for route in table.routes if route.destination == ANYWHERE]
    if routes:
        return routes
    halves = [route for route in table.routes if route.destination in HALVES]
    return halves if {route.destination for route in halves} == HALVES else []


def _no_way_out(case: Case, table: RouteTable, subnets: list[SubnetFacts]) -> Finding:
    main = ", the main one of the VPC, which serves all subnets without one of their own," if table.main else ""
    return found(
        NO_WAY_OUT,
        "error",
        where=table.table_id,
        what="Nodes cannot reach AWS or any registry: their subnets have no default route",
        evidence=f"{table.table_id}{main} has no route to {ANYWHERE}; it serves {_names(subnets)}",
        remedy=f"{_route_to_nat(case, table, 'create')}\nOr, in a VPC with an endpoint for every service and a mirror "
        f"for every image (addons.imageMirrors): {set_command('security.egress', 'private')}",
    )


def _black_hole(case: Case, table: RouteTable, subnets: list[SubnetFacts], route: Route) -> Finding:
    return found(
        BLACK_HOLE,
        "error",
        where=table.table_id,
        what="Nodes cannot reach AWS or any registry: what their default route leads to is gone",
        evidence=f"The route of {table.table_id} to {route.destination} by {route.target} is a black hole; the table "
        f"serves {_names(subnets)}",
        remedy=_route_to_nat(case, table, "replace", route.destination),
    )


def _no_public_addresses(case: Case, table: RouteTable, subnets: list[SubnetFacts], route: Route) -> Iterator[Finding]:
    """Where subnets give public addresses nodes do get out; ``network`` tells what comes in."""
    bare = [each for each in subnets if not each.public_ip_on_launch]
    if not bare:
        return
    yield found(
        NO_PUBLIC_ADDRESS,
        "error",
        where=table.table_id,
        what="Nodes cannot reach AWS or any registry: an internet gateway serves public addresses only, and theirs "
        "are private",
        evidence=f"{table.table_id} leads to {route.target}, and {_names(bare)} give no public addresses",
        remedy=f"Name private subnets in network.subnetIds, or lead these by a NAT gateway:\n"
        f"{_route_to_nat(case, table, 'replace', route.destination)}",
    )


def _gateway_faults(
    case: Case, gateways: tuple[NatGateway, ...], gateway_id: str, subnets: list[SubnetFacts]
) -> Iterator[Finding]:
    """One NAT gateway for all zones is no fault: it is the price of an outage against that of two more."""
    gateway = next((each for each in gateways if each.gateway_id == gateway_id), None)
    state = gateway.state if gateway else "not there"
    if gateway is None or state != AVAILABLE:
        table = table_of(case.facts.network, subnets[0].subnet_id)
        assert table is not None  # its route named the gateway
        wait = f"aws ec2 wait nat-gateway-available --nat-gateway-ids {gateway_id} --region {_region(case)}"
        yield found(
            NAT,
            "error",
            where=gateway_id,
            what=f"Nodes cannot reach AWS or any registry: their NAT gateway is {state}",
            evidence=f"{gateway_id} is {state}; it is the way out of {_names(subnets)}",
            remedy=wait if state == "pending" else _route_to_nat(case, table, "replace"),
        )
        return
    table = table_of(case.facts.network, gateway.subnet_id)
    # A regional gateway stands in no subnet, and AWS sees to its way.
    if not gateway.subnet_id or table is None or _leads_out(table):
        return
    yield found(
        NAT,
        "error",
        where=gateway_id,
        what="Nodes cannot reach AWS or any registry: their NAT gateway has itself no way to the internet",
        evidence=f"{gateway_id} stands in {gateway.subnet_id}, whose table {table.table_id} leads to no internet "
        f"gateway; it is the way out of {_names(subnets)}",
        remedy=f"aws ec2 {'replace' if default_routes(table) else 'create'}-route --route-table-id {table.table_id} "
        f"--destination-cidr-block {ANYWHERE} --gateway-id {_internet_gateway(case)} --region {_region(case)}",
    )


def _leads_out(table: RouteTable) -> bool:
    routes = default_routes(table)
    return bool(routes) and all(route.active and not route.target.startswith("nat-") for route in routes)


def _route_to_nat(case: Case, table: RouteTable, verb: str, destination: str = ANYWHERE) -> str:
    """The command that leads a table's subnets to a NAT gateway of the VPC, or makes one first."""
    gateways = [each.gateway_id for each in case.facts.network.nat_gateways or () if each.state == AVAILABLE]
    route = (
        f"aws ec2 {verb}-route --route-table-id {table.table_id} --destination-cidr-block {destination} "
        f"--nat-gateway-id {gateways[0] if gateways else 'NAT_GATEWAY_ID'} --region {_region(case)}"
    )
    if gateways:
        return route
    address = f"aws ec2 allocate-address --domain vpc --query AllocationId --output text --region {_region(case)}"
    return (
        f'aws ec2 create-nat-gateway --subnet-id PUBLIC_SUBNET_ID --allocation-id "$({address})" '
        f"--region {_region(case)}\n{route}"
    )


def _internet_gateway(case: Case) -> str:
    """That of the VPC (it has one at most), as far as any route names it."""
    routes = (route for table in case.facts.network.route_tables or () for route in table.routes)
    return next((route.target for route in routes if route.target.startswith("igw-")), "INTERNET_GATEWAY_ID")


def _names(subnets: list[SubnetFacts]) -> str:
    return ", ".join(f"{each.subnet_id} ({each.availability_zone})" for each in subnets)


def _region(case: Case) -> str:
    return case.settings.aws.region
