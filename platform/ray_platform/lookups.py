"""What the provider can tell before anything is created: the account, the given network, the instance types.

Questions are asked side by side. One that AWS does not answer becomes a ``Problem``, to be shown with those of the
config.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pulumi
import pulumi_aws as aws
from pulumi.runtime.settings import SETTINGS, _get_rpc_manager
from pulumi_aws.ec2.outputs import GetRouteTableRouteResult

from ray_platform.account import AwsAccount
from ray_platform.checks.facts import Route, RouteTable
from ray_platform.config.network_rules import SubnetFacts, VpcFacts
from ray_platform.config.node_pools import InstanceFacts, interfaces_of_default_card
from ray_platform.config.problems import Problem
from ray_platform.examination import not_found

T = TypeVar("T")


class LookupFailed(Exception):
    """A function of the provider failed; the message is the provider's own."""


@dataclass(frozen=True)
class Lookups:
    """Functions of the AWS provider with plain results. Each raises ``LookupFailed`` when AWS has no answer."""

    provider: aws.Provider
    region: str

    @property
    def _opts(self) -> pulumi.InvokeOutputOptions:
        return pulumi.InvokeOutputOptions(provider=self.provider)

    async def account(self) -> AwsAccount:
        identity, partition = await asyncio.gather(
            _answer(aws.get_caller_identity_output(opts=self._opts)),
            _answer(aws.get_partition_output(opts=self._opts)),
        )
        return AwsAccount(
            account_id=identity.account_id,
            partition=partition.partition,
            dns_suffix=partition.dns_suffix,
            region=self.region,
        )

    async def vpc(self, vpc_id: str) -> VpcFacts:
        found = await _answer(aws.ec2.get_vpc_output(id=vpc_id, opts=self._opts))
        return VpcFacts(
            vpc_id=found.id,
            cidr_blocks=tuple(block.cidr_block for block in found.cidr_block_associations) or (found.cidr_block,),
            dns_support=found.enable_dns_support,
            dns_hostnames=found.enable_dns_hostnames,
        )

    async def subnet(self, subnet_id: str) -> SubnetFacts:
        found = await _answer(aws.ec2.get_subnet_output(id=subnet_id, opts=self._opts))
        return SubnetFacts(
            subnet_id=found.id,
            vpc_id=found.vpc_id,
            availability_zone=found.availability_zone,
            availability_zone_id=found.availability_zone_id,
            available_addresses=found.available_ip_address_count,
            cidr_block=found.cidr_block,
            public_ip_on_launch=found.map_public_ip_on_launch,
            tags=found.tags,
        )

    async def instance_type(self, name: str) -> InstanceFacts:
        found = await _answer(aws.ec2.get_instance_type_output(instance_type=name, opts=self._opts))
        return instance_facts(found)

    async def cluster_version(self, name: str) -> str:
        """The Kubernetes minor version of an existing cluster, such as ``1.35``."""
        return (await _answer(aws.eks.get_cluster_output(name=name, opts=self._opts))).version

    async def route_tables(self, vpc_id: str) -> tuple[RouteTable, ...]:
        """The route tables of the VPC. The provider does not tell which routes are black holes."""
        found = await _answer(aws.ec2.get_route_tables_output(vpc_id=vpc_id, opts=self._opts))
        return tuple(await asyncio.gather(*[self._route_table(each) for each in found.ids]))

    async def _route_table(self, table_id: str) -> RouteTable:
        found = await _answer(aws.ec2.get_route_table_output(route_table_id=table_id, opts=self._opts))
        return RouteTable(
            table_id=found.route_table_id,
            main=any(each.main for each in found.associations),
            subnet_ids=tuple(each.subnet_id for each in found.associations if each.subnet_id),
            routes=tuple(
                Route(destination=each.cidr_block or each.destination_prefix_list_id, target=_target(each))
                for each in found.routes
            ),
        )

    async def offerings(self, instance_types: Iterable[str]) -> dict[str, frozenset[str]]:
        """Instance type -> the availability zones of the region that offer it."""
        wanted = aws.ec2.GetInstanceTypeOfferingsFilterArgs(name="instance-type", values=sorted(instance_types))
        found = await _answer(
            aws.ec2.get_instance_type_offerings_output(
                location_type="availability-zone", filters=[wanted], opts=self._opts
            )
        )
        pairs = list(zip(found.instance_types, found.locations, strict=True))
        return {name: frozenset(zone for each, zone in pairs if each == name) for name in wanted.values}


def _target(route: GetRouteTableRouteResult) -> str:
    """The id of whatever a route leads to: the one target that it has."""
    targets = (
        route.gateway_id,
        route.nat_gateway_id,
        route.transit_gateway_id,
        route.vpc_peering_connection_id,
        route.vpc_endpoint_id,
        route.network_interface_id,
        route.instance_id,
        route.egress_only_gateway_id,
        route.carrier_gateway_id,
        route.local_gateway_id,
        route.core_network_arn,
        route.odb_network_arn,
    )
    return next((target for target in targets if target), "")


def instance_facts(found: aws.ec2.GetInstanceTypeResult) -> InstanceFacts:
    """What the rules look at in EC2's description of an instance type."""
    gpu = found.gpuses[0] if found.gpuses else None
    by_card = {card.index: card.maximum_interfaces for card in found.network_cards}
    return InstanceFacts(
        name=found.instance_type,
        architectures=tuple(found.supported_architectures),
        vcpus=found.default_vcpus,
        memory_mib=found.memory_size,
        gpus=sum(each.count for each in found.gpuses),
        gpu_name=gpu.name if gpu else None,
        gpu_manufacturer=gpu.manufacturer if gpu else None,
        network_interfaces=interfaces_of_default_card(
            by_card, found.default_network_card_index, found.maximum_network_interfaces
        ),
        addresses_per_interface=found.maximum_ipv4_addresses_per_interface,
        usage_classes=tuple(found.supported_usages_classes),
    )


async def _answer(output: pulumi.Output[T]) -> T:
    try:
        answer = await output.future()
    except Exception as error:
        _forget_failures()
        raise LookupFailed(str(error)) from error
    assert answer is not None  # a provider answers its functions in previews too
    return answer


def _forget_failures() -> None:
    """Tell the SDK that the failures so far are handled.

    It keeps each failed call and each output of one, and ends the program with the first of them, which would hide
    every other problem. ``Output.recover`` is not enough: a function of a provider stands for several of them.
    """
    calls = _get_rpc_manager()
    calls.rpcs[:] = [call for call in calls.rpcs if not _failed(call)]
    calls.unhandled_exception = None
    with SETTINGS.lock:
        SETTINGS.outputs.difference_update([output for output in SETTINGS.outputs if _failed(output)])


def _failed(task: Any) -> bool:
    return bool(task.done() and not task.cancelled() and task.exception() is not None)


async def collect(
    paths: Mapping[str, str], ask: Callable[[str], Awaitable[T]], remedy: str
) -> tuple[dict[str, T], list[Problem]]:
    """Ask for each key of ``paths`` (id -> path in the config); what cannot be found becomes a problem there."""
    answers = await asyncio.gather(*[ask(key) for key in paths], return_exceptions=True)
    found: dict[str, T] = {}
    problems: list[Problem] = []
    for (key, path), answer in zip(paths.items(), answers, strict=True):
        if isinstance(answer, LookupFailed):
            problems.append(not_found(path, key, str(answer), remedy))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            found[key] = answer
    return found, problems
