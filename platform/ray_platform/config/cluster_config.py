"""The section `cluster`: the EKS control plane and who reaches it."""

import re
from ipaddress import IPv4Network
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from ray_platform.config.fields import (
    FromList,
    Kind,
    Namespace,
    PrincipalArn,
    Section,
    Unique,
    entries,
    ipv4_network,
    matching,
    refusal,
)
from ray_platform.naming import CLUSTER_NAME_MAX
from ray_platform.versions import DEFAULT_KUBERNETES_VERSION, KUBERNETES_MINORS

# CloudWatch Logs API reference, PutRetentionPolicy; 0 is "never expire".
LOG_RETENTION_DAYS: Final = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

PRIVATE_NETWORKS: Final = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

# No network of one's own is larger, and what is may reach into private ranges.
LARGEST_PUBLIC_BLOCK: Final = 8

LogType = Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]
AccessPolicy = Literal["cluster-admin", "admin", "edit", "view"]


class AccessEntryConfig(Section):
    """One IAM principal's access to the cluster."""

    principal_arn: PrincipalArn = Field(
        description="IAM role or user that gets access.",
        examples=["arn:aws:iam::123456789012:role/platform-admin"],
    )
    policy: AccessPolicy = Field(default="cluster-admin", description="EKS access policy it gets.")
    namespaces: Annotated[tuple[Namespace, ...], FromList, Unique] = Field(
        default=(), description="Namespaces the policy is limited to; empty means the whole cluster."
    )

    @field_validator("namespaces")
    @classmethod
    def _cluster_admin_is_unlimited(cls, namespaces: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if namespaces and info.data.get("policy") == "cluster-admin":
            raise refusal(
                "no namespaces with the policy cluster-admin, which is for the whole cluster",
                "Choose the policy admin, edit or view, or remove the namespaces.",
            )
        return namespaces


def _quoted(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        read = str(value) if isinstance(value, float) else ""
        wanted = read if read in KUBERNETES_MINORS else DEFAULT_KUBERNETES_VERSION
        raise refusal(
            "a supported version in quotes; YAML reads an unquoted one as a number (1.30 becomes 1.3)",
            f'Write kubernetesVersion: "{wanted}"; or {{set}} {wanted}',
        )
    return value


def _supported(version: str) -> str:
    if version not in KUBERNETES_MINORS:
        known = ", ".join(
            f"{minor} (standard support until {facts.standard_support_until})"
            for minor, facts in KUBERNETES_MINORS.items()
        )
        raise refusal(f"a supported Kubernetes minor version: {known}", f"{{set}} {DEFAULT_KUBERNETES_VERSION}")
    return version


def _admitted(block: str) -> str:
    network = ipv4_network(block)
    if network.prefixlen == 0:
        raise refusal("not the whole internet", "{set} YOUR_ADDRESS/32")
    if network.prefixlen < LARGEST_PUBLIC_BLOCK:
        raise refusal(f"/{LARGEST_PUBLIC_BLOCK} or longer; two /1 are the whole internet", "{set} YOUR_ADDRESS/32")
    if any(network.subnet_of(private) for private in PRIVATE_NETWORKS):
        raise refusal(
            "a public block: nobody reaches the public endpoint from a private address",
            "{set} YOUR_ADDRESS/32 (the address your network shows to the internet)",
        )
    return block


def _service_network(block: str) -> str:
    network = ipv4_network(block)
    private = any(network.subnet_of(allowed) for allowed in PRIVATE_NETWORKS)
    if not private or not 12 <= network.prefixlen <= 24:
        raise refusal(
            "a block of /12 to /24 within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
            "{set} 172.20.0.0/16; or remove the key to let EKS choose",
        )
    return block


def _cluster_name(name: str) -> str:
    if re.fullmatch(r"[0-9A-Za-z][A-Za-z0-9\-_]*", name) is None or len(name) > CLUSTER_NAME_MAX:
        raise refusal(
            f"1 to {CLUSTER_NAME_MAX} letters, digits, '-' and '_', beginning with a letter or digit",
            "{set} ray-ml-cluster",
        )
    if name.startswith("sg-"):
        raise refusal(
            "a name not beginning with sg-: the security group is named after the cluster, and EC2 keeps sg- for ids",
            "{set} " + (name.removeprefix("sg-") or "ray-ml-cluster"),
        )
    return name


EntryName = Annotated[
    str,
    Kind("NAME"),
    matching(
        r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?",
        "a name of at most 40 lower case letters, digits and hyphens, beginning with a letter",
        "Rename it, for instance to admins.",
    ),
]


class ClusterConfig(Section):
    """The EKS control plane and who reaches it."""

    name: Annotated[str, AfterValidator(_cluster_name)] = Field(
        default="ray-ml-cluster",
        description="Name of the EKS cluster; a change replaces the cluster.",
    )
    kubernetes_version: Annotated[
        str, Kind("Kubernetes minor version"), AfterValidator(_supported), BeforeValidator(_quoted)
    ] = Field(
        default=DEFAULT_KUBERNETES_VERSION,
        description="Kubernetes minor version of control plane and nodes, in quotes.",
    )
    support_type: Literal["STANDARD", "EXTENDED"] = Field(
        default="STANDARD",
        description="At the end of standard support: be upgraded by EKS, or stay at six times the price.",
    )
    endpoint_public_access: bool = Field(
        default=False,
        description="Also open the Kubernetes API to publicAccessCidrs; it is always open to the VPC.",
    )
    # EKS quota "Public endpoint access CIDR ranges per cluster", not adjustable.
    public_access_cidrs: Annotated[
        tuple[Annotated[str, Kind("IPv4 block"), AfterValidator(_admitted)], ...],
        FromList,
        entries(at_most=40),
        Unique,
        entries,
    ] = Field(default=(), description="IPv4 blocks that may reach the public endpoint.")
    access_entries: dict[EntryName, AccessEntryConfig] = Field(
        default={}, description="IAM principals with access to the cluster, by a name of your choice."
    )
    log_types: Annotated[tuple[LogType, ...], FromList, Unique] = Field(
        default=("api", "audit", "authenticator", "controllerManager", "scheduler"),
        description="Control plane logs sent to CloudWatch; empty means none.",
    )
    log_retention_days: Annotated[int, Kind(f"one of {', '.join(map(str, LOG_RETENTION_DAYS))}")] = Field(
        default=7, description="Days CloudWatch keeps the control plane logs; 0 keeps them for ever."
    )
    service_ipv4_cidr: Annotated[str, Kind("IPv4 block"), AfterValidator(_service_network)] | None = Field(
        default=None,
        description="Addresses of Kubernetes services, /12 to /24, apart from the VPC's; EKS chooses when "
        "unset. A change replaces the cluster.",
    )

    @field_validator("public_access_cidrs")
    @classmethod
    def _fit_the_endpoint(cls, cidrs: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        public = info.data.get("endpoint_public_access")
        if public is True and not cidrs:
            raise refusal(
                "at least one block while endpointPublicAccess is true",
                "pulumi config set --path '{key}[0]' YOUR_ADDRESS/32",
            )
        if public is False and cidrs:
            raise refusal(
                "empty while endpointPublicAccess is false: the blocks would do nothing",
                "Set endpointPublicAccess to true, or remove the blocks.",
            )
        return cidrs

    @field_validator("access_entries")
    @classmethod
    def _one_entry_per_principal(cls, entries: dict[str, AccessEntryConfig]) -> dict[str, AccessEntryConfig]:
        first: dict[str, str] = {}
        for name, entry in entries.items():
            other = first.setdefault(entry.principal_arn, name)
            if other != name:
                raise refusal(
                    f"one entry for each principal, as EKS demands; {other} names it already",
                    f"Remove one of {other} and {name}.",
                    at=(name, "principalArn"),
                )
        return entries

    @field_validator("log_retention_days")
    @classmethod
    def _offered_by_cloudwatch(cls, days: int) -> int:
        if days not in LOG_RETENTION_DAYS:
            nearest = min(LOG_RETENTION_DAYS, key=lambda offered: abs(offered - days))
            raise refusal(f"one of {', '.join(map(str, LOG_RETENTION_DAYS))}", f"{{set}} {nearest}")
        return days
