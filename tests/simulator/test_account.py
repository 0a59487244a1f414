"""The account file: what comes back of it, and when it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from simulator.account import Account, AccountError
from simulator.account.network_fixture import ensure_network
from simulator.account.resource import Refusal, Resource, ResourceType
from simulator.aws import RESOURCE_TYPES

VPC_ID = "vpc-0123456789abcdef0"
SUBNET_IDS = [f"subnet-0aaaaaaaaaaaaaaa{number}" for number in range(4)]
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"Service": "ec2.amazonaws.com"}}]}'
)
TYPES = {each.token: each for each in RESOURCE_TYPES}
SAMPLES: dict[str, dict[str, Any]] = {
    "aws:kms/key:Key": {"description": "a key", "tagsAll": {}},
    "aws:iam/role:Role": {"name": "role-1", "assumeRolePolicy": TRUST, "tagsAll": {}},
    "aws:ec2/securityGroup:SecurityGroup": {
        "name": "group-1",
        "vpcId": VPC_ID,
        "description": "d",
        "tagsAll": {},
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {"name": "template-1", "tagsAll": {}},
    "aws:sqs/queue:Queue": {"name": "queue-1", "messageRetentionSeconds": 300, "tagsAll": {}},
    "aws:cloudwatch/logGroup:LogGroup": {"name": "/logs", "retentionInDays": 7, "tagsAll": {}},
    "aws:cloudwatch/eventRule:EventRule": {
        "name": "rule-1",
        "eventPattern": '{"source": ["aws.ec2"]}',
        "tagsAll": {},
    },
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.json"


@pytest.fixture
def account(path: Path) -> Iterator[Account]:
    with Account.open(path, RESOURCE_TYPES) as opened:
        yield opened


def _edited(path: Path, change: dict[str, Any]) -> None:
    """Change the inputs of the file's only resource."""
    document = json.loads(path.read_text())
    document["resources"][0]["inputs"].update(change)
    path.write_text(json.dumps(document))


def test_every_resource_comes_back_with_the_same_ids_and_outputs(path: Path) -> None:
    with Account.open(path, RESOURCE_TYPES) as account:
        ensure_network(account, VPC_ID, SUBNET_IDS)
        made = {token: account.create(TYPES[token], dict(inputs)) for token, inputs in SAMPLES.items()}
    with Account.open(path, RESOURCE_TYPES) as account:
        for token, resource in made.items():
            assert account.read(TYPES[token], resource.id) == (SAMPLES[token], resource)


def test_two_resources_of_a_type_have_different_ids(account: Account) -> None:
    key = TYPES["aws:kms/key:Key"]
    assert account.create(key, {}).id != account.create(key, {}).id


def test_ids_come_back_also_when_older_resources_have_gone(path: Path) -> None:
    key = TYPES["aws:kms/key:Key"]
    with Account.open(path, RESOURCE_TYPES) as account:
        first, second = account.create(key, {}), account.create(key, {})
        account.delete(key, first.id)
    with Account.open(path, RESOURCE_TYPES) as account:
        assert [record.id for record in account.records()] == [second.id]
        assert account.read(key, second.id) is not None
        assert account.read(key, first.id) is None


def test_inputs_edited_by_hand_are_what_a_read_finds(path: Path) -> None:
    group = TYPES["aws:cloudwatch/logGroup:LogGroup"]
    with Account.open(path, RESOURCE_TYPES) as account:
        account.create(group, {"name": "/logs", "retentionInDays": 7})
    _edited(path, {"retentionInDays": 30})
    with Account.open(path, RESOURCE_TYPES) as account:
        found = account.read(group, "/logs")
        assert found is not None
        inputs, resource = found
        assert inputs["retentionInDays"] == resource.outputs["retentionInDays"] == 30


def test_records_are_found_by_type_and_inputs_in_creation_order(account: Account) -> None:
    group = TYPES["aws:cloudwatch/logGroup:LogGroup"]
    for name, days in (("/b", 7), ("/a", 7), ("/c", 30)):
        account.create(group, {"name": name, "retentionInDays": days})
    assert [record.id for record in account.records(group.token, retentionInDays=7)] == ["/b", "/a"]
    assert account.records("aws:kms/key:Key") == []


def test_an_update_of_what_a_hand_removed_is_refused(account: Account) -> None:
    with pytest.raises(Refusal, match="does not exist"):
        account.update(TYPES["aws:kms/key:Key"], "gone", {})


def test_a_refused_create_leaves_no_record(account: Account, path: Path) -> None:
    class Refused(_Named):
        def create(self, account: Account, inputs: dict[str, Any]) -> Resource:
            raise Refusal("LimitExceeded", "no more")

    with pytest.raises(Refusal):
        account.create(Refused(), {"name": "x"})
    assert account.records() == []
    assert not path.exists()


def test_a_second_simulator_on_the_same_file_is_refused(path: Path, account: Account) -> None:
    with (
        pytest.raises(AccountError, match="in use by another simulator"),
        Account.open(path, RESOURCE_TYPES),
    ):
        pass


def test_a_change_by_hand_during_a_run_is_not_overwritten(path: Path, account: Account) -> None:
    group = TYPES["aws:cloudwatch/logGroup:LogGroup"]
    account.create(group, {"name": "/logs", "retentionInDays": 7})
    _edited(path, {"retentionInDays": 30})
    edited = path.read_text()
    with pytest.raises(AccountError, match="changed by hand"):
        account.create(group, {"name": "/other"})
    assert path.read_text() == edited
    account.reload_if_edited()
    account.create(group, {"name": "/other"})
    assert [record.inputs.get("retentionInDays") for record in account.records()] == [30, None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name"),
        ("[]", '"format" is not 1'),
        ('{"format": 2}', '"format" is not 1'),
        ('{"format": 1}', "'network' is missing"),
        (
            '{"format": 1, "accountId": "", "region": "", "network": [], "resources": [], "kubernetes": []}',
            '"network" has the wrong shape',
        ),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(path: Path, text: str, reason: str) -> None:
    path.write_text(text)
    with pytest.raises(AccountError) as refused, Account.open(path, RESOURCE_TYPES):
        pass
    assert reason in str(refused.value)
    assert str(path) in str(refused.value)


def test_an_account_of_another_region_is_refused(path: Path) -> None:
    with Account.open(path, RESOURCE_TYPES, region="eu-west-1") as account:
        account.save()
    with (
        pytest.raises(AccountError, match="in eu-west-1, not in us-east-1"),
        Account.open(path, RESOURCE_TYPES, region="us-east-1"),
    ):
        pass


def test_an_edit_that_moves_an_id_is_refused(path: Path) -> None:
    with Account.open(path, RESOURCE_TYPES) as account:
        account.create(TYPES["aws:cloudwatch/logGroup:LogGroup"], {"name": "/logs"})
    _edited(path, {"name": "/renamed"})
    with pytest.raises(AccountError, match="/logs comes back as /renamed"), Account.open(path, RESOURCE_TYPES):
        pass


class _Named(ResourceType):
    """A type that needs the IAM role its `needs` names, which only moto knows about."""

    token: ClassVar[str] = "test:index:Named"

    def create(self, account: Account, inputs: dict[str, Any]) -> Resource:
        if inputs.get("needs"):
            account.client("iam").get_role(RoleName=inputs["needs"])
        return Resource(id=inputs["name"], outputs=inputs)

    def read(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> Resource | None:
        return Resource(id=id, outputs=outputs)

    def update(
        self, account: Account, id: str, old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any]
    ) -> dict[str, Any]:
        return new

    def delete(self, account: Account, id: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Nothing but the record."""


def test_a_resource_that_came_to_depend_on_a_younger_one_is_rebuilt_after_it(path: Path) -> None:
    named, role = _Named(), TYPES["aws:iam/role:Role"]
    with Account.open(path, [*RESOURCE_TYPES, named]) as account:
        account.create(named, {"name": "older"})
        account.create(role, {"name": "younger", "assumeRolePolicy": TRUST})
        account.update(named, "older", {"name": "older", "needs": "younger"})
    with Account.open(path, [*RESOURCE_TYPES, named]) as account:
        assert [record.id for record in account.records()] == ["older", "younger"]


def test_a_resource_that_cannot_be_rebuilt_is_named_with_the_reason(path: Path) -> None:
    named = _Named()
    with Account.open(path, [*RESOURCE_TYPES, named]) as account:
        account.create(named, {"name": "lonely"})
    _edited(path, {"needs": "nobody"})
    with (
        pytest.raises(AccountError, match=r"lonely cannot be rebuilt \(.*nobody"),
        Account.open(path, [*RESOURCE_TYPES, named]),
    ):
        pass


def test_a_network_has_exactly_the_ids_asked_for_one_subnet_per_zone(account: Account) -> None:
    ensure_network(account, VPC_ID, SUBNET_IDS)
    found = account.client("ec2").describe_subnets(SubnetIds=SUBNET_IDS)["Subnets"]
    zones = {subnet["SubnetId"]: subnet["AvailabilityZone"][-1] for subnet in found}
    assert zones == dict(zip(SUBNET_IDS, "abca", strict=True))
    assert {subnet["VpcId"] for subnet in found} == {VPC_ID}
    assert len({subnet["CidrBlock"] for subnet in found}) == len(SUBNET_IDS)


def test_private_subnets_reach_the_internet_through_a_nat_gateway(account: Account) -> None:
    ensure_network(account, VPC_ID, SUBNET_IDS)
    ec2 = account.client("ec2")
    filters = [{"Name": "association.subnet-id", "Values": [SUBNET_IDS[0]]}]
    (table,) = ec2.describe_route_tables(Filters=filters)["RouteTables"]
    (default,) = (each for each in table["Routes"] if each.get("DestinationCidrBlock") == "0.0.0.0/0")
    (nat,) = ec2.describe_nat_gateways(NatGatewayIds=[default["NatGatewayId"]])["NatGateways"]
    assert nat["SubnetId"] not in SUBNET_IDS


def test_a_network_edited_by_hand_is_what_the_account_then_has(path: Path) -> None:
    with Account.open(path, RESOURCE_TYPES) as account:
        ensure_network(account, VPC_ID, SUBNET_IDS[:2])
    document = json.loads(path.read_text())
    vpc = document["network"]["vpcs"][0]
    vpc["enableDnsHostnames"] = False
    vpc["subnets"][1]["cidrBlock"] = "10.0.0.0/28"
    path.write_text(json.dumps(document))
    with Account.open(path, RESOURCE_TYPES) as account:
        ensure_network(account, VPC_ID, SUBNET_IDS[:2])
        ec2 = account.client("ec2")
        attribute = ec2.describe_vpc_attribute(VpcId=VPC_ID, Attribute="enableDnsHostnames")
        assert attribute["EnableDnsHostnames"]["Value"] is False
        (subnet,) = ec2.describe_subnets(SubnetIds=[SUBNET_IDS[0]])["Subnets"]
        assert subnet["AvailableIpAddressCount"] < 16


def test_subnets_are_added_to_a_network_that_is_there(account: Account) -> None:
    ensure_network(account, VPC_ID, SUBNET_IDS[:2])
    ensure_network(account, VPC_ID, SUBNET_IDS)
    found = account.client("ec2").describe_subnets(SubnetIds=SUBNET_IDS)["Subnets"]
    assert {subnet["VpcId"] for subnet in found} == {VPC_ID}


def test_more_subnets_than_fit_are_refused(account: Account) -> None:
    with pytest.raises(ValueError, match="no /20 left"):
        ensure_network(account, VPC_ID, [f"subnet-0{number:016x}" for number in range(16)])
