"""What AWS answers under mocks: the facts of one healthy account, and a table from function to result.

A function that the table does not know is an error: a test then says that the program asks for something new.
"""

from collections.abc import Sequence
from datetime import date

from ray_platform.account import AwsAccount
from ray_platform.checks.facts import Facts, Machine, NetworkFacts, Route, RouteTable
from ray_platform.config.network_rules import SubnetFacts, VpcFacts
from ray_platform.config.node_pools import InstanceFacts
from ray_platform.plan.answers import Answer, AwsAnswers, functions

ACCOUNT = AwsAccount(account_id="123456789012", partition="aws", dns_suffix="amazonaws.com", region="us-east-1")
VPC_ID = "vpc-0a1b2c3d4e5f60718"
SUBNET_IDS = ["subnet-0a1b2c3d4e5f60718", "subnet-0b1b2c3d4e5f60718", "subnet-0c1b2c3d4e5f60718"]
ZONES = "abc"


def _type(name: str, vcpus: int, memory_gib: int, *, gpus: int = 0, architecture: str = "x86_64") -> InstanceFacts:
    return InstanceFacts(
        name=name,
        architectures=(architecture,),
        vcpus=vcpus,
        memory_mib=memory_gib * 1024,
        gpus=gpus,
        gpu_name="T4" if gpus else None,
        gpu_manufacturer="NVIDIA" if gpus else None,
        network_interfaces=3 if gpus else 4,
        addresses_per_interface=10 if gpus else 15,
        usage_classes=("on-demand", "spot"),
    )


INSTANCE_TYPES = (
    _type("m5.xlarge", 4, 16),
    _type("m5.2xlarge", 8, 32),
    _type("m7g.xlarge", 4, 16, architecture="arm64"),
    _type("m7g.2xlarge", 8, 32, architecture="arm64"),
    _type("g4dn.xlarge", 4, 16, gpus=1),
    _type("g4dn.2xlarge", 8, 32, gpus=1),
)


def facts(vpc_id: str = VPC_ID, subnet_ids: Sequence[str] = SUBNET_IDS) -> Facts:
    """A healthy account with this network: each subnet in a zone of its own, with a way out."""
    way_out = Route(destination="0.0.0.0/0", target="nat-0a1b2c3d4e5f60718")
    table = RouteTable(table_id="rtb-0a1b2c3d4e5f60718", main=True, subnet_ids=tuple(subnet_ids), routes=(way_out,))
    zones = frozenset(f"us-east-1{letter}" for letter in ZONES)
    return Facts(
        today=date(2026, 11, 23),
        machine=Machine(pulumi="3.259.0", aws_cli="2.31.0", kubectl="1.35.0"),
        caller_arn=f"arn:aws:iam::{ACCOUNT.account_id}:role/deployer",
        account=ACCOUNT,
        network=NetworkFacts(
            vpc=VpcFacts(vpc_id=vpc_id, cidr_blocks=("10.0.0.0/16",), dns_support=True, dns_hostnames=True),
            subnets=tuple(_subnet(each, vpc_id, number) for number, each in enumerate(subnet_ids)),
            route_tables=(table,),
        ),
        instance_types={each.name: each for each in INSTANCE_TYPES},
        offerings={each.name: zones for each in INSTANCE_TYPES},
    )


def _subnet(subnet_id: str, vpc_id: str, number: int) -> SubnetFacts:
    return SubnetFacts(
        subnet_id=subnet_id,
        vpc_id=vpc_id,
        availability_zone=f"us-east-1{ZONES[number]}",
        availability_zone_id=f"use1-az{number + 4}",
        available_addresses=4091,
        cidr_block=f"10.0.{16 * number}.0/20",
        public_ip_on_launch=False,
        tags={},
    )


# What is asked of AWS, and of the engine: the stack has no outputs yet. A test that wants another answer replaces it.
FUNCTIONS: dict[str, Answer] = {
    **functions(facts()),
    "aws:index/getAvailabilityZones:getAvailabilityZones": lambda _: {
        "names": [f"us-east-1{letter}" for letter in "abcdef"],
        "zoneIds": [f"use1-az{number}" for number in (6, 3, 2, 4, 1, 5)],
    },
}


class MockedAws(AwsAnswers):
    """The account above."""

    def __init__(self) -> None:
        super().__init__(ACCOUNT, FUNCTIONS)
