"""A stack without a way to the internet: it comes up where the VPC has the endpoints, and nowhere else."""

from pathlib import Path

import pytest
from pulumi.automation.errors import CommandError

from simulator.aws.by_hand import add_vpc_endpoints
from simulator.session import Place
from tests.support.deployment import deployment, made, new_place

pytestmark = pytest.mark.engine

VPC = "vpc-0a1b2c3d4e5f60718"
REGISTRIES = ("docker.io", "nvcr.io", "public.ecr.aws", "quay.io", "registry.k8s.io")
MIRRORS = {each: f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{each.partition('.')[0]}" for each in REGISTRIES}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = new_place(tmp_path)
    place.change("security", egress="private")
    place.change("addons", imageMirrors=MIRRORS)
    return place


def test_private_egress_comes_up_with_interface_endpoints_and_the_gateway_of_s3(place: Place) -> None:
    with deployment(place) as dev:
        add_vpc_endpoints(dev.account, VPC, "ec2", "ecr.api", "ecr.dkr", "sts", "eks", "logs")
        add_vpc_endpoints(dev.account, VPC, "s3", kind="Gateway")
        dev.up()

        assert len(made(place, "NodeGroup")) == 3


def test_private_egress_without_endpoints_leaves_nodes_that_cannot_join(place: Place) -> None:
    with deployment(place) as dev, pytest.raises(CommandError, match="Instances failed to join"):
        dev.up()
