"""IAM roles together with the policies they stand on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ray_platform import naming, policies


@dataclass(frozen=True, kw_only=True)
class AttachedRole:
    """A role that is of use only once its policies are attached: whoever uses it depends on ``ready`` too."""

    role: aws.iam.Role
    ready: Sequence[pulumi.Resource]


@dataclass(frozen=True, kw_only=True)
class ServiceAccountRoleArgs:
    """``issuer`` is the OIDC issuer without ``https://``; ``inline`` maps a policy's name to its JSON document."""

    cluster: str
    provider_arn: pulumi.Input[str]
    issuer: pulumi.Input[str]
    namespace: str
    service_account: str
    managed_policy_arns: Mapping[str, str] = field(default_factory=dict)
    inline: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class ServiceAccountRole(pulumi.ComponentResource):
    """A role that exactly one Kubernetes service account can assume (IRSA)."""

    role: aws.iam.Role
    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: ServiceAccountRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:ServiceAccountRole", name, {}, opts)
        trust = pulumi.Output.all(args.provider_arn, args.issuer).apply(
            lambda known: policies.service_account_trust(
                provider_arn=known[0],
                issuer=known[1],
                namespace=args.namespace,
                service_account=args.service_account,
            )
        )
        attached = attached_role(
            name,
            description=f"{args.namespace}/{args.service_account} in EKS cluster {args.cluster}",
            trust=trust,
            managed_policy_arns=args.managed_policy_arns,
            inline=args.inline,
            parent=self,
        )
        self.role, self.ready = attached.role, attached.ready
        self.register_outputs({"arn": self.role.arn})

    @property
    def arn(self) -> pulumi.Output[str]:
        return self.role.arn


def attached_role(
    name: str,
    *,
    description: str,
    trust: pulumi.Input[str],
    managed_policy_arns: Mapping[str, str],
    inline: Mapping[str, pulumi.Input[str]] | None = None,
    parent: pulumi.Resource,
) -> AttachedRole:
    """A role with its policies. ``managed_policy_arns`` maps a short logical name to the ARN to attach."""
    opts = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(name, description=description, assume_role_policy=trust, opts=opts)
    attachments = [
        aws.iam.RolePolicyAttachment(naming.resource(name, short), role=role.name, policy_arn=arn, opts=opts)
        for short, arn in managed_policy_arns.items()
    ]
    own = [
        aws.iam.RolePolicy(naming.resource(name, short), role=role.name, policy=document, opts=opts)
        for short, document in (inline or {}).items()
    ]
    return AttachedRole(role=role, ready=[*attachments, *own])
