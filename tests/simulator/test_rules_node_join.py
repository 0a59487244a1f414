"""Why nodes never join or never get ready, which AWS tells only after some twenty minutes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator import aws
from simulator.account import Account
from simulator.aws.by_hand import add_vpc_endpoints
from simulator.resource import Refusal
from tests.simulator.aws_by_hand import CLUSTER, MANAGED, SUBNETS, VPC, ByHand, SoundCluster, trust

NOT_JOINED = r"NodeCreationFailure: Instances failed to join the kubernetes cluster"
NOT_READY = r"NodeCreationFailure: Unhealthy nodes.*container runtime network not ready"
ENDPOINTS = ("ec2", "ecr.api", "ecr.dkr", "s3", "sts")


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[ByHand]:
    with Account.open(tmp_path / "account.json", aws.RESOURCE_TYPES) as account:
        yield ByHand(account)


def nodes_with(sound: SoundCluster, security_group: str, **changes: Any) -> None:
    template = sound.hand.launch_template(security_group=security_group)
    sound.node_group(template=template, **changes)


def test_nodes_whose_egress_is_private_only_do_not_join_without_endpoints(hand: ByHand) -> None:
    sound = SoundCluster(hand)
    closed = hand.security_group(name="closed", internet=False)
    rule = {"ipProtocol": "-1", "securityGroupId": sound.security_group, "referencedSecurityGroupId": closed}
    hand.make("SecurityGroupIngressRule", **rule)
    with pytest.raises(Refusal, match=NOT_JOINED + r".*reach the internet on 443.*'ec2', 'ecr.api', 'ecr.dkr', 's3', 'sts'"):
        nodes_with(sound, closed)


def test_nodes_whose_egress_is_private_only_join_with_endpoints(hand: ByHand) -> None:
    sound = SoundCluster(hand)
    hand.account.create  # noqa: B018
    for rule in hand.account.records("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", cidrIpv4="0.0.0.0/0"):
        hand.delete("SecurityGroupEgressRule", rule.id)
    with pytest.raises(Refusal, match=NOT_JOINED):
        sound.node_group()
    add_vpc_endpoints(hand.account, VPC, *ENDPOINTS)
    nodes_with_template_of_name(sound, "again")


def nodes_with_template_of_name(sound: SoundCluster, name: str, **changes: Any) -> None:
    template = sound.hand.launch_template(security_group=sound.security_group, name=name)
    sound.node_group(template=template, **changes)
