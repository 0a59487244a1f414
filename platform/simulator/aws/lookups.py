"""What the program may ask of the account before it registers anything: the functions of pulumi-aws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from simulator.account.resource import Refusal
from simulator.aws.base import arn, dns_suffix, partition, tag_map
from simulator.aws.eks_addons import offered_versions

if TYPE_CHECKING:
    from simulator.account import Account

NO_RESULT = "empty result"
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
    _refuse_other_arguments("getAvailabilityZones", args, "state", "filters", "excludeZoneIds")
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


def get_vpc(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    _refuse_other_arguments("getVpc", args, "id")
    ec2 = account.client("ec2")
    try:
        vpc = ec2.describe_vpcs(VpcIds=[args["id"]])["Vpcs"][0]
    except (ClientError, IndexError):
        raise Refusal(NO_RESULT, f"no matching EC2 VPC found ({args['id']})") from None
    associations = [
        {
            "associationId": each["AssociationId"],
            "cidrBlock": each["CidrBlock"],
            "state": each["CidrBlockState"]["State"],
        }
        for each in vpc["CidrBlockAssociationSet"]
    ]
    return {
        "id": vpc["VpcId"],
        "arn": arn(account, "ec2", f"vpc/{vpc['VpcId']}"),
        "cidrBlock": vpc["CidrBlock"],
        "cidrBlockAssociations": associations,
        "default": vpc.get("IsDefault", False),
        "dhcpOptionsId": vpc.get("DhcpOptionsId", ""),
        "enableDnsHostnames": _vpc_attribute(account, vpc["VpcId"], "enableDnsHostnames"),
        "enableDnsSupport": _vpc_attribute(account, vpc["VpcId"], "enableDnsSupport"),
        "enableNetworkAddressUsageMetrics": False,
        "instanceTenancy": vpc.get("InstanceTenancy", "default"),
        "ipv6AssociationId": "",
        "ipv6CidrBlock": "",
        "ipv6CidrBlockAssociations": [],
        "mainRouteTableId": _main_route_table(account, vpc["VpcId"]),
        "ownerId": account.account_id,
        "region": account.region,
        "state": vpc["State"],
        "tags": tag_map(vpc.get("Tags")),
    }


def _vpc_attribute(account: Account, vpc_id: str, name: str) -> bool:
    answer = account.client("ec2").describe_vpc_attribute(VpcId=vpc_id, Attribute=name)
    return bool(answer[name[0].upper() + name[1:]]["Value"])


def _main_route_table(account: Account, vpc_id: str) -> str:
    tables = account.client("ec2").describe_route_tables(
        Filters=[{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "association.main", "Values": ["true"]}]
    )["RouteTables"]
    return str(tables[0]["RouteTableId"]) if tables else ""


def get_managed_prefix_list(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    _refuse_other_arguments("getManagedPrefixList", args, "name")
    lists = account.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    found = [each for each in lists if each["PrefixListName"] == args["name"]]
    if not found:
        raise Refusal(NO_RESULT, f"no matching EC2 Managed Prefix List found ({args['name']})")
    (prefix_list,) = found
    return {
        "id": prefix_list["PrefixListId"],
        "arn": prefix_list["PrefixListArn"],
        "name": prefix_list["PrefixListName"],
        "addressFamily": prefix_list["AddressFamily"],
        "entries": [],
        "maxEntries": 0,
        "ownerId": prefix_list["OwnerId"],
        "region": account.region,
        "tags": {},
        "version": 1,
    }


def get_subnet(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    _refuse_other_arguments("getSubnet", args, "id")
    try:
        subnet = account.client("ec2").describe_subnets(SubnetIds=[args["id"]])["Subnets"][0]
    except (ClientError, IndexError):
        raise Refusal(NO_RESULT, f"no matching EC2 Subnet found ({args['id']})") from None
    return {
        "id": subnet["SubnetId"],
        "arn": subnet["SubnetArn"],
        "assignIpv6AddressOnCreation": subnet.get("AssignIpv6AddressOnCreation", False),
        "availabilityZone": subnet["AvailabilityZone"],
        "availabilityZoneId": subnet["AvailabilityZoneId"],
        "availableIpAddressCount": subnet["AvailableIpAddressCount"],
        "cidrBlock": subnet["CidrBlock"],
        "customerOwnedIpv4Pool": "",
        "defaultForAz": subnet.get("DefaultForAz", False),
        "enableDns64": False,
        "enableLniAtDeviceIndex": 0,
        "enableResourceNameDnsARecordOnLaunch": False,
        "enableResourceNameDnsAaaaRecordOnLaunch": False,
        "ipv6CidrBlock": "",
        "ipv6CidrBlockAssociationId": "",
        "ipv6Native": subnet.get("Ipv6Native", False),
        "mapCustomerOwnedIpOnLaunch": False,
        "mapPublicIpOnLaunch": subnet["MapPublicIpOnLaunch"],
        "outpostArn": "",
        "ownerId": account.account_id,
        "privateDnsHostnameTypeOnLaunch": "ip-name",
        "region": account.region,
        "state": subnet["State"],
        "tags": tag_map(subnet.get("Tags")),
        "vpcId": subnet["VpcId"],
    }


def get_instance_type(account: Account, args: dict[str, Any]) -> dict[str, Any]:
    name = args["instanceType"]
    try:
        found = account.client("ec2").describe_instance_types(InstanceTypes=[name])["InstanceTypes"][0]
    except (ClientError, IndexError):
        raise Refusal("InvalidInstanceType", f"The following supplied instance types do not exist: [{name}]") from None
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


def _refuse_other_arguments(function: str, args: dict[str, Any], *known: str) -> None:
    """A lookup by anything but the id would find another resource than AWS does, so it finds none."""
    others = sorted(key for key, value in args.items() if value is not None and key not in (*known, "region"))
    if others:
        raise Refusal("NotSimulated", f"the simulator looks up {function} by {', '.join(known)} only, not {others}")


INVOKES: Mapping[str, Callable[[Account, dict[str, Any]], dict[str, Any]]] = {
    "aws:index/getPartition:getPartition": get_partition,
    "aws:index/getCallerIdentity:getCallerIdentity": get_caller_identity,
    "aws:index/getRegion:getRegion": get_region,
    "aws:index/getAvailabilityZones:getAvailabilityZones": get_availability_zones,
    "aws:ec2/getVpc:getVpc": get_vpc,
    "aws:ec2/getSubnet:getSubnet": get_subnet,
    "aws:ec2/getInstanceType:getInstanceType": get_instance_type,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": get_managed_prefix_list,
    "aws:eks/getAddonVersion:getAddonVersion": get_addon_version,
}
"""Pulumi function token -> what answers it."""
