"""Whether the given subnets have room for the pools, and are what a cluster's nodes should stand in.

``config.network_rules`` has what the program itself refuses.
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Final

from ray_platform.checks.addresses import Shortage, Space, Zone, full_node, node_at_start, shortages, zones_of
from ray_platform.checks.facts import Case
from ray_platform.checks.finding import Check, Finding, Severity, found
from ray_platform.checks.pools import Bound, size, sizes_text, smaller_pool
from ray_platform.config.cluster_config import PRIVATE_NETWORKS
from ray_platform.config.network_rules import SubnetFacts
from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.problems import set_command, yaml_path
from ray_platform.scheduling.kubelet import kubelet_settings

ADDRESSES: Final = Check(
    code="vpc-addresses",
    group="VPC",
    asks="Do the subnets have the addresses, in whole /28 blocks, that the nodes and their pods take?",
)
PUBLIC_ADDRESSES: Final = Check(
    code="vpc-public-addresses", group="VPC", asks="Do nodes stay without a public address in the subnets?"
)
LOAD_BALANCER_TAGS: Final = Check(
    code="vpc-load-balancer-tags", group="VPC", asks="Would internal load balancers find the subnets?"
)
OTHER_CLUSTER: Final = Check(code="vpc-other-cluster", group="VPC", asks="Do the subnets belong to no other cluster?")
SERVICE_RANGE: Final = Check(
    code="vpc-service-range", group="VPC", asks="Is a range for Kubernetes services free beside the VPC's blocks?"
)
CHECKS: Final = (ADDRESSES, PUBLIC_ADDRESSES, LOAD_BALANCER_TAGS, OTHER_CLUSTER, SERVICE_RANGE)

INTERNAL_ROLE: Final = "kubernetes.io/role/internal-elb"
CLUSTER_TAG: Final = "kubernetes.io/cluster/"
# Settings of the VPC CNI with which pods take other addresses, or fewer, than the model of ``addresses`` says.
OWN_WAYS: Final = frozenset({"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "WARM_IP_TARGET", "MINIMUM_IP_TARGET"})
# EKS API reference, KubernetesNetworkConfigRequest, serviceIpv4Cidr: one of these where none is given.
SERVICE_RANGES: Final = (IPv4Network("10.100.0.0/16"), IPv4Network("172.20.0.0/16"))


def findings(case: Case) -> Iterator[Finding]:
    yield from _too_few_addresses(case)
    yield from _public_addresses(case)
    yield from _untagged(case)
    yield from _of_other_clusters(case)
    yield from _no_service_range(case)


def subnet_path(case: Case, subnet: SubnetFacts) -> str:
    """Where the configuration names a subnet."""
    return yaml_path(("network", "subnetIds", case.settings.network.subnet_ids.index(subnet.subnet_id)))


def _too_few_addresses(case: Case) -> Iterator[Finding]:
    """The worst is told: what is too little for the first nodes is so for the most of them too."""
    network, settings = case.facts.network, case.settings
    environment = settings.addons.vpc_cni.values.get("env")
    own_ways = isinstance(environment, Mapping) and OWN_WAYS.intersection(environment)
    if len(network.subnets) < len(settings.network.subnet_ids) or own_ways:
        return
    exists = case.facts.cluster is not None
    zones = zones_of(network.subnets, network.free_blocks, for_control_plane=not exists)
    steps: list[tuple[Bound, Severity]] = [("max", "warning")] if exists else [("desired", "error"), ("max", "warning")]
    for bound, severity in steps:
        short = _shortages(case, zones, bound, {})
        for each in short:
            yield _shortage_finding(case, zones, bound, severity, each)
        if short:
            return


def _shortages(case: Case, zones: tuple[Zone, ...], bound: Bound, changed: Mapping[str, int]) -> list[Shortage]:
    """With the sizes of the configuration but for those that are changed."""
    demands = [
        (_new_nodes(case, pool, changed.get(pool.name, size(pool, bound))), _space(case, pool, bound))
        for pool in case.pools
    ]
    return shortages(demands, zones, surely=bound == "desired")


def _new_nodes(case: Case, pool: ResolvedPool, count: int) -> int:
    """The nodes that a running cluster began with have their addresses already."""
    return count if case.facts.cluster is None else max(0, count - pool.desired_size)


def _space(case: Case, pool: ResolvedPool, bound: Bound) -> Space:
    """What one node takes: at least, of any type of the pool, where it begins; at most, and full, at its maximum."""
    prefixes = case.settings.addons.vpc_cni.prefix_delegation
    types = [case.facts.instance_types[name] for name in pool.instance_types]
    if bound == "desired":
        return min((node_at_start(each, prefix_delegation=prefixes) for each in types), key=_addresses)
    kubelet, _ = kubelet_settings(pool.name, pool.node_config)
    return max((full_node(each, kubelet, prefix_delegation=prefixes) for each in types), key=_addresses)


def _addresses(space: Space) -> int:
    return space.addresses


def _shortage_finding(
    case: Case, zones: tuple[Zone, ...], bound: Bound, severity: Severity, short: Shortage
) -> Finding:
    begin = bound == "desired"
    what = "free /28 blocks" if short.free.lacks_blocks(short.need) else "free addresses"
    nodes = "the nodes the pools begin with" if begin else "the nodes the pools may grow to, full of pods"
    share = f"{short.zone.name} has" if short.zone else "The subnets have"
    counts = {pool.name: _new_nodes(case, pool, size(pool, bound)) for pool in case.pools}
    ids = short.zone.subnet_ids if short.zone else case.settings.network.subnet_ids
    subnets = [each for each in case.facts.network.subnets if each.subnet_id in ids]
    return found(
        ADDRESSES,
        severity,
        where=subnet_path(case, subnets[0]) if short.zone and len(subnets) == 1 else "network.subnetIds",
        what=f"{share} too few {what} for {'its share of ' if short.zone else ''}{nodes}",
        evidence=f"{sizes_text(counts)} need {short.need}{' there' if short.zone else ''}; free are {short.free}, in "
        + ", ".join(f"{each.subnet_id} ({each.cidr_block})" for each in subnets),
        remedy="\n".join(_shortage_remedies(case, zones, bound, short)),
    )


def _shortage_remedies(case: Case, zones: tuple[Zone, ...], bound: Bound, short: Shortage) -> Iterator[str]:
    settings = case.settings
    yield "Name larger subnets in network.subnetIds. Where the VPC has no room for them, give it one more block:"
    yield (
        f"aws ec2 associate-vpc-cidr-block --vpc-id {settings.network.vpc_id} --cidr-block 100.64.0.0/16 "
        f"--region {settings.aws.region}"
    )
    hungriest = max(case.pools, key=lambda pool: _space(case, pool, bound).addresses * size(pool, bound))
    smaller = smaller_pool(hungriest, bound, lambda count: not _shortages(case, zones, bound, {hungriest.name: count}))
    if smaller:
        yield f"Or let the pool be smaller: {smaller}"
    if short.free.lacks_blocks(short.need) and short.free.addresses >= short.need.addresses:
        yield (
            "The free addresses are scattered. A subnet that only nodes use keeps whole blocks; without blocks a node "
            f"takes fewer pods: {set_command('addons.vpcCni.prefixDelegation', 'false')}"
        )


def _public_addresses(case: Case) -> Iterator[Finding]:
    for subnet in case.facts.network.subnets:
        if subnet.public_ip_on_launch:
            yield found(
                PUBLIC_ADDRESSES,
                "warning",
                where=subnet_path(case, subnet),
                what="Every node in this subnet gets a public address, at which the internet can try it",
                evidence=f"{subnet.subnet_id} ({subnet.availability_zone}) has MapPublicIpOnLaunch on",
                remedy="Name a private subnet, or (if it has a route by a NAT gateway):\n"
                f"aws ec2 modify-subnet-attribute --subnet-id {subnet.subnet_id} --no-map-public-ip-on-launch "
                f"--region {case.settings.aws.region}",
            )


def _untagged(case: Case) -> Iterator[Finding]:
    """The AWS load balancer controller takes an empty value for 1 (its guide "Subnet auto-discovery")."""
    untagged = [each.subnet_id for each in case.facts.network.subnets if each.tags.get(INTERNAL_ROLE) not in ("1", "")]
    if untagged:
        yield found(
            LOAD_BALANCER_TAGS,
            "note",
            where="network.subnetIds",
            what="A load balancer controller would not find these subnets for internal load balancers; the platform "
            "itself makes none",
            evidence=f"{', '.join(untagged)} without the tag {INTERNAL_ROLE}=1",
            remedy=f"aws ec2 create-tags --resources {' '.join(untagged)} --tags Key={INTERNAL_ROLE},Value=1 "
            f"--region {case.settings.aws.region}",
        )


def _of_other_clusters(case: Case) -> Iterator[Finding]:
    own = f"{CLUSTER_TAG}{case.settings.cluster.name}"
    for subnet in case.facts.network.subnets:
        for key, value in subnet.tags.items():
            if key.startswith(CLUSTER_TAG) and key != own and value == "owned":
                yield found(
                    OTHER_CLUSTER,
                    "warning",
                    where=subnet_path(case, subnet),
                    what=f"The subnet belongs to the cluster {key.removeprefix(CLUSTER_TAG)}: it may go with that one, "
                    "and no load balancer of this one may stand in it",
                    evidence=f"{subnet.subnet_id} has the tag {key}=owned",
                    remedy="Name a subnet of nobody else's; or, if both are to use it:\n"
                    f"aws ec2 create-tags --resources {subnet.subnet_id} --tags Key={key},Value=shared "
                    f"--region {case.settings.aws.region}",
                )


def _no_service_range(case: Case) -> Iterator[Finding]:
    vpc = case.facts.network.vpc
    if vpc is None or case.settings.cluster.service_ipv4_cidr is not None or case.facts.cluster is not None:
        return
    blocks = [IPv4Network(each) for each in vpc.cidr_blocks]
    if not all(_overlaps(each, blocks) for each in SERVICE_RANGES):
        return
    free = next((each for each in _private_ranges() if not _overlaps(each, blocks)), None)
    choice = set_command("cluster.serviceIpv4Cidr", free or "BLOCK")
    yield found(
        SERVICE_RANGE,
        "error",
        where="cluster.serviceIpv4Cidr",
        what="EKS finds no range for Kubernetes services: the VPC overlaps both that it chooses from",
        evidence=f"{vpc.vpc_id} has {', '.join(vpc.cidr_blocks)}; EKS chooses {' or '.join(map(str, SERVICE_RANGES))}",
        remedy=f"{choice}\nThe block must also be apart from every network that pods are to reach.",
    )


def _overlaps(block: IPv4Network, others: list[IPv4Network]) -> bool:
    return any(block.overlaps(other) for other in others)


def _private_ranges() -> Iterator[IPv4Network]:
    for network in reversed(PRIVATE_NETWORKS):
        yield from network.subnets(new_prefix=16)
