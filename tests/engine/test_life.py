"""A stack's whole life: up, up again, edits, replacement, destroy. The tests run in order on one stack."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.errors import CommandError

from ray_platform.plan.picture import picture
from ray_platform.plan.timeline import timeline
from tests.support.deployment import Deployment, Run, Step, account, deployment, made, new_place, objects
from tests.support.graph import recorded
from tools.dependencies.leaks import in_state

pytestmark = pytest.mark.engine

NEVER_REPLACED = {"RayCluster", "Cluster", "Key", "LogGroup", "OpenIdConnectProvider", "SecurityGroup"}
DEFINITIONS = [f"kuberay-crds-{kind}.ray.io" for kind in ("rayclusters", "rayjobs", "rayservices")]
REPLACING = {"create-replacement", "delete-replaced", "replace", "delete"}


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployment(new_place(tmp_path_factory.mktemp("life"))) as running:
        yield running


@pytest.fixture(scope="module")
def before(dev: Deployment) -> dict[str, Any]:
    """The account before anything was made."""
    return account(dev.place)


@pytest.fixture(scope="module")
def first_up(dev: Deployment, before: dict[str, Any]) -> Run:
    assert before["resources"] == []
    return dev.up()


def position(run: Run, type_: str, name: str) -> int:
    return run.index("create", type_, f"ray-dev-{name}")


def test_up_makes_everything_in_the_account(dev: Deployment, first_up: Run) -> None:
    assert set(first_up.changes) == {"create"}
    assert {each["inputs"]["addonName"] for each in made(dev.place, "Addon")} == {
        "vpc-cni",
        "kube-proxy",
        "coredns",
        "aws-ebs-csi-driver",
    }
    assert len(made(dev.place, "NodeGroup")) == 3
    assert first_up.outputs["clusterName"] == "ray-dev"
    assert first_up.outputs["nodeGroups"]["cpu"]["status"] == "ACTIVE"


def test_the_state_holds_no_secret_in_clear_unless_it_is_asked_for(dev: Deployment, first_up: Run) -> None:
    assert in_state(dev.stored_state()) == []
    shown = in_state(dev.stack.export_stack().deployment or {})
    assert any(each.endswith("outputs.kubeconfig: a secret, exported in clear") for each in shown)


def test_up_makes_ray_with_a_group_for_each_pool(dev: Deployment, first_up: Run) -> None:
    (cluster,) = objects(dev.place, "RayCluster")
    bounds = {
        group["groupName"]: (group["minReplicas"], group["maxReplicas"])
        for group in cluster["spec"]["workerGroupSpecs"]
    }

    assert bounds == {"cpu": (0, 3), "gpu": (0, 2)}
    assert first_up.outputs["ray"]["workerGroups"].keys() == bounds.keys()
    assert {each["metadata"]["name"] for each in objects(dev.place, "CustomResourceDefinition")} == {
        "rayclusters.ray.io",
        "rayjobs.ray.io",
        "rayservices.ray.io",
    }
    assert {each["metadata"]["name"] for each in objects(dev.place, "Deployment")} == {
        "aws-node-termination-handler",
        "cluster-autoscaler",
        "kuberay-operator",
    }


def test_what_the_program_is_recorded_to_make_is_what_the_engine_made_in_the_same_time(
    dev: Deployment, first_up: Run
) -> None:
    recording, state = recorded("dev").resources(), dev.state()
    found, expected = timeline(recording), timeline(state)

    # The stack and the default providers are the engine's own.
    own = {urn for each in state if "::pulumi:pulumi:Stack::" in (urn := each["urn"]) or "::default" in urn}
    assert {each["urn"] for each in recording} == {each["urn"] for each in state} - own
    assert found.time_to_ready == expected.time_to_ready
    assert [each.urn for each in found.notable_path] == [each.urn for each in expected.notable_path]
    assert picture(recording, found) == picture(state, expected)


def test_the_order_is_that_of_the_design(first_up: Run) -> None:
    control_plane = position(first_up, "Cluster", "eksCluster")
    nodes = [position(first_up, "NodeGroup", pool) for pool in ("cpu", "gpu", "gpu-on-demand")]

    for type_, name in (
        ("LogGroup", "logs"),
        ("SecurityGroup", "node"),
        ("RolePolicyAttachment", "cluster-eks"),
        ("RolePolicyAttachment", "cluster-vpc"),
    ):
        assert position(first_up, type_, name) < control_plane, name
    for addon in ("vpc-cni", "kube-proxy"):
        assert control_plane < position(first_up, "Addon", addon) < min(nodes)
    for addon in ("coredns", "aws-ebs-csi-driver"):
        assert position(first_up, "Addon", addon) > nodes[0]
    assert position(first_up, "StorageClass", "gp3") > position(first_up, "Addon", "aws-ebs-csi-driver")
    operator = position(first_up, "Deployment", "kuberay-operator")
    assert max(position(first_up, "CustomResourceDefinition", name) for name in DEFINITIONS) < operator
    ray = position(first_up, "RayCluster", "ray")
    assert nodes[0] < operator < ray
    assert nodes[0] < position(first_up, "Addon", "coredns") < ray


def test_a_preview_knows_that_a_larger_disk_moves_the_node_group_too(dev: Deployment, first_up: Run) -> None:
    dev.configure("nodePools", cpu={"minSize": 1, "desiredSize": 2, "maxSize": 4, "diskGib": 120})
    changes = dev.preview().changes
    dev.configure("nodePools", cpu={"minSize": 1, "desiredSize": 2, "maxSize": 4})

    # The launch template, the node group, and the autoscaler's tag with the size of the disk.
    assert changes == {"update": 3}


def test_a_second_up_changes_nothing(dev: Deployment, first_up: Run) -> None:
    assert dev.up().changes == {}


EDITS: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("more nodes", "nodePools", {"cpu": {"minSize": 1, "desiredSize": 2, "maxSize": 8}}, {"NodeGroup"}),
    (
        "a label",
        "nodePools",
        {"cpu": {"minSize": 1, "desiredSize": 2, "maxSize": 8, "labels": {"team": "ml"}}},
        {"NodeGroup", "Tag"},
    ),
    (
        "a larger disk",
        "nodePools",
        {"cpu": {"minSize": 1, "desiredSize": 2, "maxSize": 8, "labels": {"team": "ml"}, "diskGib": 150}},
        {"NodeGroup", "LaunchTemplate", "Tag"},
    ),
    ("longer retention", "cluster", {"logRetentionDays": 30}, {"LogGroup"}),
    ("public access", "cluster", {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.7/32"]}, {"Cluster"}),
    ("fewer log types", "cluster", {"logTypes": ["audit"]}, {"Cluster"}),
    (
        "an administrator",
        "cluster",
        {"accessEntries": {"ops": {"principalArn": "arn:aws:iam::123456789012:role/ops"}}},
        {"AccessEntry", "AccessPolicyAssociation"},
    ),
    ("an addon's values", "addons", {"coredns": {"values": {"replicaCount": 3}}}, {"Addon"}),
    ("session manager", "security", {"sessionManager": True}, {"RolePolicyAttachment"}),
    ("a tag", "aws", {"tags": {"environment": "dev", "team": "ml"}}, {"Cluster", "Key", "NodeGroup"}),
]


@pytest.mark.parametrize(
    ("section", "values", "changed"), [each[1:] for each in EDITS], ids=[each[0] for each in EDITS]
)
def test_an_edit_updates_what_it_is_about_and_replaces_nothing(
    dev: Deployment, first_up: Run, section: str, values: dict[str, Any], changed: set[str]
) -> None:
    dev.configure(section, **values)
    run = dev.up()

    replaced = [step for step in run.steps if step.operation in REPLACING and step.type != "Tag"]
    assert replaced == []
    assert changed <= {step.type for step in run.steps}


def test_after_all_these_edits_nothing_is_left_to_do(dev: Deployment, first_up: Run) -> None:
    assert dev.preview().changes == {}


def test_other_instance_types_replace_the_node_group_and_the_new_one_comes_first(
    dev: Deployment, first_up: Run
) -> None:
    (old,) = [
        each["id"] for each in made(dev.place, "NodeGroup") if each["inputs"]["labels"]["ray.io/node-pool"] == "cpu"
    ]
    pool = {"minSize": 1, "desiredSize": 2, "maxSize": 8, "instanceTypes": ["m5.2xlarge"]}
    dev.configure("nodePools", cpu=pool)
    run = dev.up()
    (new,) = [
        each["id"] for each in made(dev.place, "NodeGroup") if each["inputs"]["labels"]["ray.io/node-pool"] == "cpu"
    ]

    assert new != old
    assert run.index("create-replacement", "NodeGroup", "ray-dev-cpu") < run.index(
        "delete-replaced", "NodeGroup", "ray-dev-cpu"
    )
    assert Step(operation="update", type="ConfigMap", name="ray-dev-autoscaler-priorities") in run.steps
    assert not [step for step in run.steps if step.operation in REPLACING and step.type in NEVER_REPLACED]
    assert dev.preview().changes == {}


def test_a_pool_that_leaves_the_config_leaves_the_account_with_all_that_was_made_for_it(
    dev: Deployment, first_up: Run
) -> None:
    pool = {"minSize": 1, "desiredSize": 2, "maxSize": 8, "instanceTypes": ["m5.2xlarge"]}
    dev.configure("nodePools", cpu=pool, gpu={"gpu": True, "capacityType": "ON_DEMAND"})
    dev.up()

    assert {each["inputs"]["labels"]["ray.io/capacity"] for each in made(dev.place, "NodeGroup")} == {"on-demand"}
    assert made(dev.place, "Queue") == []
    assert made(dev.place, "EventRule") == []


def test_a_pool_whose_ray_group_may_run_stays_until_it_is_drained(dev: Deployment, first_up: Run) -> None:
    dev.drop("nodePools", "gpu")
    with pytest.raises(CommandError, match=r"nodePools\.gpu = ") as refusal:
        dev.preview()
    assert "a pool whose Ray group was drained before it goes" in " ".join(str(refusal.value).split())
    dev.configure("nodePools", gpu={"gpu": True, "capacityType": "ON_DEMAND", "ray": {"maxReplicas": 0}})
    drained = dev.up()
    dev.drop("nodePools", "gpu")
    gone = dev.up()

    assert drained.changes == {"update": 1}
    assert gone.index("update", "RayCluster", "ray-dev-ray") < gone.index("delete", "NodeGroup", "ray-dev-gpu")
    assert len(made(dev.place, "NodeGroup")) == 1


def test_another_image_is_an_update_that_warns_of_the_pods_that_keep_theirs(dev: Deployment, first_up: Run) -> None:
    dev.configure("ray", image="123456789012.dkr.ecr.us-east-1.amazonaws.com/ray:7")
    run = dev.up()

    assert run.changes == {"update": 1}
    assert any("KubeRay leaves running pods as they are" in warning for warning in run.warnings)
    assert dev.preview().warnings == []


def test_destroy_is_the_reverse_order_and_leaves_the_account_as_it_was(
    dev: Deployment, before: dict[str, Any], first_up: Run
) -> None:
    run = dev.destroy()
    nodes = run.index("delete", "NodeGroup", "ray-dev-cpu")
    control_plane = run.index("delete", "Cluster", "ray-dev-eksCluster")

    ray = run.index("delete", "RayCluster", "ray-dev-ray")
    operator = run.index("delete", "Deployment", "ray-dev-kuberay-operator")

    assert ray < operator < nodes
    assert all(ray < run.index("delete", "CustomResourceDefinition", f"ray-dev-{name}") for name in DEFINITIONS)
    assert run.index("delete", "Addon", "ray-dev-coredns") < nodes
    assert nodes < run.index("delete", "Addon", "ray-dev-vpc-cni") < control_plane
    assert nodes < run.index("delete", "SecurityGroupIngressRule", "ray-dev-from-itself")
    assert control_plane < run.index("delete", "SecurityGroup", "ray-dev-node")
    assert control_plane < run.index("delete", "LogGroup", "ray-dev-logs")
    assert control_plane < run.index("delete", "RolePolicyAttachment", "ray-dev-cluster-eks")
    assert account(dev.place) == before


def test_nothing_of_the_project_is_written_to(dev: Deployment, first_up: Run) -> None:
    assert "encryptionsalt" not in Path(dev.place.project, "Pulumi.dev.yaml").read_text(encoding="utf-8")
