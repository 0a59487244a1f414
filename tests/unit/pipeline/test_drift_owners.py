"""The table of what belongs to others: what it takes, what it leaves, and that the document has all of it."""

from pathlib import Path
from typing import Any

import pytest

from ray_platform.pipeline.drift_owners import AUTOSCALER, AWS, EKS, OWNED, RAY, Owned, owner_of
from ray_platform.pipeline.drift_paths import Difference, keys_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "drift.md"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
RAY_CLUSTER = "kubernetes:ray.io/v1:RayCluster"


def owner(type_: str, path: str, expected: Any = None, found: Any = None) -> str | None:
    row = owner_of(type_, Difference(keys=keys_of(path), expected=expected, found=found))
    return row.owner if row else None


@pytest.mark.parametrize(
    ("type_", "path", "whose"),
    [
        (NODE_GROUP, "scalingConfig.desiredSize", AUTOSCALER),
        (RAY_CLUSTER, "spec.workerGroupSpecs[1].replicas", RAY),
        (RAY_CLUSTER, "spec.workerGroupSpecs[1].scaleStrategy.workersToDelete[0]", RAY),
        (NODE_GROUP, 'tags["aws:cloudformation:stack-name"]', AWS),
        (NODE_GROUP, 'tags["eks:nodegroup-name"]', EKS),
        ("aws:ec2/securityGroup:SecurityGroup", 'tags["kubernetes.io/cluster/ray-dev"]', EKS),
        (NODE_GROUP, 'tags["k8s.io/cluster-autoscaler/enabled"]', EKS),
        ("kubernetes:apps/v1:Deployment", "status.readyReplicas", "Kubernetes controllers"),
        ("kubernetes:core/v1:ServiceAccount", "metadata.resourceVersion", "Kubernetes API server"),
        (
            "kubernetes:apps/v1:Deployment",
            'metadata.annotations["deployment.kubernetes.io/revision"]',
            "Kubernetes controllers",
        ),
        ("pulumi:pulumi:StackReference", "outputs.vpcId", "the other stack"),
    ],
)
def test_what_others_change_all_the_time_is_theirs(type_: str, path: str, whose: str) -> None:
    assert owner(type_, path, found="something") == whose


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        (NODE_GROUP, "scalingConfig.maxSize"),
        (NODE_GROUP, "scalingConfig.minSize"),
        (RAY_CLUSTER, "spec.workerGroupSpecs[0].maxReplicas"),
        (RAY_CLUSTER, "spec.headGroupSpec.template.spec.containers[0].image"),
        (NODE_GROUP, "tags.team"),
        ("aws:autoscaling/tag:Tag", "tag.value"),
        ("aws:eks/addon:Addon", "addonVersion"),
        ("aws:eks/cluster:Cluster", "version"),
        ("kubernetes:apps/v1:Deployment", "spec.replicas"),
        ("kubernetes:apps/v1:Deployment", "metadata.labels.app"),
        ("kubernetes:networking.k8s.io/v1:NetworkPolicy", "spec.ingress[0].ports[0].port"),
        ("aws:iam/role:Role", "status"),
    ],
)
def test_everything_else_counts(type_: str, path: str) -> None:
    assert owner(type_, path, expected="a", found="b") is None


def test_a_tag_that_the_program_sets_is_the_programs_whatever_its_name() -> None:
    assert owner(NODE_GROUP, 'tags["k8s.io/cluster-autoscaler/enabled"]', expected="true", found="false") is None


def test_a_default_is_the_api_servers_with_its_own_value_only() -> None:
    hosts = "spec.workerGroupSpecs[0].numOfHosts"
    protocol = "spec.ingress[0].ports[0].protocol"
    policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

    assert (owner(RAY_CLUSTER, hosts, found=1), owner(policy, protocol, found="TCP")) == (
        "Kubernetes API server",
        "Kubernetes API server",
    )
    assert (owner(RAY_CLUSTER, hosts, found=4), owner(policy, protocol, found="UDP")) == (None, None)
    assert owner(policy, protocol, expected="UDP", found="TCP") is None


@pytest.mark.parametrize("row", OWNED, ids=[f"{row.type} {row.path}" for row in OWNED])
def test_the_document_has_the_row(row: Owned) -> None:
    what = f"`{row.path}`" if row.path else "all of it"
    assert f"| `{row.type}` | {what} | {row.owner} | {row.reason} |" in DOCUMENT.read_text(encoding="utf-8")
