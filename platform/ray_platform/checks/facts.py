"""What the checks know of the account and of this machine: plain values, read by ``survey``.

A part that is None could not be read, or is not there to be read; its field says which. What could not be read for want
of rights is in ``Facts.unread`` as well, so that silence never looks like health.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from ray_platform.account import AwsAccount
from ray_platform.config.network_rules import SubnetFacts, VpcFacts
from ray_platform.config.node_pools import InstanceFacts, ResolvedPool
from ray_platform.config.sections import Settings
from ray_platform.scheduling.layout import RayLayout


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route. ``destination`` is an IPv4 block or the id of a prefix list; ``target`` the id of what it leads to
    (``local`` within the VPC); an inactive one is a black hole: its target is gone.
    """

    destination: str
    target: str
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class RouteTable:
    """A route table of the VPC. ``subnet_ids`` are those associated with it; the main one serves all others."""

    table_id: str
    main: bool
    subnet_ids: tuple[str, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True, kw_only=True)
class NatGateway:
    gateway_id: str
    subnet_id: str
    state: str
    """As EC2 tells it: pending, available, failed, deleting or deleted."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A VPC endpoint. ``service`` is the part of its service's name after the region, as ``ecr.api``.

    ``admitted`` are the IPv4 blocks and the ids of security groups that its own groups let in on 443/tcp; empty for a
    gateway. ``state`` as EC2 tells it (``available``, ``pendingAcceptance`` …).
    """

    endpoint_id: str
    service: str
    kind: Literal["Interface", "Gateway"]
    state: str
    private_dns: bool
    subnet_ids: tuple[str, ...]
    route_table_ids: tuple[str, ...]
    admitted: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NetworkFacts:
    """The given network. ``free_blocks``: subnet id -> its /28 blocks without an address in use, reserved or AWS's."""

    vpc: VpcFacts | None = None
    subnets: tuple[SubnetFacts, ...] = ()
    route_tables: tuple[RouteTable, ...] | None = None
    nat_gateways: tuple[NatGateway, ...] | None = None
    endpoints: tuple[Endpoint, ...] | None = None
    free_blocks: Mapping[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Quota:
    """One vCPU quota. ``limit`` is what the account may have, ``in_use`` what runs outside this cluster, in vCPUs."""

    code: str
    name: str
    limit: float
    in_use: int


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """The given KMS key. ``policy`` is None where it may not be read."""

    arn: str
    state: str
    """As KMS tells it: Enabled, Disabled, PendingDeletion …"""
    spec: str
    usage: str
    policy: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Ailing:
    """A part of the cluster that is not as it should be. ``status`` and ``issues`` are in EKS's words."""

    kind: Literal["node group", "addon"]
    name: str
    status: str
    issues: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClusterFacts:
    """An EKS cluster of the configured name that exists already. ``principals`` are the ARNs of its access entries.

    ``ailing`` are its node groups and addons of which EKS says that they failed or are DEGRADED.
    """

    name: str
    version: str
    status: str
    endpoint: str
    tags: Mapping[str, str]
    principals: frozenset[str] | None
    ailing: tuple[Ailing, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """A resource of a name that the stack will want. ``physical_id`` is what Pulumi has as its id when it holds it."""

    kind: Literal["log group", "key alias", "queue"]
    type_token: str
    logical_name: str
    physical_id: str


@dataclass(frozen=True, kw_only=True)
class Machine:
    """This machine. Versions as the tools tell them (``3.259.0``), None where a tool is not on PATH.

    ``addresses`` are its own IPv4 addresses; ``reaches_endpoint`` whether the endpoint of an existing cluster takes a
    connection from here, None without one.
    """

    pulumi: str | None
    aws_cli: str | None
    kubectl: str | None
    addresses: tuple[str, ...] = ()
    reaches_endpoint: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Unread:
    """Something AWS did not tell. ``action`` is the IAM action, ``reason`` AWS's own words."""

    what: str
    action: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All of it. ``caller_arn`` is None without valid credentials, and everything of AWS is empty then.

    ``offerings``: instance type -> zones that offer it. ``quotas`` by quota code. ``addon_versions``: addon -> versions
    EKS offers for the configured Kubernetes version. ``cluster`` is None when there is none of that name.
    ``missing_principals`` are those of the access entries in the config that IAM does not know. ``holdings`` are the
    physical ids of the resources in the stack's state, None when the state cannot be read.
    """

    today: date
    machine: Machine
    caller_arn: str | None = None
    account: AwsAccount | None = None
    network: NetworkFacts = field(default_factory=NetworkFacts)
    instance_types: Mapping[str, InstanceFacts] = field(default_factory=dict)
    offerings: Mapping[str, frozenset[str]] | None = None
    quotas: Mapping[str, Quota] | None = None
    key: KeyFacts | None = None
    addon_versions: Mapping[str, tuple[str, ...]] | None = None
    cluster: ClusterFacts | None = None
    missing_principals: frozenset[str] = frozenset()
    leftovers: tuple[Leftover, ...] = ()
    holdings: frozenset[str] | None = None
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the rules look at: a configuration that is valid in itself, what it becomes, and the facts."""

    settings: Settings
    pools: tuple[ResolvedPool, ...]
    layout: RayLayout | None
    facts: Facts
