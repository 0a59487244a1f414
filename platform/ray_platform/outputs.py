"""What a stack tells the outside: every output of the module this succeeds, and a kubeconfig."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pulumi

from ray_platform.account import AwsAccount
from ray_platform.components.cluster import Cluster
from ray_platform.components.cluster_autoscaler import ClusterAutoscaler
from ray_platform.components.node_pools import NodePools
from ray_platform.components.security import Security
from ray_platform.components.termination_handler import TerminationHandler
from ray_platform.config.node_pools import ResolvedPool
from ray_platform.config.sections import RayConfig, Settings
from ray_platform.costs.budget import budget_plan
from ray_platform.costs.estimate import estimate
from ray_platform.costs.prices import table_prices
from ray_platform.manifests.ray_names import HEAD_PORTS, TOKEN_KEY, head_service, token_secret
from ray_platform.scheduling.layout import RayLayout


def describe_cluster(cluster: Cluster, security: Security) -> dict[str, pulumi.Input[Any]]:
    control_plane = cluster.control_plane.eks_cluster
    return {
        "clusterId": control_plane.id,
        "clusterName": cluster.name,
        "clusterArn": control_plane.arn,
        "clusterEndpoint": cluster.endpoint,
        "clusterVersion": cluster.version,
        "clusterCertificateAuthority": control_plane.certificate_authority.data,
        "clusterSecurityGroupId": control_plane.vpc_config.cluster_security_group_id,
        "nodeSecurityGroupId": security.node_security_group.id,
        "clusterRoleArn": security.cluster_role.role.arn,
        "nodeRoleArn": security.node_role.role.arn,
        "kmsKeyArn": security.key_arn,
        "logGroupName": cluster.log_group.name if cluster.log_group else None,
        "oidcIssuer": cluster.issuer_url,
        "oidcProviderArn": cluster.oidc_provider.arn,
    }


def describe_nodes(
    pools: NodePools, autoscaler: ClusterAutoscaler, termination_handler: TerminationHandler
) -> dict[str, pulumi.Input[Any]]:
    return {
        "nodeGroups": {
            name: {
                "id": pool.node_group.id,
                "status": pool.node_group.status,
                "autoScalingGroup": pool.autoscaling_group_name,
            }
            for name, pool in pools.pools.items()
        },
        "clusterAutoscalerRoleArn": autoscaler.role.arn if autoscaler.role else None,
        "terminationHandlerRoleArn": termination_handler.role.arn if termination_handler.role else None,
        "terminationHandlerQueueUrl": termination_handler.queue.url if termination_handler.queue else None,
    }


def describe_access(cluster: Cluster, account: AwsAccount, settings: Settings) -> dict[str, pulumi.Input[Any]]:
    """How to reach the cluster. The kubeconfig is secret: ``pulumi stack output kubeconfig --show-secrets``."""
    command = cluster.name.apply(lambda name: f"aws eks update-kubeconfig --region {account.region} --name {name}")
    way_in = (
        "The API endpoint is public for the CIDRs in cluster.publicAccessCidrs."
        if settings.cluster.endpoint_public_access
        else "The API endpoint is private: run kubectl from inside the VPC, or through a VPN or a tunnel into it."
    )
    return {
        "region": account.region,
        "kubeconfig": cluster.kubeconfig,
        "kubeconfigCommand": command,
        "accessInstructions": command.apply(
            lambda text: (
                f"{way_in} Then either `{text}` writes to ~/.kube/config (or to $KUBECONFIG), or "
                "`pulumi stack output kubeconfig --show-secrets > kubeconfig.json` keeps it apart."
            )
        ),
    }


def describe_ray(ray: RayConfig, layout: RayLayout | None) -> dict[str, pulumi.Input[Any]]:
    """Where Ray runs, and three commands for people: reach it, get its token into a variable unseen, submit a job.

    ``ray`` is also what the next update compares itself with (``previous``). All are None when Ray is switched off.
    """
    names = ("ray", "rayDashboardCommand", "rayTokenCommand", "raySubmitCommand")
    if layout is None:
        return dict.fromkeys(names)
    port, kubectl = HEAD_PORTS["dashboard"], f"kubectl -n {ray.namespace}"
    secret = f"secret {token_secret(ray.name)} -o jsonpath='{{.data.{TOKEN_KEY}}}'"
    stack = {
        "name": ray.name,
        "namespace": ray.namespace,
        "version": ray.version,
        "upgradeStrategy": ray.upgrade_strategy,
        "idleTimeoutSeconds": ray.idle_timeout_seconds,
        **layout.as_output(),
    }
    dashboard = f"{kubectl} port-forward service/{head_service(ray.name)} {port}:{port}"
    token = f'export RAY_AUTH_MODE=token RAY_AUTH_TOKEN="$({kubectl} get {secret} | base64 --decode)"'
    submit = f"ray job submit --address http://127.0.0.1:{port} --working-dir . -- python YOUR_SCRIPT.py"
    return dict(zip(names, (stack, dashboard, token, submit), strict=True))


def describe_stack(
    settings: Settings, pools: Sequence[ResolvedPool], tags: Mapping[str, str], on: date | None = None
) -> dict[str, pulumi.Input[Any]]:
    """Tags and cost, the latter at the prices of a day, by default of today, and with the budget where there is one."""
    day = on or date.today()
    cost = estimate(settings, pools, table_prices(), on=day).as_output()
    plan = budget_plan(settings, pools, tags, on=day)
    budget = {"budget": plan.as_output()} if plan else {}
    return {"resourceTags": dict(tags), "estimatedMonthlyCost": cost | budget}


def all_of(*groups: Mapping[str, pulumi.Input[Any]]) -> dict[str, pulumi.Input[Any]]:
    """The outputs of the stack: every entry of every group."""
    return {name: value for group in groups for name, value in group.items()}
