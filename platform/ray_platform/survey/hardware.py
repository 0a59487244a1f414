"""Instance types: what they are, where they are offered, and how many of their vCPUs the account may run."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ray_platform.checks.facts import Quota
from ray_platform.checks.quota_codes import QuotaCode, quota_of
from ray_platform.config.node_pools import InstanceFacts, interfaces_of_default_card
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.config.pool_defaults import CapacityType
from ray_platform.survey.questions import Questions

# EC2 API reference: a filter takes at most 200 values.
FILTER_VALUES_MAX: Final = 200


def read_instance_types(ask: Questions, names: Sequence[str]) -> Mapping[str, InstanceFacts]:
    """Those of the types that exist in the region."""
    return {each["InstanceType"]: instance_facts(each) for each in _described(ask, "the instance types", names) or ()}


def read_offerings(ask: Questions, names: Sequence[str]) -> Mapping[str, frozenset[str]] | None:
    """Each type with the zones that offer it."""
    if not names:
        return {}
    found = ask.all(
        "which zones offer the instance types",
        "ec2",
        "describe_instance_type_offerings",
        "InstanceTypeOfferings",
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": list(names)}],
    )
    if found is None:
        return None
    return {name: frozenset(each["Location"] for each in found if each["InstanceType"] == name) for name in names}


def read_quotas(ask: Questions, pools: Sequence[NodePoolConfig], cluster: str) -> Mapping[str, Quota] | None:
    """Quota code -> the quota, for all that the pools count against; without one whose limit cannot be read.

    None where it cannot be read what runs already.
    """
    quotas = (quota_of(name, capacity) for name, capacity in _bought(pools))
    codes = {each.code: each for each in quotas if each is not None}
    in_use = _in_use(ask, cluster) if codes else Counter()
    if in_use is None:
        return None
    limits = {code: _limit(ask, each) for code, each in codes.items()}
    return {
        code: Quota(code=code, name=codes[code].name, limit=limit, in_use=in_use[code])
        for code, limit in limits.items()
        if limit is not None
    }


def _bought(pools: Sequence[NodePoolConfig]) -> Iterator[tuple[str, CapacityType]]:
    """The instance types of pools and fallbacks, and how they are bought."""
    for pool in pools:
        yield from ((name, pool.capacity_type) for name in pool.instance_types)
        if pool.has_fallback:
            yield from ((name, "ON_DEMAND") for name in pool.fallback_instance_types)


def _limit(ask: Questions, quota: QuotaCode) -> float | None:
    """The account's own limit, or AWS's default where Service Quotas keeps none for the account."""
    for operation in ("get_service_quota", "get_aws_default_service_quota"):
        answer = ask.one(
            f"the limit of the quota {quota.name}",
            "service-quotas",
            operation,
            absent=("NoSuchResourceException",),
            ServiceCode="ec2",
            QuotaCode=quota.code,
        )
        if answer != {}:
            return None if answer is None else float(answer["Quota"]["Value"])
    return None


def _in_use(ask: Questions, cluster: str) -> Counter[str] | None:
    """Quota code -> vCPUs of what runs outside of this cluster. A type counts with its default vCPUs."""
    what = "the vCPUs in use, and so whether the quotas suffice"
    reservations = ask.all(
        what,
        "ec2",
        "describe_instances",
        "Reservations",
        Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}],
    )
    if reservations is None:
        return None
    running = [
        each
        for reservation in reservations
        for each in reservation["Instances"]
        if not _belongs_to(cluster, each) and _counts(each)
    ]
    described = _described(ask, what, sorted({each["InstanceType"] for each in running}))
    if described is None:
        return None
    vcpus = {each["InstanceType"]: each["VCpuInfo"]["DefaultVCpus"] for each in described}
    total: Counter[str] = Counter()
    for each in running:
        capacity: CapacityType = "SPOT" if each.get("InstanceLifecycle") == "spot" else "ON_DEMAND"
        if quota := quota_of(each["InstanceType"], capacity):
            total[quota.code] += vcpus.get(each["InstanceType"], 0)
    return total


def _belongs_to(cluster: str, instance: Mapping[str, Any]) -> bool:
    """Both tags are on every instance of an EKS managed node group."""
    tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", ())}
    return f"kubernetes.io/cluster/{cluster}" in tags or tags.get("eks:cluster-name") == cluster


def _counts(instance: Mapping[str, Any]) -> bool:
    """Dedicated hosts and capacity blocks have quotas of their own."""
    on_host = instance.get("Placement", {}).get("Tenancy") == "host"
    return not on_host and instance.get("InstanceLifecycle") != "capacity-block"


def _described(ask: Questions, what: str, names: Sequence[str]) -> list[dict[str, Any]] | None:
    """By filter, since a call with ids fails as a whole for one that does not exist."""
    found: list[dict[str, Any]] = []
    for begin in range(0, len(names), FILTER_VALUES_MAX):
        wanted = [{"Name": "instance-type", "Values": list(names[begin : begin + FILTER_VALUES_MAX])}]
        page = ask.all(what, "ec2", "describe_instance_types", "InstanceTypes", Filters=wanted)
        if page is None:
            return None
        found += page
    return found


def instance_facts(found: Mapping[str, Any]) -> InstanceFacts:
    """What the rules look at in EC2's description of an instance type, as boto3 has it."""
    network, gpus = found.get("NetworkInfo", {}), found.get("GpuInfo", {}).get("Gpus", ())
    by_card = {card["NetworkCardIndex"]: card["MaximumNetworkInterfaces"] for card in network.get("NetworkCards", ())}
    return InstanceFacts(
        name=found["InstanceType"],
        architectures=tuple(found["ProcessorInfo"]["SupportedArchitectures"]),
        vcpus=found["VCpuInfo"]["DefaultVCpus"],
        memory_mib=found["MemoryInfo"]["SizeInMiB"],
        gpus=sum(each["Count"] for each in gpus),
        gpu_name=gpus[0]["Name"] if gpus else None,
        gpu_manufacturer=gpus[0]["Manufacturer"] if gpus else None,
        network_interfaces=interfaces_of_default_card(
            by_card, network.get("DefaultNetworkCardIndex", 0), network.get("MaximumNetworkInterfaces", 0)
        ),
        addresses_per_interface=network.get("Ipv4AddressesPerInterface", 0),
        usage_classes=tuple(found.get("SupportedUsageClasses", ())),
    )
