"""What AWS answers under mocks: a table from type to outputs, and one from function to result.

A function that the tables do not know is an error: a test then says that the program asks for something new.
"""

from collections.abc import Callable
from typing import Any

from pulumi.runtime import mocks

ACCOUNT_ID = "123456789012"
VPC_ID = "vpc-0a1b2c3d4e5f60718"
SUBNET_IDS = ["subnet-0a1b2c3d4e5f60718", "subnet-0b1b2c3d4e5f60718", "subnet-0c1b2c3d4e5f60718"]

RESOURCE_REFERENCE = {"4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e"}

SMALL_NETWORK = {"maximumNetworkInterfaces": 3, "maximumIpv4AddressesPerInterface": 10}

INSTANCE_TYPES: dict[str, dict[str, Any]] = {
    "m5.xlarge": {"defaultVcpus": 4, "memorySize": 16384},
    "m5.2xlarge": {"defaultVcpus": 8, "memorySize": 32768},
    "m7g.xlarge": {"defaultVcpus": 4, "memorySize": 16384, "supportedArchitectures": ["arm64"]},
    "m7g.2xlarge": {"defaultVcpus": 8, "memorySize": 32768, "supportedArchitectures": ["arm64"]},
    "g4dn.xlarge": {"defaultVcpus": 4, "memorySize": 16384, "gpus": 1, **SMALL_NETWORK},
    "g4dn.2xlarge": {"defaultVcpus": 8, "memorySize": 32768, "gpus": 1, **SMALL_NETWORK},
}
ANY_TYPE: dict[str, Any] = {
    "supportedArchitectures": ["x86_64"],
    "supportedUsagesClasses": ["on-demand", "spot"],
    "networkCards": [],
    "maximumNetworkInterfaces": 4,
    "maximumIpv4AddressesPerInterface": 15,
}


class MockedAws(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        make = OUTPUTS.get(args.typ)
        return f"{args.name}-id", args.inputs | (make(args.name, args.inputs) if make else {})

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        if args.token not in FUNCTIONS:
            raise AssertionError(f"the program calls {args.token}, which the mocks do not know")
        return FUNCTIONS[args.token](args.args), []


def _arn(service: str, path: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT_ID}:{path}"


def _control_plane_urn(name: str) -> str:
    return f"urn:pulumi:test::ray-on-eks::eks:index:Cluster$aws:eks/cluster:Cluster::{name}-eksCluster"


def _control_plane(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "arn": _arn("eks", f"cluster/{name}"),
        "endpoint": f"https://{name}.eks.example",
        "version": "1.35",
        "certificateAuthority": {"data": "Q0E="},
        "identities": [{"oidcs": [{"issuer": "https://oidc.eks.us-east-1.amazonaws.com/id/TEST"}]}],
        "vpcConfig": {"clusterSecurityGroupId": "sg-made-by-eks"},
    }


def register_control_planes(monitor: mocks.MockMonitor) -> None:
    """A component's output that is a resource must be known to the monitor before the program reads it."""
    for name in CLUSTER_NAMES:
        urn = _control_plane_urn(name)
        monitor.resources[urn] = mocks.MockMonitor.ResourceRegistration(urn, name, _control_plane(name))


CLUSTER_NAMES = ("ray-test", "ray-ml-cluster", "ray-dev", "ray-prod")


def _eks_cluster(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    reference = RESOURCE_REFERENCE | {"urn": _control_plane_urn(inputs["name"]), "id": inputs["name"]}
    return {"eksCluster": reference, "kubeconfig": {"kind": "Config"}, "kubeconfigJson": '{"kind": "Config"}'}


OUTPUTS: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
    "aws:kms/key:Key": lambda name, _: {"arn": _arn("kms", f"key/{name}"), "keyId": name},
    "aws:iam/role:Role": lambda name, _: {"arn": f"arn:aws:iam::{ACCOUNT_ID}:role/{name}", "name": name},
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": lambda name, _: {
        "arn": f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/TEST"
    },
    "aws:sqs/queue:Queue": lambda name, _: {"arn": _arn("sqs", name), "url": f"https://sqs.example/{name}"},
    "aws:cloudwatch/logGroup:LogGroup": lambda name, _: {"arn": _arn("logs", f"log-group:{name}")},
    "aws:cloudwatch/eventRule:EventRule": lambda name, _: {"arn": _arn("events", f"rule/{name}"), "name": name},
    "aws:ec2/launchTemplate:LaunchTemplate": lambda name, _: {"latestVersion": 1},
    "aws:eks/nodeGroup:NodeGroup": lambda name, _: {
        "nodeGroupName": name,
        "status": "ACTIVE",
        "resources": [{"autoscalingGroups": [{"name": f"eks-{name}"}]}],
    },
    "eks:index:Cluster": _eks_cluster,
}


def _subnet(args: dict[str, Any]) -> dict[str, Any]:
    zone = SUBNET_IDS.index(args["id"])
    return {
        "id": args["id"],
        "vpcId": VPC_ID,
        "availabilityZone": f"us-east-1{'abc'[zone]}",
        "availabilityZoneId": f"use1-az{zone + 4}",
        "availableIpAddressCount": 4091,
        "cidrBlock": f"10.0.{16 * zone}.0/20",
        "mapPublicIpOnLaunch": False,
        "tags": {},
    }


def _instance_type(args: dict[str, Any]) -> dict[str, Any]:
    if args["instanceType"] not in INSTANCE_TYPES:
        raise ValueError(f"no EC2 instance type {args['instanceType']}")
    facts = ANY_TYPE | INSTANCE_TYPES[args["instanceType"]]
    gpus = facts.pop("gpus", 0)
    cards = [{"count": gpus, "manufacturer": "NVIDIA", "memorySize": 16384, "name": "T4"}] if gpus else []
    return facts | {"instanceType": args["instanceType"], "gpuses": cards}


FUNCTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    # The engine's own: the stack has no outputs yet. A test that wants some replaces it.
    "pulumi:pulumi:readStackOutputs": lambda args: args | {"outputs": {}, "secretOutputNames": []},
    "aws:index/getCallerIdentity:getCallerIdentity": lambda _: {"accountId": ACCOUNT_ID},
    "aws:index/getPartition:getPartition": lambda _: {"partition": "aws", "dnsSuffix": "amazonaws.com"},
    "aws:index/getAvailabilityZones:getAvailabilityZones": lambda _: {
        "names": [f"us-east-1{letter}" for letter in "abcdef"],
        "zoneIds": [f"use1-az{number}" for number in (6, 3, 2, 4, 1, 5)],
    },
    "aws:ec2/getVpc:getVpc": lambda args: {
        "id": args["id"],
        "cidrBlock": "10.0.0.0/16",
        "cidrBlockAssociations": [{"cidrBlock": "10.0.0.0/16"}],
        "enableDnsSupport": True,
        "enableDnsHostnames": True,
    },
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getInstanceType:getInstanceType": _instance_type,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": lambda args: args | {"id": f"pl-{args['name']}"},
    "aws:eks/getAddonVersion:getAddonVersion": lambda args: args | {"version": f"v1.0.0-{args['addonName']}"},
}
