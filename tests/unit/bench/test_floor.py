"""The floor: what it has to register is what was recorded, and made of each other as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime import rpc

from ray_platform.plan.recording import Node, Recording
from tests.support.mocked_aws import ACCOUNT
from tools.bench.engine import OperationFailed, Ran, in_own_process
from tools.bench.floor import described, sdk_class, snake
from tools.bench.measure import _turns

URN = "urn:pulumi:dev::small::"
AWS = f"{URN}pulumi:providers:aws::aws"
COMPONENT = f"{URN}ray-platform:components:Security::own"
ROLE = f"{URN}ray-platform:components:Security$aws:iam/role:Role::own-role"
CLUSTER = f"{URN}eks:index:Cluster::own"
CONTROL_PLANE = f"{URN}eks:index:Cluster$aws:eks/cluster:Cluster::own-eksCluster"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT.account_id}:role/own-role"


def node(urn: str, inputs: dict[str, Any] | None = None, **more: Any) -> Node:
    type_ = urn.split("::")[2].split("$")[-1]
    custom = not type_.startswith(("ray-platform:", "eks:"))
    made: dict[str, Any] = {"parent": "", "custom": custom, "dependencies": frozenset()}
    return Node(urn=urn, type=type_, name=urn.rpartition("::")[2], inputs=inputs or {}, **(made | more))


def floor(*nodes: Node) -> dict[str, dict[str, Any]]:
    known = [
        node(AWS, {"region": "us-east-1", "skipRegionValidation": "true", "defaultTags": '{"tags": {"a": "b"}}'}),
        node(COMPONENT, providers={"aws": f"{AWS}::aws-id"}),
        node(ROLE, {"path": "/"}, parent=COMPONENT, provider=f"{AWS}::aws-id"),
        node(CLUSTER, {"name": "ray"}),
        node(CONTROL_PLANE, {"name": "ray"}, parent=CLUSTER),
    ]
    recording = Recording(nodes={each.urn: each for each in (*known, *nodes)})
    return {each["urn"]: each for each in described(recording, ACCOUNT)["registrations"]}


def policy(inputs: dict[str, Any], *needed: str) -> dict[str, Any]:
    urn = f"{URN}aws:iam/rolePolicy:RolePolicy::own-policy"
    needs = {name: frozenset(needed) for name in inputs}
    found: dict[str, Any] = floor(node(urn, inputs, property_dependencies=needs, dependencies=frozenset(needed)))[urn]
    return found


def output(urn: str, *path: str | int, without: str = "") -> dict[str, Any]:
    return {"output": urn, "path": list(path), "without": without}


def test_what_a_remote_component_makes_itself_is_not_registered_once_more() -> None:
    assert list(floor()) == [AWS, COMPONENT, ROLE, CLUSTER]


def test_a_text_that_another_resource_told_is_its_output_again_and_no_dependency_besides() -> None:
    made = policy({"role": "own-role", "policyArn": ROLE_ARN}, ROLE)

    assert made["inputs"] == {"role": output(ROLE, "name"), "policy_arn": output(ROLE, "arn")}
    assert made["depends_on"] == []


def test_within_a_text_only_what_aws_alone_can_know_is_an_output() -> None:
    made = policy({"policy": f'{{"Resource": "{ROLE_ARN}", "Path": "/"}}'}, ROLE)

    assert made["inputs"]["policy"] == {"parts": ['{"Resource": "', output(ROLE, "arn"), '", "Path": "/"}']}


def test_an_address_is_found_without_its_scheme_too_and_by_way_of_the_remote_component() -> None:
    issuer = f"oidc.eks.{ACCOUNT.region}.amazonaws.com/id/PLANNED"
    made = policy({"policy": f"{issuer}:aud"}, CONTROL_PLANE)

    told = output(CLUSTER, "eks_cluster", "identities", 0, "oidcs", 0, "issuer", without="https://")
    assert made["inputs"]["policy"] == {"parts": ["", told, ":aud"]}


def test_the_same_text_without_a_dependency_stays_a_text() -> None:
    assert policy({"role": "own-role"})["inputs"] == {"role": "own-role"}


def test_secrets_resources_and_lists_stay_what_they_are() -> None:
    secret = {rpc._special_sig_key: rpc._special_secret_sig, "value": ROLE_ARN}
    made = policy({"secret": secret, "role": ROLE, "list": [{"aB": 1.0}, True]}, ROLE)

    assert made["inputs"] == {
        "secret": {"secret": output(ROLE, "arn")},
        "role": {"resource": ROLE},
        "list": [{"mapping": {"aB": 1.0}}, True],
    }


def test_explicit_dependencies_are_kept_once_each_and_those_in_a_remote_component_are_on_it() -> None:
    urn = f"{URN}aws:sqs/queue:Queue::own"
    made = floor(node(urn, dependencies=frozenset({ROLE, CLUSTER, CONTROL_PLANE})))[urn]

    assert made["depends_on"] == sorted([COMPONENT, CLUSTER])


def test_who_waits_for_all_that_is_in_a_component_waits_for_the_component() -> None:
    urn, other = f"{URN}aws:sqs/queue:Queue::own", f"{URN}aws:sqs/queue:Queue::other"
    inside = node(f"{URN}ray-platform:components:Security$aws:iam/role:Role::second", parent=COMPONENT)
    waits = node(urn, dependencies=frozenset({ROLE, inside.urn}))
    made = floor(inside, waits, node(other, dependencies=frozenset({ROLE})))

    assert made[urn]["depends_on"] == [COMPONENT]
    assert made[other]["depends_on"] == [ROLE]


def test_a_provider_is_named_only_where_the_parent_does_not_hand_it_on() -> None:
    urn = f"{URN}aws:sqs/queue:Queue::own"
    made = floor(node(urn, provider=f"{AWS}::aws-id"))

    assert (made[COMPONENT]["providers"], made[COMPONENT]["provider"]) == ([AWS], "")
    assert (made[ROLE]["providers"], made[ROLE]["provider"]) == ([], "")
    assert (made[urn]["providers"], made[urn]["provider"]) == ([], AWS)


def test_settings_of_a_provider_are_values_and_not_their_json() -> None:
    assert floor()[AWS]["inputs"] == {
        "region": "us-east-1",
        "skip_region_validation": True,
        "default_tags": {"mapping": {"tags": {"mapping": {"a": "b"}}}},
    }


@pytest.mark.parametrize(
    ("type_", "class_"),
    [
        ("aws:iam/role:Role", "pulumi_aws.iam:Role"),
        ("pulumi:providers:kubernetes", "pulumi_kubernetes:Provider"),
        ("eks:index:Cluster", "pulumi_eks:Cluster"),
        ("kubernetes:rbac.authorization.k8s.io/v1:Role", "pulumi_kubernetes.rbac.v1:Role"),
        ("kubernetes:yaml/v2:ConfigGroup", "pulumi_kubernetes.yaml.v2:ConfigGroup"),
        ("kubernetes:ray.io/v1:RayCluster", "pulumi_kubernetes.apiextensions:CustomResource"),
        ("ray-platform:components:Security", None),
    ],
)
def test_every_type_has_the_sdks_own_class(type_: str, class_: str | None) -> None:
    assert sdk_class(node(f"{URN}{type_}::any")) == class_


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("kmsKeyId", "kms_key_id"),
        ("kubernetesServiceIPAddressRange", "kubernetes_service_ip_address_range"),
        ("cidrIpv4", "cidr_ipv4"),
    ],
)
def test_properties_have_the_names_of_the_python_sdks(name: str, python: str) -> None:
    assert snake(name) == python


def test_the_bare_program_looks_for_garbage_as_seldom_as_the_platform() -> None:
    script = """
import gc, importlib
import tools.bench.bare_program
bare = gc.get_threshold()
gc.set_threshold(1, 1, 1)
importlib.reload(importlib.import_module("ray_platform"))
print(bare == gc.get_threshold() != (1, 1, 1))
"""
    assert in_own_process("-c", script).split() == ["True"]


def ran(*registered: str) -> Callable[[], Ran]:
    return lambda: Ran(seconds=1.0, peak_mib=1.0, registered=frozenset(registered))


def test_a_floor_that_registers_anything_else_is_none() -> None:
    assert len(_turns(2, ran("a", "b"), ran("b", "a"))) == 2
    for other in (("a",), ("a", "b", "c")):
        with pytest.raises(OperationFailed, match="the floor differs in"):
            _turns(1, ran("a", "b"), ran(*other))
