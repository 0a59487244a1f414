"""Each planted fault is named by the check, with its place and its remedy; a healthy stack has no finding at all."""

from collections.abc import Iterator

import pytest

from simulator.account import Account
from simulator.account.site import Site
from tests.simulator.aws_by_hand import owner_statement
from tests.simulator.planted import access, endpoints, hardware, key, network, releases
from tests.simulator.planted.releases import cluster
from tests.support.checking import CLUSTER, PROJECT, SUBNETS, Checking, Fault, checking

FAULTS = [fault for module in (network, endpoints, hardware, key, releases, access) for fault in module.FAULTS]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checking]:
    with checking(tmp_path_factory.mktemp("account"), "dev") as opened:
        yield opened


@pytest.mark.parametrize("fault", [pytest.param(each, id=each.name) for each in FAULTS])
def test_a_fault_is_named_with_its_place_and_its_remedy(checked: Checking, fault: Fault) -> None:
    checked.assert_told(fault)


def test_a_healthy_dev_has_no_finding(checked: Checking) -> None:
    assert checked.findings("dev") == []


def test_a_healthy_prod_has_no_finding(checked: Checking) -> None:
    def network_of_prod(account: Account) -> None:
        Site.of_stack_file(PROJECT / "Pulumi.prod.yaml").build(account)

    with checked.planted(network_of_prod):
        assert checked.findings("prod") == []


def test_a_stack_that_is_up_has_no_finding(checked: Checking) -> None:
    with checked.planted(cluster()):
        assert checked.findings() == []


def test_a_private_stack_with_all_endpoints_has_no_finding(checked: Checking) -> None:
    with checked.planted(endpoints.all_endpoints):
        assert checked.findings(config=endpoints.PRIVATE) == []


def test_a_given_key_that_suffices_has_no_finding(checked: Checking) -> None:
    with checked.planted(key.key(owner_statement(), key.LOGS)) as planted:
        assert checked.findings(config=planted.config) == []


@pytest.mark.parametrize("tag", [{"eks:cluster-name": CLUSTER}, {f"kubernetes.io/cluster/{CLUSTER}": "owned"}])
def test_the_nodes_of_the_cluster_itself_take_nothing_of_the_quota(checked: Checking, tag: dict[str, str]) -> None:
    with checked.planted(hardware.running(29, **tag)):
        assert checked.findings() == []


def test_a_zone_without_eks_is_refused_and_the_instance_types_it_lacks_are_told(checked: Checking) -> None:
    with checked.planted(network.in_zone(SUBNETS[1], "us-east-1e")):
        found = checked.findings()

    refused = next(each for each in found if each.code == "config-refused")
    assert refused.where == "network.subnetIds[1]"
    assert "us-east-1e is use1-az3" in refused.what
    assert refused.remedy == "Choose a subnet in another zone."
    assert {each.code for each in found} == {"config-refused", "instance-type-not-offered"}
