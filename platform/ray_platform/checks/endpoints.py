"""Whether a VPC has the endpoints that nodes call, where ``security.egress`` lets them go nowhere else."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, collapse_addresses
from typing import Final

from ray_platform.checks.facts import Case, Endpoint, RouteTable
from ray_platform.checks.finding import Check, Finding, Severity, found
from ray_platform.checks.ways_out import tables_of

MISSING: Final = Check(
    code="endpoint-missing", group="VPC", asks="Does the VPC have an endpoint for each service that nodes call?"
)
UNUSABLE: Final = Check(
    code="endpoint-unusable", group="VPC", asks="Do the endpoints answer nodes, under the services' own names?"
)
CHECKS: Final = (MISSING, UNUSABLE)

AVAILABLE: Final = "available"
GATEWAY_SERVICE: Final = "s3"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service that something in the cluster calls. ``name`` as in that of its endpoint, ``use`` what for."""

    name: str
    use: str
    severity: Severity


# EKS user guide, "Deploy private clusters with limited internet access", read 2026-11-23.
# Without these no node gets ready.
NODES: Final = (
    Service(name="ec2", use="nodes get addresses for their pods, and volumes", severity="error"),
    Service(name="ecr.api", use="nodes sign in to the image registry", severity="error"),
    Service(name="ecr.dkr", use="nodes pull images", severity="error"),
    Service(name="s3", use="nodes pull the layers of images", severity="error"),
    Service(name="sts", use="the addons, and Ray for its buckets, take their roles", severity="error"),
)
# The termination handler and the autoscaler do not get ready without.
AUTOSCALER: Final = (
    Service(name="autoscaling", use="the cluster autoscaler sizes the pools", severity="error"),
    Service(name="eks", use="the cluster autoscaler learns what an empty pool would give", severity="warning"),
)
TERMINATION_HANDLER: Final = (Service(name="sqs", use="the termination handler reads its queue", severity="error"),)
SESSIONS: Final = (
    Service(name="ssm", use="Session Manager opens shells on nodes", severity="warning"),
    Service(name="ssmmessages", use="Session Manager opens shells on nodes", severity="warning"),
)
# Nothing of the platform's, but what most clusters get sooner or later.
OTHERS: Final = (
    Service(name="logs", use="a log shipper of yours would send to CloudWatch", severity="note"),
    Service(name="elasticloadbalancing", use="a load balancer controller of yours would work", severity="note"),
)


def findings(case: Case) -> Iterator[Finding]:
    endpoints = case.facts.network.endpoints
    if case.settings.security.egress != "private" or endpoints is None:
        return
    for service in services(case):
        faults = [list(_faults(case, each, service)) for each in endpoints if each.service == service.name]
        # Of several endpoints the best counts: it has no fault, or the fewest to mend.
        yield from min(faults, key=len) if faults else [_missing(case, service)]


def services(case: Case) -> tuple[Service, ...]:
    """What this configuration calls."""
    addons, security = case.settings.addons, case.settings.security
    spot = any(pool.capacity_type == "SPOT" for pool in case.pools)
    return (
        *NODES,
        *(AUTOSCALER if addons.cluster_autoscaler.enabled else ()),
        *(TERMINATION_HANDLER if addons.node_termination_handler.enabled and spot else ()),
        *(SESSIONS if security.session_manager else ()),
        *OTHERS,
    )


def _missing(case: Case, service: Service) -> Finding:
    tables = [table.table_id for table, _ in tables_of(case.facts.network)]
    if service.name == GATEWAY_SERVICE:
        kind = f"--vpc-endpoint-type Gateway --route-table-ids {' '.join(tables) or 'ROUTE_TABLE_ID'}"
    else:
        kind = (
            f"--vpc-endpoint-type Interface --private-dns-enabled --subnet-ids {' '.join(_one_subnet_per_zone(case))} "
            "--security-group-ids GROUP_THAT_ADMITS_443"
        )
    vpc_id = case.settings.network.vpc_id
    return found(
        MISSING,
        service.severity,
        where=vpc_id,
        what=f"There is no endpoint of {service.name}, with which {service.use}; security.egress lets nodes go nowhere "
        "else",
        evidence=f"{vpc_id} has endpoints of {_services_there(case)}",
        remedy=f"aws ec2 create-vpc-endpoint --vpc-id {vpc_id} --service-name {_service_name(case, service)} {kind} "
        f"--region {_region(case)}",
    )


def _services_there(case: Case) -> str:
    return ", ".join(sorted({each.service for each in case.facts.network.endpoints or ()})) or "no service"


def _service_name(case: Case, service: Service) -> str:
    """In China interfaces are named after the partition's own domain, backwards, and the gateway of S3 is not."""
    account = case.facts.account
    suffix = account.dns_suffix if account and service.name != GATEWAY_SERVICE else "amazonaws.com"
    return ".".join([*reversed(suffix.split(".")), _region(case), service.name])


def _one_subnet_per_zone(case: Case) -> list[str]:
    """As many as an interface may stand in."""
    first: dict[str, str] = {}
    for subnet in case.facts.network.subnets:
        first.setdefault(subnet.availability_zone, subnet.subnet_id)
    return list(first.values())


def _faults(case: Case, endpoint: Endpoint, service: Service) -> Iterator[Finding]:
    """What keeps nodes from using an endpoint."""
    state = endpoint.state
    if state.lower() == "pending":
        yield _unusable(endpoint, service, "is not ready yet", "Wait a few minutes and check again.")
    elif state.lower() != AVAILABLE:
        delete = f"aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {endpoint.endpoint_id} --region {_region(case)}"
        yield _unusable(
            endpoint, service, f"is {state}", f"Delete it, check again, and make the one that is missing:\n{delete}"
        )
    elif endpoint.kind == "Gateway":
        yield from _tables_without(case, endpoint, service)
    else:
        yield from _interface_faults(case, endpoint, service)


def _tables_without(case: Case, endpoint: Endpoint, service: Service) -> Iterator[Finding]:
    missing: list[RouteTable] = [
        table for table, _ in tables_of(case.facts.network) if table.table_id not in endpoint.route_table_ids
    ]
    if missing:
        ids = [table.table_id for table in missing]
        yield _unusable(
            endpoint,
            service,
            f"is not in the route table{'' if len(ids) == 1 else 's'} {', '.join(ids)} of the given subnets",
            f"{_modify(case, endpoint)} --add-route-table-ids {' '.join(ids)}",
        )


def _interface_faults(case: Case, endpoint: Endpoint, service: Service) -> Iterator[Finding]:
    if not endpoint.subnet_ids:
        subnets = " ".join(_one_subnet_per_zone(case))
        yield _unusable(
            endpoint, service, "stands in no subnet", f"{_modify(case, endpoint)} --add-subnet-ids {subnets}"
        )
    if not endpoint.private_dns:
        yield _unusable(
            endpoint,
            service,
            "has private DNS off: the service's own name leads out of the VPC",
            f"{_modify(case, endpoint)} --private-dns-enabled",
        )
    if shut_out := _shut_out(case, endpoint):
        group = (
            f"aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {endpoint.endpoint_id} "
            f"--query 'VpcEndpoints[0].Groups[0].GroupId' --output text --region {_region(case)}"
        )
        yield _unusable(
            endpoint,
            service,
            f"has security groups that do not admit 443/tcp from {', '.join(shut_out)}",
            "\n".join(
                f'aws ec2 authorize-security-group-ingress --group-id "$({group})" --protocol tcp --port 443 '
                f"--cidr {block} --region {_region(case)}"
                for block in shut_out
            ),
        )


def _shut_out(case: Case, endpoint: Endpoint) -> list[str]:
    """The blocks of the given subnets that the endpoint does not admit; none where it admits a group of this stack's.

    Which group that is, is known only to the stack's state; where it cannot be read, a group is trusted.
    """
    groups = {each for each in endpoint.admitted if each.startswith("sg-")}
    holdings = case.facts.holdings
    if groups and (holdings is None or groups & holdings):
        return []
    admitted = list(
        collapse_addresses(IPv4Network(each, strict=False) for each in endpoint.admitted if not each.startswith("sg-"))
    )
    blocks = (subnet.cidr_block for subnet in case.facts.network.subnets)
    return [block for block in blocks if not any(IPv4Network(block).subnet_of(each) for each in admitted)]


def _unusable(endpoint: Endpoint, service: Service, fault: str, remedy: str) -> Finding:
    if endpoint.kind == "Gateway":
        more = f"in {', '.join(endpoint.route_table_ids) or 'no route table'}"
    else:
        private_dns = "on" if endpoint.private_dns else "off"
        more = f"private DNS {private_dns}, admits {', '.join(endpoint.admitted) or 'nothing'}"
    return found(
        UNUSABLE,
        service.severity,
        where=endpoint.endpoint_id,
        what=f"The endpoint of {service.name}, with which {service.use}, {fault}",
        evidence=f"{endpoint.endpoint_id}: {endpoint.kind}, {endpoint.state}, {more}",
        remedy=remedy,
    )


def _modify(case: Case, endpoint: Endpoint) -> str:
    return f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint.endpoint_id} --region {_region(case)}"


def _region(case: Case) -> str:
    return case.settings.aws.region
