"""The `eks` package: pulumi-eks' Cluster component, with the children and the outputs the real one has.

Built after pulumi-eks 4 (nodejs/eks/cluster/cluster.ts and authenticationMode.ts), for a control plane alone:
no default node group, security groups or addons. What it does not build it refuses. Two things that the real
one does are left out, because they reach outside: it runs `aws --version` first, and it waits until a public
endpoint answers.

As in the real one, children do not inherit the component's `depends_on`: they come after it only because the
engine constructs the component when its dependencies are there, and go before it because a child goes before
its parent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi.provider import ConstructResult, Provider

from simulator.eks.kubeconfig import kubeconfig
from simulator.eks.options import option_problems

TOKEN = "eks:index:Cluster"
VERSION = version("pulumi-eks")


class EksProvider(Provider):
    """Constructs the component. Raises pulumi.InputPropertiesError for options that it does not play."""

    def __init__(self) -> None:
        super().__init__(VERSION)

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        if resource_type != TOKEN:
            raise pulumi.InputPropertiesError(f"the simulator has no component {resource_type}")
        if problems := option_problems(inputs):
            raise pulumi.InputPropertiesError(
                "these options cannot be used with the simulator",
                [{"property_path": path, "reason": reason} for path, reason in problems],
            )
        cluster = Cluster(name, dict(inputs), options)
        return ConstructResult(urn=cluster.urn, state=cluster.state)

    def call(self, token: str, args: pulumi.Inputs) -> Any:
        raise pulumi.InputPropertiesError(f"the simulator has no method {token}")


class Cluster(pulumi.ComponentResource):
    """The component: a control plane, its access entries, and a Kubernetes provider for it."""

    def __init__(self, name: str, args: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TOKEN, name, args, opts)
        self._name = name
        self._args = args
        self.eks_cluster = self._create_control_plane()
        self._user_kubeconfig = self._kubeconfig(profile=False)
        self.provider = pulumi.ProviderResource(
            "kubernetes",
            f"{name}-eks-k8s",
            {
                "kubeconfig": self._kubeconfig(profile=True).apply(_compact_json),
                "enableConfigMapMutable": args.get("enableConfigMapMutable"),
            },
            pulumi.ResourceOptions(parent=self, version=version("pulumi-kubernetes")),
        )
        for entry_name, entry in (args.get("accessEntries") or {}).items():
            self._create_access_entry(f"{name}-{entry_name}", entry)
        self.state = self._outputs()
        self.register_outputs(self.state)

    def _create_control_plane(self) -> aws.eks.Cluster:
        args = self._args
        return aws.eks.Cluster(
            f"{self._name}-eksCluster",
            name=args.get("name"),
            role_arn=_member(args["serviceRole"], "arn"),
            kubernetes_network_config=self._kubernetes_network(),
            bootstrap_self_managed_addons=args.get("bootstrapSelfManagedAddons", True),
            vpc_config={
                "security_group_ids": [_member(args["clusterSecurityGroup"], "id")],
                "subnet_ids": self._subnet_ids,
                "endpoint_private_access": args.get("endpointPrivateAccess"),
                "endpoint_public_access": args.get("endpointPublicAccess"),
                "public_access_cidrs": args.get("publicAccessCidrs"),
            },
            version=args.get("version"),
            enabled_cluster_log_types=args.get("enabledClusterLogTypes"),
            tags=pulumi.Output.all(args.get("clusterTags"), args.get("tags")).apply(
                lambda both: {"Name": f"{self._name}-eksCluster", **(both[0] or {}), **(both[1] or {})}
            ),
            encryption_config=self._encryption(),
            access_config={
                "authentication_mode": args["authenticationMode"],
                "bootstrap_cluster_creator_admin_permissions": True,
            },
            upgrade_policy=args.get("upgradePolicy"),
            deletion_protection=args.get("deletionProtection"),
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=[
                    "accessConfig.bootstrapClusterCreatorAdminPermissions",
                    "bootstrapSelfManagedAddons",
                ],
            ),
        )

    @property
    def _subnet_ids(self) -> Any:
        return self._args.get("subnetIds") or self._args.get("privateSubnetIds")

    def _encryption(self) -> Any:
        key_arn = self._args.get("encryptionConfigKeyArn")
        return key_arn and {"provider": {"key_arn": key_arn}, "resources": ["secrets"]}

    def _kubernetes_network(self) -> Any:
        cidr, family = self._args.get("kubernetesServiceIpAddressRange"), self._args.get("ipFamily")
        if cidr is None and family is None:
            return None
        return pulumi.Output.all(cidr, family).apply(
            lambda both: {
                "serviceIpv4Cidr": both[0] if (both[1] or "ipv4") == "ipv4" else None,
                "ipFamily": both[1] or "ipv4",
            }
        )

    def _create_access_entry(self, name: str, entry: Mapping[str, Any]) -> None:
        made = aws.eks.AccessEntry(
            name,
            cluster_name=self.eks_cluster.name,
            principal_arn=entry["principalArn"],
            kubernetes_groups=entry.get("kubernetesGroups"),
            tags=entry.get("tags"),
            type=entry.get("type"),
            user_name=entry.get("username"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.eks_cluster]),
        )
        for policy_name, policy in (entry.get("accessPolicies") or {}).items():
            aws.eks.AccessPolicyAssociation(
                f"{name}-{policy_name}",
                cluster_name=self.eks_cluster.name,
                principal_arn=entry["principalArn"],
                policy_arn=policy["policyArn"],
                access_scope=policy["accessScope"],
                opts=pulumi.ResourceOptions(parent=made, depends_on=[made]),
            )

    def _kubeconfig(self, *, profile: bool) -> pulumi.Output[dict[str, Any]]:
        """With the AWS profile for the Kubernetes provider, without it for the users."""
        ambient = pulumi.Config("aws").get("profile")
        credentials = self._args.get("providerCredentialOpts") or (ambient and {"profileName": ambient}) or {}
        cluster = self.eks_cluster
        return pulumi.Output.all(
            name=cluster.name,
            endpoint=cluster.endpoint,
            certificate=cluster.certificate_authority.data,
            region=cluster.arn.apply(lambda arn: arn.split(":")[3]),
            credentials=credentials,
        ).apply(lambda known: kubeconfig(**known, with_profile=profile))

    def _outputs(self) -> dict[str, Any]:
        cluster, args = self.eks_cluster, self._args
        group = args["clusterSecurityGroup"]
        issuer = cluster.identities.apply(_issuer)
        return {
            "kubeconfig": self._user_kubeconfig,
            "kubeconfigJson": self._user_kubeconfig.apply(_compact_json),
            "clusterSecurityGroup": group,
            "instanceRoles": [],
            "eksCluster": cluster,
            "core": self._core(group),
            "clusterSecurityGroupId": _member(group, "id"),
            "nodeSecurityGroupId": cluster.vpc_config.cluster_security_group_id,
            "clusterIngressRuleId": "",
            "defaultNodeGroupAsgName": "",
            "fargateProfileId": "",
            "fargateProfileStatus": "",
            "oidcProviderArn": "",
            "oidcProviderUrl": issuer,
            "oidcIssuer": issuer.apply(lambda url: url.replace("https://", "")),
            "autoModeNodeRoleName": "",
        }

    def _core(self, group: Any) -> dict[str, Any]:
        args = self._args
        core = {
            "vpcId": args["vpcId"],
            "subnetIds": self._subnet_ids,
            "privateSubnetIds": args.get("privateSubnetIds"),
            "clusterSecurityGroup": group,
            "cluster": self.eks_cluster,
            "endpoint": self.eks_cluster.endpoint,
            "nodeGroupOptions": {"version": args["version"]} if args.get("version") else {},
            "kubeconfig": self._user_kubeconfig,
            "provider": self.provider,
            "instanceRoles": [],
            "tags": args.get("tags"),
            "storageClasses": {},
            "encryptionConfig": self._encryption(),
            "clusterIamRole": args["serviceRole"],
            "accessEntries": list((args.get("accessEntries") or {}).values()),
            "autoModeNodeRoleName": "",
        }
        return {name: value for name, value in core.items() if value is not None}


def _issuer(identities: Any) -> str:
    return str(identities[0].oidcs[0].issuer) if identities else ""


def _member(resource: Any, name: str) -> pulumi.Output[str]:
    """An output of a resource that is an input of the component."""
    return pulumi.Output.from_input(resource).apply(lambda known: getattr(known, name))


def _compact_json(value: Any) -> str:
    """JSON as JavaScript writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
