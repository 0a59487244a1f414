"""The control plane and what must stand before the first node can join it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as k8s

from ray_platform import naming, policies
from ray_platform.account import AwsAccount
from ray_platform.components.network import Network
from ray_platform.components.roles import ServiceAccountRole, ServiceAccountRoleArgs
from ray_platform.components.security import Security
from ray_platform.config.sections import AccessEntryConfig, Settings, VpcCniConfig

# EKS's own cluster access policies, by the name the config uses.
# https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
ACCESS_POLICIES = {
    "cluster-admin": "AmazonEKSClusterAdminPolicy",
    "admin": "AmazonEKSAdminPolicy",
    "edit": "AmazonEKSEditPolicy",
    "view": "AmazonEKSViewPolicy",
}

# An addon that finds no node to run on is reported as failed after 20 minutes; a healthy one needs seconds.
ADDON_TIMEOUTS = pulumi.CustomTimeouts(create="20m", update="20m", delete="20m")


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    account: AwsAccount
    settings: Settings
    network: Network
    security: Security


class Cluster(pulumi.ComponentResource):
    """Log group, control plane, OIDC provider, and the two addons a node needs to become ready."""

    control_plane: eks.Cluster
    log_group: aws.cloudwatch.LogGroup | None
    oidc_provider: aws.iam.OpenIdConnectProvider
    kubernetes: k8s.Provider
    before_nodes: list[pulumi.Resource]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ray-platform:components:Cluster", naming.resource(name, "cluster"), {}, opts)
        self._name, self._args = name, args
        self.log_group = self._create_log_group()
        self.control_plane = self._create_control_plane()
        self.oidc_provider = self._create_oidc_provider()
        self.kubernetes = self._create_kubernetes_provider()
        self.before_nodes = [self._create_vpc_cni(), self._create_kube_proxy()]
        self.register_outputs({"name": self.name, "endpoint": self.endpoint, "oidcProviderArn": self.oidc_provider.arn})

    @property
    def name(self) -> pulumi.Output[str]:
        return self.control_plane.eks_cluster.name

    @property
    def version(self) -> pulumi.Output[str]:
        return self.control_plane.eks_cluster.version

    @property
    def endpoint(self) -> pulumi.Output[str]:
        return self.control_plane.eks_cluster.endpoint

    @property
    def issuer_url(self) -> pulumi.Output[str]:
        """The OIDC issuer, with ``https://``."""
        return self.control_plane.eks_cluster.identities[0].oidcs[0].issuer

    @property
    def kubeconfig(self) -> pulumi.Output[str]:
        """A kubeconfig as JSON, secret. It holds no credentials: kubectl asks ``aws eks get-token`` for them."""
        return pulumi.Output.secret(self.control_plane.kubeconfig_json)

    def service_account_role(
        self,
        suffix: str,
        *,
        namespace: str,
        service_account: str,
        managed_policy_arns: Mapping[str, str] | None = None,
        inline: Mapping[str, pulumi.Input[str]] | None = None,
        parent: pulumi.Resource,
    ) -> ServiceAccountRole:
        """A role for one service account of this cluster; its policies as in ``ServiceAccountRoleArgs``."""
        return ServiceAccountRole(
            naming.resource(self._name, suffix),
            ServiceAccountRoleArgs(
                cluster=self._args.settings.cluster.name,
                provider_arn=self.oidc_provider.arn,
                issuer=self.issuer_url.apply(lambda url: url.removeprefix("https://")),
                namespace=namespace,
                service_account=service_account,
                managed_policy_arns=managed_policy_arns or {},
                inline=inline or {},
            ),
            pulumi.ResourceOptions(parent=parent),
        )

    def _create_log_group(self) -> aws.cloudwatch.LogGroup | None:
        """Made before the control plane: EKS would otherwise make it, without a key and kept for ever."""
        if not self._args.settings.cluster.log_types:
            return None
        return aws.cloudwatch.LogGroup(
            naming.resource(self._name, "logs"),
            name=naming.log_group(self._args.settings.cluster.name),
            retention_in_days=self._args.settings.cluster.log_retention_days,
            kms_key_id=self._args.security.key_arn,
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.settings.operations.protect),
        )

    def _create_control_plane(self) -> eks.Cluster:
        config, security = self._args.settings.cluster, self._args.security
        before = [*security.cluster_role.ready, *([self.log_group] if self.log_group else [])]
        return eks.Cluster(
            self._name,
            name=config.name,
            version=config.kubernetes_version,
            vpc_id=self._args.network.vpc_id,
            subnet_ids=self._args.network.subnet_ids,
            service_role=security.cluster_role.role,
            cluster_security_group=security.node_security_group,
            encryption_config_key_arn=security.key_arn,
            enabled_cluster_log_types=list(config.log_types),
            endpoint_private_access=True,
            endpoint_public_access=config.endpoint_public_access,
            public_access_cidrs=list(config.public_access_cidrs) or None,
            kubernetes_service_ip_address_range=config.service_ipv4_cidr,
            authentication_mode=eks.AuthenticationMode.API,
            access_entries={key: self._access_entry(entry) for key, entry in config.access_entries.items()},
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=config.support_type),
            deletion_protection=self._args.settings.operations.deletion_protection,
            skip_default_node_group=True,
            skip_default_security_groups=True,
            create_oidc_provider=False,
            bootstrap_self_managed_addons=False,
            use_default_vpc_cni=True,
            kube_proxy_addon_options=eks.KubeProxyAddonOptionsArgs(enabled=False),
            coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False),
            opts=pulumi.ResourceOptions(parent=self, depends_on=before, protect=self._args.settings.operations.protect),
        )

    def _access_entry(self, entry: AccessEntryConfig) -> eks.AccessEntryArgs:
        scope = (
            aws.eks.AccessPolicyAssociationAccessScopeArgs(type="namespace", namespaces=list(entry.namespaces))
            if entry.namespaces
            else aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster")
        )
        policy_arn = self._args.account.access_policy_arn(ACCESS_POLICIES[entry.policy])
        return eks.AccessEntryArgs(
            principal_arn=entry.principal_arn,
            access_policies={entry.policy: eks.AccessPolicyAssociationArgs(policy_arn=policy_arn, access_scope=scope)},
        )

    def _create_oidc_provider(self) -> aws.iam.OpenIdConnectProvider:
        """Without thumbprints: AWS trusts its own certificate authority for EKS issuers and fills them in."""
        return aws.iam.OpenIdConnectProvider(
            naming.resource(self._name, "oidc"),
            url=self.issuer_url,
            client_id_lists=[policies.STS_AUDIENCE],
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.settings.operations.protect),
        )

    def addon(
        self,
        addon: str,
        *,
        version: str | None,
        values: Mapping[str, Any],
        role: ServiceAccountRole | None = None,
        parent: pulumi.Resource,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> aws.eks.Addon:
        """One EKS addon of this cluster, after ``depends_on`` and, where it has a role, after that role's policies.

        Conflicts with what is in the cluster already are overwritten. ``version`` None stands for EKS's default for
        the Kubernetes version: looked up, and not left to EKS, so that raising that version moves the addon as well.
        """
        return aws.eks.Addon(
            naming.resource(self._name, addon),
            addon_name=addon,
            addon_version=version or self._default_version(addon, parent),
            cluster_name=self.name,
            configuration_values=json.dumps(values, sort_keys=True) if values else None,
            service_account_role_arn=role.arn if role else None,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=pulumi.ResourceOptions(
                parent=parent,
                depends_on=[*depends_on, *(role.ready if role else [])],
                custom_timeouts=ADDON_TIMEOUTS,
                # A cluster has an addon once. One that failed is replaced (docs/recovery.md).
                delete_before_replace=True,
            ),
        )

    def _default_version(self, addon: str, parent: pulumi.Resource) -> pulumi.Output[str]:
        return aws.eks.get_addon_version_output(
            addon_name=addon,
            kubernetes_version=self._args.settings.cluster.kubernetes_version,
            opts=pulumi.InvokeOutputOptions(parent=parent),
        ).version

    def _create_kubernetes_provider(self) -> k8s.Provider:
        return k8s.Provider(
            naming.resource(self._name, "kubernetes"),
            kubeconfig=self.kubeconfig,
            enable_server_side_apply=True,
            # In place: replaced, the autoscaler's priorities would be away for a moment at every change of the pools.
            enable_config_map_mutable=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_vpc_cni(self) -> pulumi.Resource:
        config = self._args.settings.addons.vpc_cni
        role = self.service_account_role(
            "vpc-cni",
            namespace="kube-system",
            service_account="aws-node",
            managed_policy_arns={"cni": self._args.account.managed_policy_arn("AmazonEKS_CNI_Policy")},
            parent=self,
        )
        return self.addon("vpc-cni", version=config.version, values=vpc_cni_values(config), role=role, parent=self)

    def _create_kube_proxy(self) -> pulumi.Resource:
        config = self._args.settings.addons.kube_proxy
        return self.addon("kube-proxy", version=config.version, values=config.values, parent=self)


def vpc_cni_values(config: VpcCniConfig) -> dict[str, Any]:
    """The addon's configuration values. Network policies do nothing unless the CNI enforces them."""
    values: dict[str, Any] = {}
    if config.network_policy:
        values["enableNetworkPolicy"] = "true"
    if config.prefix_delegation:
        values["env"] = {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}
    return values | {key: _merged(values.get(key), given) for key, given in config.values.items()}


def _merged(ours: Any, given: Any) -> Any:
    return ours | given if isinstance(ours, dict) and isinstance(given, dict) else given
