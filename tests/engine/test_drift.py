"""Drift on the real engine: hands change the account in many ways, and exactly that is found."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pulumi import automation as auto

from ray_platform.pipeline.command import InterruptibleCommand
from ray_platform.pipeline.drift import run_drift
from ray_platform.pipeline.drift_report import DriftReport
from ray_platform.pipeline.events import Change, Message
from ray_platform.pipeline.operation import OperationFailed
from simulator.account import Account
from simulator.account.resource import Refusal
from simulator.aws import RESOURCE_TYPES
from simulator.aws.autoscaling import find_group
from simulator.aws.eks_nodes import set_desired_size
from simulator.aws.sqs import Queue
from simulator.session import Place, simulated
from tests.support.cli import pulumi_root
from tests.support.deployment import account, new_place

pytestmark = pytest.mark.engine

TYPES = {each.token.rpartition(":")[2]: each for each in RESOURCE_TYPES}
Edit = Callable[[dict[str, Any]], object]


@dataclass(frozen=True, kw_only=True)
class Up:
    """The stack dev, brought up, while its account is served."""

    place: Place
    stack: auto.Stack
    account: Account

    def drift(self, told: list[Change | Message] | None = None) -> DriftReport:
        return run_drift(self.stack, (told if told is not None else []).append)

    def state(self) -> Any:
        return self.stack.export_stack().deployment

    def change(self, type_: str, name: str, edit: Edit) -> None:
        """Change a resource in AWS as a hand would, past Pulumi."""
        record = self.record(type_, name)
        inputs = copy.deepcopy(record.inputs)
        edit(inputs)
        self.account.update(TYPES[type_], record.id, inputs)

    def delete(self, type_: str, name: str) -> None:
        self.account.delete(TYPES[type_], self.record(type_, name).id)

    def edit(self, kind: str, name: str, edit: Edit) -> None:
        """Change an object in Kubernetes, as `kubectl edit` would."""
        (found,) = [
            each["inputs"]
            for each in self.account.kubernetes
            if (each["inputs"]["kind"], each["inputs"]["metadata"]["name"]) == (kind, name)
        ]
        edit(found)
        self.account.save()

    def record(self, type_: str, name: str) -> Any:
        (record,) = [
            each for each in self.account.records(TYPES[type_].token) if each.urn.endswith(f"::ray-dev-{name}")
        ]
        return record


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    place = new_place(tmp_path_factory.mktemp("drift"))
    with simulated(place, InterruptibleCommand(root=pulumi_root())) as (stack, opened):
        stack.up()
        yield Up(place=place, stack=stack, account=opened)


def set_to(value: Any, *keys: str | int) -> Edit:
    def edit(inputs: Any) -> None:
        *way, last = keys
        for key in way:
            inputs = inputs[key]
        inputs[last] = value

    return edit


def open_to_all(inputs: dict[str, Any]) -> None:
    policy = json.loads(inputs["policy"])
    policy["Statement"][0]["Principal"] = "*"
    inputs["policy"] = json.dumps(policy)


def trusting_lambda(inputs: dict[str, Any]) -> None:
    inputs["assumeRolePolicy"] = inputs["assumeRolePolicy"].replace("ec2.amazonaws.com", "lambda.amazonaws.com")


def without_network_policies(inputs: dict[str, Any]) -> None:
    values = json.loads(inputs["configurationValues"])
    inputs["configurationValues"] = json.dumps(values | {"enableNetworkPolicy": "false"})


def use(dev: Up) -> None:
    """What the cluster autoscaler, Ray and EKS do to a cluster that is used."""
    group = dev.record("NodeGroup", "cpu")
    set_desired_size(dev.account, group.id, 4)
    dev.change("NodeGroup", "gpu", lambda inputs: inputs["tagsAll"].update({"eks:cluster-name": "ray-dev"}))
    dev.change(
        "SecurityGroup", "node", lambda inputs: inputs["tagsAll"].update({"kubernetes.io/cluster/ray-dev": "owned"})
    )
    asg = find_group(dev.account, group.outputs["resources"][0]["autoscalingGroups"][0]["name"])
    assert asg and {"k8s.io/cluster-autoscaler/enabled", "eks:cluster-name"} <= {tag["Key"] for tag in asg["Tags"]}

    def scale(ray: dict[str, Any]) -> None:
        ray["spec"]["workerGroupSpecs"][0] |= {
            "replicas": 3,
            "numOfHosts": 1,
            "scaleStrategy": {"workersToDelete": ["w"]},
        }

    dev.edit("RayCluster", "ray", scale)
    dev.edit("Deployment", "kuberay-operator", set_to({"readyReplicas": 1}, "status"))


Plant = Callable[[Up], object]
# What a hand does -> the resource by its name, the property, what was there, what is found.
PLANTED: dict[str, tuple[Plant, tuple[str, str, Any, Any]]] = {
    "log retention": (
        lambda dev: dev.change("LogGroup", "logs", set_to(30, "retentionInDays")),
        ("logs", "retentionInDays", 7, 30),
    ),
    "key rotation": (
        lambda dev: dev.change("Key", "key", set_to(False, "enableKeyRotation")),
        ("key", "enableKeyRotation", True, False),
    ),
    "a tag": (
        lambda dev: dev.change("Queue", "interruption", set_to("prod", "tagsAll", "environment")),
        ("interruption", "tags.environment", "dev", "prod"),
    ),
    "the bounds of a pool": (
        lambda dev: dev.change("NodeGroup", "cpu", set_to(9, "scalingConfig", "maxSize")),
        ("cpu", "scalingConfig.maxSize", 4, 9),
    ),
    "the hop limit": (
        lambda dev: dev.change("LaunchTemplate", "gpu", set_to(2, "metadataOptions", "httpPutResponseHopLimit")),
        ("gpu", "metadataOptions.httpPutResponseHopLimit", 1, 2),
    ),
    "an addon": (
        lambda dev: dev.change("Addon", "vpc-cni", without_network_policies),
        ("vpc-cni", "configurationValues.enableNetworkPolicy", "true", "false"),
    ),
    "a queue's policy": (
        lambda dev: dev.change("QueuePolicy", "interruption", open_to_all),
        ("interruption", "policy.Statement[0].Principal", {"Service": "events.amazonaws.com"}, "*"),
    ),
    "the public endpoint": (
        lambda dev: dev.change("Cluster", "eksCluster", set_to(True, "vpcConfig", "endpointPublicAccess")),
        ("eksCluster", "vpcConfig.endpointPublicAccess", False, True),
    ),
    "a network policy": (
        lambda dev: dev.edit("NetworkPolicy", "default-deny", set_to(["Ingress"], "spec", "policyTypes")),
        ("ray-network-default-deny", "spec.policyTypes[1]", "Egress", None),
    ),
    "the bounds of Ray's workers": (
        lambda dev: dev.edit("RayCluster", "ray", set_to(7, "spec", "workerGroupSpecs", 0, "maxReplicas")),
        ("ray", "spec.workerGroupSpecs[0].maxReplicas", 3, 7),
    ),
    # Last: no node group could be changed after it.
    "a trust policy": (
        lambda dev: dev.change("Role", "node", trusting_lambda),
        ("node", "assumeRolePolicy.Statement[0].Principal.Service", "ec2.amazonaws.com", "lambda.amazonaws.com"),
    ),
}
DELETED = {
    "a rule of the security group": ("SecurityGroupEgressRule", "to-internet-https"),
    "a policy of a role": ("RolePolicyAttachment", "node-ecr"),
    "the target of an event": ("EventTarget", "rebalance"),
}


@pytest.fixture(scope="module")
def clean(dev: Up) -> DriftReport:
    """The drift before anybody changed anything."""
    return dev.drift()


@pytest.fixture(scope="module")
def used(dev: Up, clean: DriftReport) -> DriftReport:
    """The drift of a cluster that nobody touched but its own autoscalers, and the services that keep it."""
    use(dev)
    return dev.drift()


@pytest.fixture(scope="module")
def planted(dev: Up, used: DriftReport) -> DriftReport:
    """The drift after all of PLANTED and DELETED, on top of what the autoscalers did."""
    for plant, _ in PLANTED.values():
        plant(dev)
    for type_, name in DELETED.values():
        dev.delete(type_, name)
    return dev.drift()


def test_a_stack_that_nobody_touched_has_no_drift(clean: DriftReport) -> None:
    assert (clean.items, clean.left_out, clean.complete) == ((), (), True)


def test_what_the_autoscalers_and_eks_do_is_no_drift(used: DriftReport) -> None:
    assert used.items == ()
    assert used.left_out_by_owner() == {
        "EKS": 2,
        "Kubernetes API server": 1,
        "Kubernetes controllers": 1,
        "Ray's autoscaler": 2,
        "cluster autoscaler": 1,
    }


def test_every_planted_change_is_found_with_its_values_and_nothing_else(planted: DriftReport) -> None:
    found = {
        (item.name.removeprefix("ray-dev-"), each.path, str(each.expected), str(each.found))
        for item in planted.items
        for each in item.properties
        if item.kind == "changed"
    }

    assert found == {(name, path, str(old), str(new)) for _, (name, path, old, new) in PLANTED.values()}


def test_every_deleted_resource_is_found_and_nothing_else(planted: DriftReport) -> None:
    assert {
        (item.type.rpartition(":")[2], item.name.removeprefix("ray-dev-"))
        for item in planted.items
        if item.kind != "changed"
    } == set(DELETED.values())


def test_it_writes_neither_the_state_nor_the_account_and_says_the_same_again(dev: Up, planted: DriftReport) -> None:
    state, contents = dev.state(), account(dev.place)
    told: list[Change | Message] = []
    again = dev.drift(told)

    assert again.fingerprint() == planted.fingerprint()
    assert again.markdown() == planted.markdown()
    assert (dev.state(), account(dev.place)) == (state, contents)
    changes = {(each.status, each.op) for each in told if isinstance(each, Change)}
    assert changes == {("started", "refresh"), ("found", "same"), ("found", "update"), ("found", "delete")}


def test_what_cannot_be_read_is_told_beside_the_rest(
    dev: Up, planted: DriftReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise Refusal("AccessDenied", "you may not read this")

    monkeypatch.setattr(Queue, "describe", refuse)
    report = dev.drift()
    (unread,) = [item for item in report.items if item.kind == "unreadable"]

    assert (unread.name, report.complete) == ("ray-dev-interruption", False)
    assert "AccessDenied: you may not read this" in unread.why
    assert "retentionInDays" in report.markdown()


def test_a_refresh_that_fails_as_a_whole_is_a_failure(dev: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(dev.stack.workspace.env_vars, "PULUMI_CONFIG_PASSPHRASE", "another")

    with pytest.raises(OperationFailed, match="passphrase"):
        dev.drift()
