"""What AWS would answer the program, from facts that are already known: its functions, and what resources tell.

What only a real resource has, such as the name of its Auto Scaling group, is made up from its logical name. A function
that is not in the table is an error: then the program asks for something new.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pulumi.runtime import mocks

from ray_platform.account import AwsAccount
from ray_platform.checks.facts import Facts, RouteTable
from ray_platform.config.network_rules import SubnetFacts
from ray_platform.config.node_pools import InstanceFacts

T = TypeVar("T")
Answer = Callable[[dict[str, Any]], dict[str, Any]]

_ISSUER = "oidc.eks.{region}.amazonaws.com/id/PLANNED"

# Where an ARN has the logical name: its service and what stands before the name.
_ARNS: Mapping[str, tuple[str, str]] = {
    "aws:cloudwatch/eventRule:EventRule": ("events", "rule/"),
    "aws:cloudwatch/logGroup:LogGroup": ("logs", "log-group:"),
    "aws:iam/role:Role": ("iam", "role/"),
    "aws:kms/key:Key": ("kms", "key/"),
    "aws:sns/topic:Topic": ("sns", ""),
    "aws:sqs/queue:Queue": ("sqs", ""),
}

_OUTPUTS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "aws:cloudwatch/eventRule:EventRule": lambda name: {"name": name},
    "aws:ec2/launchTemplate:LaunchTemplate": lambda _: {"latestVersion": 1},
    "aws:eks/nodeGroup:NodeGroup": lambda name: {
        "nodeGroupName": name,
        "status": "ACTIVE",
        "resources": [{"autoscalingGroups": [{"name": f"eks-{name}"}]}],
    },
    "aws:iam/role:Role": lambda name: {"name": name},
    "aws:kms/key:Key": lambda name: {"keyId": name},
    "aws:sqs/queue:Queue": lambda name: {"url": f"https://sqs.example/{name}"},
    "eks:index:Cluster": lambda _: {"kubeconfig": {"kind": "Config"}, "kubeconfigJson": '{"kind": "Config"}'},
}


class AwsAnswers(mocks.Mocks):
    """The mocks of one run. ``functions`` are asked by their token, and answered in the provider's own terms."""

    def __init__(self, account: AwsAccount, functions: Mapping[str, Answer]) -> None:
        self._account, self._functions = account, functions

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return f"{args.name}-id", args.inputs | outputs(args.typ, args.name, args.inputs, self._account)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        if args.token not in self._functions:
            raise NotImplementedError(f"the program calls {args.token}, to which no answer is planned")
        return self._functions[args.token](args.args), []


def outputs(type_: str, name: str, inputs: Mapping[str, Any], account: AwsAccount) -> dict[str, Any]:
    """What a new resource of this type tells beside its inputs, as far as the program reads it."""
    issuer = _ISSUER.format(region=account.region)
    told = _OUTPUTS[type_](name) if type_ in _OUTPUTS else {}
    if type_ in _ARNS:
        service, before = _ARNS[type_]
        told["arn"] = _arn(account, service, f"{before}{name}")
    if type_ == "aws:iam/openIdConnectProvider:OpenIdConnectProvider":
        told["arn"] = _arn(account, "iam", f"oidc-provider/{issuer}")
    if type_ == "aws:eks/cluster:Cluster":
        told |= _control_plane(inputs, issuer, account)
    return told


def _control_plane(inputs: Mapping[str, Any], issuer: str, account: AwsAccount) -> dict[str, Any]:
    name = inputs["name"]
    return {
        "arn": _arn(account, "eks", f"cluster/{name}"),
        "endpoint": f"https://{name}.eks.example",
        "certificateAuthority": {"data": "Q0E="},
        "identities": [{"oidcs": [{"issuer": f"https://{issuer}"}]}],
        "vpcConfig": {"clusterSecurityGroupId": "sg-made-by-eks"},
    }


def _arn(account: AwsAccount, service: str, path: str) -> str:
    region = "" if service == "iam" else account.region
    return f"arn:{account.partition}:{service}:{region}:{account.account_id}:{path}"


def functions(facts: Facts) -> dict[str, Answer]:
    """The functions that the program calls, by token. What the facts do not have is an error, as it is of AWS.

    Raises ``ValueError`` for facts without an account: nothing can be answered then.
    """
    account, network = facts.account, facts.network
    if account is None:
        raise ValueError("without an account there is nothing that AWS would answer")
    subnets = {each.subnet_id: _subnet(each) for each in network.subnets}
    tables = {each.table_id: _route_table(each) for each in network.route_tables or ()}
    types = {name: _instance_type(each) for name, each in facts.instance_types.items()}
    versions = facts.addon_versions or {}
    return {
        # The engine's own: nothing was up before.
        "pulumi:pulumi:readStackOutputs": lambda args: args | {"outputs": {}, "secretOutputNames": []},
        "aws:index/getCallerIdentity:getCallerIdentity": lambda _: {"accountId": account.account_id},
        "aws:index/getPartition:getPartition": lambda _: {
            "partition": account.partition,
            "dnsSuffix": account.dns_suffix,
        },
        "aws:ec2/getVpc:getVpc": lambda args: _known(_vpcs(facts), args["id"], "VPC"),
        "aws:ec2/getSubnet:getSubnet": lambda args: _known(subnets, args["id"], "subnet"),
        "aws:ec2/getRouteTables:getRouteTables": lambda args: args | {"ids": list(_read(network.route_tables, tables))},
        "aws:ec2/getRouteTable:getRouteTable": lambda args: _known(tables, args["routeTableId"], "route table"),
        "aws:ec2/getInstanceType:getInstanceType": lambda args: _known(
            types, args["instanceType"], "EC2 instance type"
        ),
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": lambda args: (
            args | _read(facts.offerings, _offerings(facts))
        ),
        "aws:ec2/getManagedPrefixList:getManagedPrefixList": lambda args: args | {"id": f"pl-{args['name']}"},
        "aws:eks/getAddonVersion:getAddonVersion": lambda args: (
            args | {"version": next(iter(versions.get(args["addonName"], ())), f"v1.0.0-{args['addonName']}")}
        ),
    }


def _read(facts: object | None, answer: T) -> T:
    """The answer, unless AWS did not tell what it is made of."""
    if facts is None:
        raise ValueError("it could not be read")
    return answer


def _known(table: Mapping[str, dict[str, Any]], key: str, what: str) -> dict[str, Any]:
    if key not in table:
        raise ValueError(f"no {what} {key}")
    return table[key]


def _vpcs(facts: Facts) -> dict[str, dict[str, Any]]:
    vpc = facts.network.vpc
    if vpc is None:
        return {}
    answer = {
        "id": vpc.vpc_id,
        "cidrBlock": vpc.cidr_blocks[0],
        "cidrBlockAssociations": [{"cidrBlock": block} for block in vpc.cidr_blocks],
        "enableDnsSupport": vpc.dns_support,
        "enableDnsHostnames": vpc.dns_hostnames,
    }
    return {vpc.vpc_id: answer}


def _subnet(subnet: SubnetFacts) -> dict[str, Any]:
    return {
        "id": subnet.subnet_id,
        "vpcId": subnet.vpc_id,
        "availabilityZone": subnet.availability_zone,
        "availabilityZoneId": subnet.availability_zone_id,
        "availableIpAddressCount": subnet.available_addresses,
        "cidrBlock": subnet.cidr_block,
        "mapPublicIpOnLaunch": subnet.public_ip_on_launch,
        "tags": dict(subnet.tags),
    }


def _route_table(table: RouteTable) -> dict[str, Any]:
    main = [{"main": True, "subnetId": ""}] if table.main else []
    return {
        "routeTableId": table.table_id,
        "associations": [*main, *({"main": False, "subnetId": each} for each in table.subnet_ids)],
        "routes": [_route(route.destination, route.target) for route in table.routes],
    }


def _route(destination: str, target: str) -> dict[str, str]:
    to = "destinationPrefixListId" if destination.startswith("pl-") else "cidrBlock"
    by = "natGatewayId" if target.startswith("nat-") else "gatewayId"
    return {to: destination, by: target}


def _instance_type(facts: InstanceFacts) -> dict[str, Any]:
    cards = {"count": facts.gpus, "name": facts.gpu_name, "manufacturer": facts.gpu_manufacturer}
    return {
        "instanceType": facts.name,
        "supportedArchitectures": list(facts.architectures),
        "supportedUsagesClasses": list(facts.usage_classes),
        "defaultVcpus": facts.vcpus,
        "memorySize": facts.memory_mib,
        "gpuses": [cards] if facts.gpus else [],
        "networkCards": [],
        "maximumNetworkInterfaces": facts.network_interfaces,
        "maximumIpv4AddressesPerInterface": facts.addresses_per_interface,
    }


def _offerings(facts: Facts) -> dict[str, list[str]]:
    pairs = [(name, zone) for name, zones in (facts.offerings or {}).items() for zone in sorted(zones)]
    return {"instanceTypes": [name for name, _ in pairs], "locations": [zone for _, zone in pairs]}
