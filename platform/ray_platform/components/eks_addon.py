"""EKS managed addons, all made the same way."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

# An addon that finds no node to run on is reported as failed after 20 minutes; a healthy one needs seconds.
TIMEOUTS = pulumi.CustomTimeouts(create="20m", update="20m", delete="20m")


@dataclass(frozen=True, kw_only=True)
class EksAddonArgs:
    """``version`` None stands for EKS's default version of the addon for ``kubernetes_version``.

    It is looked up rather than left to EKS, so that raising the Kubernetes version moves the addon as well.
    """

    addon: str
    cluster_name: pulumi.Input[str]
    kubernetes_version: str
    version: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    role_arn: pulumi.Input[str] | None = None


def eks_addon(
    name: str, args: EksAddonArgs, *, parent: pulumi.Resource, depends_on: Sequence[pulumi.Resource] = ()
) -> aws.eks.Addon:
    """One managed addon. Conflicts with what is already in the cluster are overwritten, on create and on update."""
    return aws.eks.Addon(
        name,
        addon_name=args.addon,
        addon_version=args.version or _default_version(args, parent),
        cluster_name=args.cluster_name,
        configuration_values=json.dumps(args.values, sort_keys=True) if args.values else None,
        service_account_role_arn=args.role_arn,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[*depends_on], custom_timeouts=TIMEOUTS),
    )


def _default_version(args: EksAddonArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
    return aws.eks.get_addon_version_output(
        addon_name=args.addon,
        kubernetes_version=args.kubernetes_version,
        opts=pulumi.InvokeOutputOptions(parent=parent),
    ).version
