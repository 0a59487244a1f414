"""A healthy case to spoil: the stack prod as committed, in an account that has all it needs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ray_platform.account import AwsAccount
from ray_platform.checks.facts import (
    Case,
    ClusterFacts,
    Endpoint,
    Facts,
    Machine,
    NatGateway,
    NetworkFacts,
    Quota,
    Route,
    RouteTable,
)
from ray_platform.checks.quota_codes import QUOTAS
from ray_platform.config.load import parse
from ray_platform.config.network_rules import SubnetFacts, VpcFacts
from ray_platform.config.node_pools import InstanceFacts, resolve_pools
from ray_platform.config.problems import PROJECT
from ray_platform.config.sections import Settings
from ray_platform.scheduling.resolve import lay_out

ROOT = Path(__file__).parents[3]

TODAY = date(2026, 11, 23)
REGION = "us-east-1"
ACCOUNT_ID = "123456789012"
CALLER = f"arn:aws:iam::{ACCOUNT_ID}:role/platform-admin"
ACCOUNT = AwsAccount(account_id=ACCOUNT_ID, partition="aws", dns_suffix="amazonaws.com", region=REGION)
# Inside the VPC, with the tools that the README asks for.
MACHINE = Machine(pulumi="3.259.0", aws_cli="2.31.0", kubectl="1.35.0", addresses=("10.0.200.10",))

VPC_ID = "vpc-0b2c3d4e5f6071829"
SUBNET_IDS = ("subnet-0e2f3a4b5c6d70001", "subnet-0e2f3a4b5c6d70002", "subnet-0e2f3a4b5c6d70003")
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
PUBLIC_SUBNET_ID = "subnet-public"
PRIVATE_TABLE_ID, PUBLIC_TABLE_ID, MAIN_TABLE_ID = "rtb-private", "rtb-public", "rtb-main"
NAT_ID, GATEWAY_ID = "nat-one", "igw-one"

VPC = VpcFacts(vpc_id=VPC_ID, cidr_blocks=("10.0.0.0/16",), dns_support=True, dns_hostnames=True)
SUBNETS = tuple(
    SubnetFacts(
        subnet_id=subnet_id,
        vpc_id=VPC_ID,
        availability_zone=zone,
        availability_zone_id=f"use1-az{index + 4}",
        available_addresses=4091,
        cidr_block=f"10.0.{16 * index}.0/20",
        public_ip_on_launch=False,
        tags={"kubernetes.io/role/internal-elb": "1"},
    )
    for index, (subnet_id, zone) in enumerate(zip(SUBNET_IDS, ZONES, strict=True))
)

LOCAL = Route(destination="10.0.0.0/16", target="local")
PRIVATE_TABLE = RouteTable(
    table_id=PRIVATE_TABLE_ID,
    main=False,
    subnet_ids=SUBNET_IDS,
    routes=(LOCAL, Route(destination="0.0.0.0/0", target=NAT_ID)),
)
PUBLIC_TABLE = RouteTable(
    table_id=PUBLIC_TABLE_ID,
    main=False,
    subnet_ids=(PUBLIC_SUBNET_ID,),
    routes=(LOCAL, Route(destination="0.0.0.0/0", target=GATEWAY_ID)),
)
MAIN_TABLE = RouteTable(table_id=MAIN_TABLE_ID, main=True, subnet_ids=(), routes=(LOCAL,))
NAT = NatGateway(gateway_id=NAT_ID, subnet_id=PUBLIC_SUBNET_ID, state="available")

NETWORK = NetworkFacts(
    vpc=VPC,
    subnets=SUBNETS,
    route_tables=(MAIN_TABLE, PRIVATE_TABLE, PUBLIC_TABLE),
    nat_gateways=(NAT,),
    endpoints=(),
    free_blocks=dict.fromkeys(SUBNET_IDS, 254),
)


def interface(service: str) -> Endpoint:
    """An interface endpoint that every node of the given subnets can use."""
    return Endpoint(
        endpoint_id=f"vpce-{service}",
        service=service,
        kind="Interface",
        state="available",
        private_dns=True,
        subnet_ids=SUBNET_IDS,
        route_table_ids=(),
        admitted=("10.0.0.0/16",),
    )


S3 = Endpoint(
    endpoint_id="vpce-s3",
    service="s3",
    kind="Gateway",
    state="available",
    private_dns=False,
    subnet_ids=(),
    route_table_ids=(PRIVATE_TABLE_ID,),
    admitted=(),
)
# What examples/vpc makes when asked for endpoints.
ENDPOINTS = (
    S3,
    *map(interface, ("ec2", "ecr.api", "ecr.dkr", "sts", "logs", "eks", "autoscaling", "sqs", "elasticloadbalancing")),
)

# A cluster of the configured name, made by this stack.
CLUSTER = ClusterFacts(
    name="ray-prod",
    version="1.35",
    status="ACTIVE",
    endpoint="https://0123456789ABCDEF0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com",
    tags={},
    principals=frozenset({CALLER}),
)


def instance(name: str, vcpus: int, gib: int, *, gpu: str | None = None, cards: int = 4) -> InstanceFacts:
    """An instance type in EC2's words; ``cards`` are its network interfaces."""
    return InstanceFacts(
        name=name,
        architectures=("arm64",) if name.split(".")[0].endswith("g") else ("x86_64",),
        vcpus=vcpus,
        memory_mib=gib * 1024,
        gpus=1 if gpu else 0,
        gpu_name=gpu,
        gpu_manufacturer="NVIDIA" if gpu else None,
        network_interfaces=cards,
        addresses_per_interface={3: 10, 8: 30}.get(cards, 15),
        usage_classes=("on-demand", "spot"),
    )


# As EC2 describes them.
INSTANCE_TYPES = {
    each.name: each
    for each in (
        instance("m5.xlarge", 4, 16),
        instance("m5.2xlarge", 8, 32),
        instance("m5.4xlarge", 16, 64, cards=8),
        instance("m6i.xlarge", 4, 16),
        instance("c5.xlarge", 4, 8),
        instance("r5.xlarge", 4, 32),
        instance("m7g.xlarge", 4, 16),
        instance("m7g.2xlarge", 8, 32),
        instance("g5g.xlarge", 4, 8, gpu="T4g"),
        instance("g5g.2xlarge", 8, 16, gpu="T4g"),
        instance("g4dn.xlarge", 4, 16, gpu="T4", cards=3),
        instance("g4dn.2xlarge", 8, 32, gpu="T4", cards=3),
        instance("g4dn.4xlarge", 16, 64, gpu="T4", cards=3),
        instance("g5.xlarge", 4, 16, gpu="A10G"),
        instance("g6.xlarge", 4, 16, gpu="L4"),
    )
}

ADDON_VERSIONS = {
    "vpc-cni": ("v1.21.1-eksbuild.1", "v1.20.4-eksbuild.2"),
    "kube-proxy": ("v1.35.0-eksbuild.2", "v1.35.0-eksbuild.1"),
    "coredns": ("v1.13.1-eksbuild.1", "v1.12.4-eksbuild.1"),
    "aws-ebs-csi-driver": ("v1.54.0-eksbuild.1", "v1.53.0-eksbuild.1"),
}

FACTS = Facts(
    today=TODAY,
    machine=MACHINE,
    caller_arn=CALLER,
    account=ACCOUNT,
    network=NETWORK,
    instance_types=INSTANCE_TYPES,
    offerings={name: frozenset(ZONES) for name in INSTANCE_TYPES},
    quotas={each.code: Quota(code=each.code, name=each.name, limit=256.0, in_use=0) for each in QUOTAS.values()},
    addon_versions=ADDON_VERSIONS,
    holdings=frozenset(),
)


def case(config: Mapping[str, Any] | None = None, **facts: Any) -> Case:
    """The stack prod with these sections of its configuration and these parts of the facts replaced.

    ``config`` holds whole sections as in YAML; what it says must be valid. ``case()`` has no finding.
    """
    return case_of(settings(**(config or {})), replace(FACTS, **facts))


def case_of(given: Settings, facts: Facts) -> Case:
    """What the rules look at, of settings and facts that fit together."""
    pools = resolve_pools(given.node_pools, facts.instance_types)
    layout, problems = lay_out(
        node_pools=given.node_pools, addons=given.addons, ray=given.ray, pools=pools, facts=facts.instance_types
    )
    assert not problems, [str(problem) for problem in problems]
    return Case(settings=given, pools=pools, layout=layout, facts=facts)


def settings(**sections: Any) -> Settings:
    """The settings of the stack prod with these sections replaced."""
    found, problems = parse({**_PROD, **sections})
    assert found is not None, [str(problem) for problem in problems]
    return found


def _stack_file(path: Path) -> dict[str, Any]:
    config = yaml.safe_load(path.read_text(encoding="utf-8"))["config"]
    return {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}


_PROD = _stack_file(ROOT / "Pulumi.prod.yaml")
