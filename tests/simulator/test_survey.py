"""The survey in a simulated account: what it reads, what it may not read, and what it makes of what is not there."""

import re
from collections.abc import Iterator
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from ray_platform.checks.facts import Facts, Machine
from ray_platform.config.network_source import StackOutputs
from ray_platform.config.stack_file import read_sections
from ray_platform.lookups import instance_facts
from ray_platform.survey.hardware import read_instance_types
from ray_platform.survey.questions import Questions
from ray_platform.survey.read import survey
from simulator.account import Account, moto_cloud
from simulator.account.resource import Refusal
from simulator.aws.lookups import get_instance_type
from simulator.reads import SimulatedEnvironment
from simulator.reads.answers import answer
from tests.support.checking import CLUSTER, PROJECT, SUBNETS, TODAY, VPC, Checking, changed, checking

ROLE = "arn:aws:iam::123456789012:role/"
# All that is asked of a stack with a key and an access entry of its own, and no cluster yet.
ACTIONS = frozenset(
    {
        "ec2:DescribeInstanceTypeOfferings",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeNatGateways",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "eks:DescribeAddonVersions",
        "eks:DescribeCluster",
        "iam:GetRole",
        "kms:DescribeKey",
        "logs:DescribeLogGroups",
        "sqs:ListQueues",
    }
)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checking]:
    with checking(tmp_path_factory.mktemp("account"), "dev") as opened:
        yield opened


def sections(**config: dict[str, Any]) -> dict[str, Any]:
    return changed(read_sections(PROJECT, "dev"), config)


def guarded() -> dict[str, Any]:
    return sections(
        security={"kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/one"},
        cluster={"accessEntries": {"team": {"principalArn": f"{ROLE}team"}}},
    )


def test_the_given_network_is_read_whole(checked: Checking) -> None:
    network = checked.facts(sections()).network

    assert network.vpc is not None
    assert (network.vpc.vpc_id, network.vpc.cidr_blocks) == (VPC, ("10.0.0.0/16",))
    assert [subnet.subnet_id for subnet in network.subnets] == list(SUBNETS)
    assert network.free_blocks == dict.fromkeys(SUBNETS, 254)
    assert [gateway.state for gateway in network.nat_gateways or ()] == ["available"]
    private = next(table for table in network.route_tables or () if SUBNETS[0] in table.subnet_ids)
    (nat,) = network.nat_gateways or ()
    assert {route.destination: route.target for route in private.routes} == {
        "10.0.0.0/16": "local",
        "0.0.0.0/0": nat.gateway_id,
    }
    assert [table.subnet_ids for table in network.route_tables or () if table.main] == [()]


@pytest.mark.parametrize("name", ["m5.xlarge", "g4dn.2xlarge", "m7g.large", "p4d.24xlarge", "t2.nano"])
def test_an_instance_type_is_the_same_to_the_survey_and_to_the_program(checked: Checking, name: str) -> None:
    ask = Questions(environment=SimulatedEnvironment(account=checked.account, vpc_id=None))
    told = snake(get_instance_type(checked.account, {"instanceType": name}))

    assert read_instance_types(ask, [name]) == {name: instance_facts(told)}


def snake(value: Any) -> Any:
    """A function's answer as the provider's SDK gives it."""
    if isinstance(value, list):
        return [snake(each) for each in value]
    if not isinstance(value, dict):
        return value
    return SimpleNamespace(
        **{re.sub(r"([A-Z])", lambda letter: f"_{letter[0].lower()}", key): snake(each) for key, each in value.items()}
    )


def test_a_type_that_does_not_exist_is_missing_and_the_others_are_there(checked: Checking) -> None:
    facts = checked.facts(sections(nodePools={"cpu": {"instanceTypes": ["m5.xlarge", "m5.999xlarge"]}}))

    assert {"m5.xlarge", "g4dn.xlarge"} <= facts.instance_types.keys()
    assert "m5.999xlarge" not in facts.instance_types
    assert facts.offerings is not None
    assert facts.offerings["m5.999xlarge"] == frozenset()
    assert not facts.unread


def test_interfaces_and_explicit_reservations_break_blocks_and_reserved_prefixes_do_not(checked: Checking) -> None:
    def plant(account: Account) -> None:
        ec2 = account.client("ec2")
        ec2.create_network_interface(SubnetId=SUBNETS[0], PrivateIpAddress="10.0.1.40")
        reserve = ec2.create_subnet_cidr_reservation
        reserve(SubnetId=SUBNETS[1], Cidr="10.0.17.0/26", ReservationType="explicit")
        reserve(SubnetId=SUBNETS[1], Cidr="10.0.18.0/24", ReservationType="prefix")

    with checked.planted(plant):
        assert checked.facts(sections()).network.free_blocks == {SUBNETS[0]: 253, SUBNETS[1]: 250}


def test_what_may_not_be_read_is_told_and_hides_nothing_else(checked: Checking) -> None:
    facts = checked.facts(guarded(), denied=ACTIONS)

    assert {each.action for each in facts.unread} == ACTIONS
    assert all("not authorized" in each.reason for each in facts.unread)
    assert facts.caller_arn == "arn:aws:iam::123456789012:user/moto"
    nothing = (facts.network.vpc, facts.network.route_tables, facts.network.nat_gateways, facts.network.endpoints)
    assert nothing == (None, None, None, None)
    assert (facts.quotas, facts.offerings, facts.addon_versions, facts.key) == (None, None, None, None)
    assert facts.missing_principals == frozenset()
    assert facts.machine.pulumi


@pytest.mark.parametrize(
    ("action", "part"),
    [
        ("ec2:DescribeNetworkInterfaces", "free_blocks"),
        ("ec2:GetSubnetCidrReservations", "free_blocks"),
        ("ec2:DescribeVpcAttribute", "vpc"),
    ],
)
def test_a_part_of_which_something_may_not_be_read_is_not_guessed(checked: Checking, action: str, part: str) -> None:
    facts = checked.facts(sections(), denied=[action])

    assert getattr(facts.network, part) is None
    assert {each.action for each in facts.unread} == {action}


def test_a_limit_that_may_not_be_read_is_no_limit_of_zero(checked: Checking) -> None:
    facts = checked.facts(sections(), denied=["servicequotas:GetServiceQuota"])

    assert facts.quotas == {}
    assert {each.action for each in facts.unread} == {"servicequotas:GetServiceQuota"}


def test_without_credentials_nothing_of_aws_is_known(checked: Checking) -> None:
    facts = checked.facts(sections(), denied=["sts:GetCallerIdentity"])

    (unread,) = facts.unread
    assert unread.action == "sts:GetCallerIdentity"
    expected = Facts(today=TODAY, machine=facts.machine, holdings=frozenset(), unread=facts.unread)
    assert facts == expected


def test_a_principal_is_known_by_its_whole_arn_and_in_this_account(checked: Checking) -> None:
    def plant(account: Account) -> None:
        account.client("iam").create_role(RoleName="team", Path="/data/", AssumeRolePolicyDocument="{}")
        account.client("iam").create_user(UserName="operator")

    principals = {
        "whole": f"{ROLE}data/team",
        "without-path": f"{ROLE}team",
        "gone": f"{ROLE}gone",
        "user": "arn:aws:iam::123456789012:user/operator",
        "elsewhere": "arn:aws:iam::210987654321:role/nobody-knows",
    }
    entries = {name: {"principalArn": arn} for name, arn in principals.items()}
    with checked.planted(plant):
        facts = checked.facts(sections(cluster={"accessEntries": entries}))

    assert facts.missing_principals == {f"{ROLE}team", f"{ROLE}gone"}


def test_only_queues_with_an_auto_name_of_the_stack_are_left_over(checked: Checking) -> None:
    def plant(account: Account) -> None:
        for name in ("0a1b2c3", "0a1b2c3-of-somebody", "dead-letters"):
            account.client("sqs").create_queue(QueueName=f"{CLUSTER}-interruption-{name}")

    with checked.planted(plant):
        leftovers = checked.facts(sections()).leftovers

    assert [each.physical_id.rpartition("/")[2] for each in leftovers] == [f"{CLUSTER}-interruption-0a1b2c3"]


class Meeting:
    """An environment of two at a time, that tells who is calling and nothing else.

    The machine and the stack's state each wait until the other is looked at too.
    """

    region = "us-east-1"
    workers = 2

    def __init__(self) -> None:
        session = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name=self.region)
        self._clients = {service: session.client(service) for service in moto_cloud.SERVICES}
        self._clients["service-quotas"] = session.client("service-quotas")
        self._meet = Barrier(2)
        caller = {"Account": "123456789012", "Arn": f"{ROLE}somebody"}
        for client in self._clients.values():
            answer(client, {"*": self._deny, "GetCallerIdentity": lambda _: caller})

    def client(self, service: str) -> Any:
        return self._clients[service]

    def machine(self, endpoint: str | None) -> Machine:
        self._meet.wait(60)
        return Machine(pulumi=None, aws_cli=None, kubectl=None)

    def holdings(self) -> frozenset[str]:
        self._meet.wait(60)
        return frozenset()

    def stack_outputs(self, stack: str) -> StackOutputs:
        raise NotImplementedError

    @staticmethod
    def _deny(arguments: dict[str, Any]) -> dict[str, Any]:
        raise Refusal("AccessDenied", "not told")


def test_questions_are_asked_side_by_side() -> None:
    assert survey(Meeting(), sections(), today=TODAY).holdings == frozenset()


def test_of_a_configuration_that_is_not_valid_the_valid_parts_are_read(checked: Checking) -> None:
    facts = checked.facts(sections(cluster={"kubernetesVersion": "0.1"}))

    assert facts.network.vpc is not None
    assert facts.instance_types.keys() == {"m5.xlarge", "m5.2xlarge", "g4dn.xlarge", "g4dn.2xlarge"}
    assert (facts.quotas, facts.cluster, facts.leftovers) == (None, None, ())
