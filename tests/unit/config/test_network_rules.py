"""What the given network has to be for EKS."""

from dataclasses import replace

import pytest

from ray_platform.config.network_rules import SubnetFacts, VpcFacts, network_problems
from ray_platform.config.problems import Problem

VPC = VpcFacts(vpc_id="vpc-a", cidr_blocks=("10.0.0.0/16", "10.1.0.0/16"), dns_support=True, dns_hostnames=True)


def _subnet(number: int, zone: str) -> SubnetFacts:
    return SubnetFacts(
        subnet_id=f"subnet-{number}",
        vpc_id="vpc-a",
        availability_zone=f"us-east-1{zone}",
        availability_zone_id=f"use1-az{number}",
        available_addresses=4091,
        cidr_block=f"10.0.{16 * number}.0/20",
        public_ip_on_launch=False,
        tags={},
    )


FIRST, SECOND = _subnet(1, "a"), _subnet(2, "b")


def _problems(
    *subnets: SubnetFacts, vpc: VpcFacts | None = VPC, services: str | None = None, unfound: int = 0
) -> list[Problem]:
    ids = [subnet.subnet_id for subnet in subnets] + [f"subnet-unfound-{n}" for n in range(unfound)]
    return network_problems(vpc=vpc, subnets=subnets, subnet_ids=ids, service_ipv4_cidr=services)


def test_two_private_subnets_in_two_zones_of_the_vpc_have_no_problem() -> None:
    assert not _problems(FIRST, SECOND)


def test_subnets_all_in_one_zone_are_refused() -> None:
    (problem,) = _problems(FIRST, replace(SECOND, availability_zone="us-east-1a"))

    assert problem.path == "network.subnetIds"
    assert problem.value == ["subnet-1", "subnet-2"]
    assert "all are in us-east-1a" in problem.rule


def test_without_any_subnet_nothing_is_said_of_zones() -> None:
    assert not _problems()


def test_a_subnet_of_another_vpc_is_refused() -> None:
    (problem,) = _problems(FIRST, replace(SECOND, vpc_id="vpc-b"))

    assert (problem.path, problem.value) == ("network.subnetIds[1]", "subnet-2")
    assert "it belongs to vpc-b" in problem.rule


@pytest.mark.parametrize(("free", "count"), [(5, 1), (6, 0)])
def test_a_subnet_needs_six_free_addresses(free: int, count: int) -> None:
    assert len(_problems(replace(FIRST, available_addresses=free), SECOND)) == count


@pytest.mark.parametrize("zone_id", ["use1-az3", "usw1-az2", "cac1-az3"])
def test_a_zone_without_eks_is_refused(zone_id: str) -> None:
    (problem,) = _problems(FIRST, replace(SECOND, availability_zone_id=zone_id))

    assert problem.path == "network.subnetIds[1]"
    assert zone_id in problem.rule


@pytest.mark.parametrize(
    ("vpc", "flag"),
    [
        (replace(VPC, dns_support=False), "--enable-dns-support"),
        (replace(VPC, dns_hostnames=False), "--enable-dns-hostnames"),
    ],
)
def test_a_vpc_without_dns_is_refused_with_the_command_that_turns_it_on(vpc: VpcFacts, flag: str) -> None:
    (problem,) = _problems(FIRST, SECOND, vpc=vpc)

    assert problem.path == "network.vpcId"
    assert problem.remedy == f"aws ec2 modify-vpc-attribute --vpc-id vpc-a {flag}"


@pytest.mark.parametrize(
    ("services", "overlapped"), [("10.1.128.0/20", "10.1.0.0/16"), ("10.0.0.0/12", "10.0.0.0/16, 10.1.0.0/16")]
)
def test_services_within_any_block_of_the_vpc_are_refused(services: str, overlapped: str) -> None:
    (problem,) = _problems(FIRST, SECOND, services=services)

    assert (problem.path, problem.value) == ("cluster.serviceIpv4Cidr", services)
    assert problem.rule.endswith(f"it overlaps {overlapped}")


def test_services_apart_from_the_vpc_are_accepted() -> None:
    assert not _problems(FIRST, SECOND, services="10.2.0.0/16")


def test_rules_that_need_a_failed_lookup_stay_silent_and_the_others_speak() -> None:
    assert not _problems(FIRST, unfound=1)
    assert not _problems(FIRST, replace(SECOND, vpc_id="vpc-b"), vpc=None, services="10.0.0.0/16")
    assert len(_problems(replace(FIRST, available_addresses=0), vpc=None, unfound=1)) == 1


def test_every_fault_of_a_network_is_told_at_once() -> None:
    bad = replace(FIRST, vpc_id="vpc-b", availability_zone_id="use1-az3", available_addresses=0)

    found = _problems(
        bad,
        replace(bad, subnet_id="subnet-9"),
        vpc=replace(VPC, dns_support=False, dns_hostnames=False),
        services="10.0.0.0/16",
    )

    assert len(found) == 2 + 1 + 2 * 3 + 1
