"""What the program may ask of the account before it registers anything: the functions of pulumi-aws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws.base import dns_suffix, partition
from simulator.aws.eks_addons import offered_versions
from simulator.aws.eks_common import find_cluster
from simulator.aws.lookup_arguments import NO_RESULT, refuse_other_arguments
from simulator.aws.lookups_network import (
    get_managed_prefix_list,
    get_route_table,
    get_route_tables,
    get_subnet,
    get_vpc,
)

if TYPE_CHECKING:
    from simulator.account import Account

REGION_NAMES = {
    "us-east-1": "US East (N. Virginia)",
    "us-east-2": "US East (Ohio)",
    "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)",
    "eu-central-1": "Europe (Frankfurt)",
    "eu-west-1": "Europe (Ireland)",
}


def get_partition(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    suffix = dns_suffix(account)
    return {
        "id": partition(account),
        "partition": partition(account),
        "dnsSuffix": suffix,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def get_caller_identity(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    caller = account.client("sts").get_caller_identity()
    return {
        "id": account.account_id,
        "accountId": account.account_id,
        "arn": caller["Arn"],
        "userId": caller["UserId"],
    }


def get_region(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    wanted = args.get("region") or args.get("name") or account.region
    if wanted != account.region:
        raise Refusal(NO_RESULT, f"the simulated account has the region {account.region} only, not {wanted}")
    return {
        "id": account.region,
        "name": account.region,
        "region": account.region,
        "description": REGION_NAMES.get(account.region, account.region),
        "endpoint": f"ec2.{account.region}.{dns_suffix(account)}",
    }


def get_availability_zones(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    """moto knows no local zones, so that a filter for the zones every account has lets all of its zones through."""
    refuse_other_arguments("getAvailabilityZones", args, "state", "filters", "excludeZoneIds")
    filters = [{"Name": each["name"], "Values": each["values"]} for each in args.get("filters") or []]
    if others := [each for each in filters if each != {"Name": "opt-in-status", "Values": ["opt-in-not-required"]}]:
        raise Refusal("NotSimulated", f"the simulator does not filter zones by {others}")
    found = account.client("ec2").describe_availability_zones()["AvailabilityZones"]
    kept = [
        zone
        for zone in sorted(found, key=lambda each: str(each["ZoneName"]))
        if zone["ZoneId"] not in (args.get("excludeZoneIds") or [])
        and zone["State"] == args.get("state", zone["State"])
    ]
    return {
        "id": account.region,
        "names": [zone["ZoneName"] for zone in kept],
        "zoneIds": [zone["ZoneId"] for zone in kept],
        "groupNames": [account.region],
        "region": account.region,
    }


def described_instance_type(account: Account, name: str) -> dict[str, Any]:
    """EC2's description of an instance type, as boto3 has it. Raises Refusal when there is none of the name."""
    try:
        (found,) = account.client("ec2").describe_instance_types(InstanceTypes=[name])["InstanceTypes"]
    except (ClientError, ValueError):
        raise Refusal("InvalidInstanceType", f"The following supplied instance types do not exist: [{name}]") from None
    return dict(found)


def get_instance_type(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    name = args["instanceType"]
    found = described_instance_type(account, name)
    return {
        "id": name,
        "instanceType": name,
        "region": account.region,
        "autoRecoverySupported": found.get("AutoRecoverySupported", False),
        "bareMetal": found.get("BareMetal", False),
        "burstablePerformanceSupported": found.get("BurstablePerformanceSupported", False),
        "currentGeneration": found.get("CurrentGeneration", False),
        "defaultVcpus": found["VCpuInfo"]["DefaultVCpus"],
        "defaultCores": found["VCpuInfo"].get("DefaultCores", 0),
        "defaultThreadsPerCore": found["VCpuInfo"].get("DefaultThreadsPerCore", 0),
        "freeTierEligible": found.get("FreeTierEligible", False),
        "hibernationSupported": found.get("HibernationSupported", False),
        "hypervisor": found.get("Hypervisor", ""),
        "instanceStorageSupported": found.get("InstanceStorageSupported", False),
        "memorySize": found["MemoryInfo"]["SizeInMiB"],
        "supportedArchitectures": found["ProcessorInfo"]["SupportedArchitectures"],
        "supportedUsagesClasses": found.get("SupportedUsageClasses", []),
        "supportedVirtualizationTypes": found.get("SupportedVirtualizationTypes", []),
        "supportedRootDeviceTypes": found.get("SupportedRootDeviceTypes", []),
        **_network(found.get("NetworkInfo", {})),
        **_gpus(found.get("GpuInfo", {})),
    }


def get_instance_type_offerings(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    refuse_other_arguments("getInstanceTypeOfferings", args, "locationType", "filters")
    filters = [{"Name": each["name"], "Values": each["values"]} for each in args.get("filters") or []]
    pages = account.client("ec2").get_paginator("describe_instance_type_offerings")
    found = [
        offering
        for page in pages.paginate(LocationType=args.get("locationType", "region"), Filters=filters)
        for offering in page["InstanceTypeOfferings"]
    ]
    return {
        "id": account.region,
        "region": account.region,
        "instanceTypes": [each["InstanceType"] for each in found],
        "locations": [each["Location"] for each in found],
        "locationTypes": [each["LocationType"] for each in found],
    }


def _network(network: dict[str, Any]) -> dict[str, Any]:
    return {
        "networkPerformance": network.get("NetworkPerformance", ""),
        "defaultNetworkCardIndex": network.get("DefaultNetworkCardIndex", 0),
        "maximumNetworkCards": network.get("MaximumNetworkCards", 1),
        "networkCards": [
            {
                "index": card["NetworkCardIndex"],
                "maximumInterfaces": card["MaximumNetworkInterfaces"],
                "performance": card["NetworkPerformance"],
                "baselineBandwidth": card.get("BaselineBandwidthInGbps", 0.0),
                "peakBandwidth": card.get("PeakBandwidthInGbps", 0.0),
            }
            for card in network.get("NetworkCards", [])
        ],
        "maximumNetworkInterfaces": network.get("MaximumNetworkInterfaces", 0),
        "maximumIpv4AddressesPerInterface": network.get("Ipv4AddressesPerInterface", 0),
        "maximumIpv6AddressesPerInterface": network.get("Ipv6AddressesPerInterface", 0),
        "ipv6Supported": network.get("Ipv6Supported", False),
        "efaSupported": network.get("EfaSupported", False),
    }


def _gpus(gpu_info: dict[str, Any]) -> dict[str, Any]:
    gpus = [
        {
            "count": gpu["Count"],
            "manufacturer": gpu["Manufacturer"],
            "memorySize": gpu["MemoryInfo"]["SizeInMiB"],
            "name": gpu["Name"],
        }
        for gpu in gpu_info.get("Gpus", [])
    ]
    return {"gpuses": gpus, "totalGpuMemory": gpu_info.get("TotalGpuMemoryInMiB", 0)}


def get_addon_version(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    addon, kubernetes_version = args["addonName"], args["kubernetesVersion"]
    versions = offered_versions(addon, kubernetes_version)
    most_recent = bool(args.get("mostRecent"))
    return {
        "id": addon,
        "addonName": addon,
        "kubernetesVersion": kubernetes_version,
        "mostRecent": most_recent,
        "region": account.region,
        "version": versions.most_recent if most_recent else versions.default,
    }


def get_cluster(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    """Of a control plane only what is not a list of lists: nobody looks up the rest."""
    name = args["name"]
    cluster = find_cluster(account, name)
    if cluster is None:
        raise Refusal("ResourceNotFoundException", f"No cluster found for name: {name}.")
    told = ("arn", "endpoint", "name", "platformVersion", "roleArn", "status", "version")
    return {"id": name, "region": account.region, **{key: cluster[key] for key in told}}


INVOKES: Mapping[str, Callable[[Account, dict[str, Any]], dict[str, Any]]] = {
    "aws:index/getPartition:getPartition": get_partition,
    "aws:index/getCallerIdentity:getCallerIdentity": get_caller_identity,
    "aws:index/getRegion:getRegion": get_region,
    "aws:index/getAvailabilityZones:getAvailabilityZones": get_availability_zones,
    "aws:ec2/getVpc:getVpc": get_vpc,
    "aws:ec2/getSubnet:getSubnet": get_subnet,
    "aws:ec2/getRouteTables:getRouteTables": get_route_tables,
    "aws:ec2/getRouteTable:getRouteTable": get_route_table,
    "aws:ec2/getInstanceType:getInstanceType": get_instance_type,
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": get_instance_type_offerings,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": get_managed_prefix_list,
    "aws:eks/getAddonVersion:getAddonVersion": get_addon_version,
    "aws:eks/getCluster:getCluster": get_cluster,
}
"""Pulumi function token -> what answers it."""
