"""The fit check gives the verdicts of the real scheduler, on pods and nodes drawn at random."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, get_args

import pytest

from ray_platform.config.node_pools import GPU_TAINT, InstanceFacts, Taint
from ray_platform.config.pool_config import TaintEffect
from ray_platform.config.pool_defaults import INSTANCE_TYPES
from ray_platform.scheduling import capacity, fit
from ray_platform.scheduling.layout import Toleration
from ray_platform.scheduling.resources import GPU_RESOURCE, NOTHING, Resources
from simulator.account import Account
from simulator.aws import RESOURCE_TYPES
from simulator.cluster import rest
from simulator.cluster.control_plane import ControlPlane
from simulator.cluster.machines import ARCHITECTURES, Machine, instance_facts
from simulator.cluster.nodes import CONTROLLERS_TAINTS, NODES

pytestmark = pytest.mark.cluster

# Of each kind of verdict so many cases, or what the draw leaves to chance would go unseen.
CASES_OF_A_KIND = 8
DRAWS = 5000
FITS = "fits"
KINDS = (FITS, "label", "taint", "CPU", "MiB", "GPUs:")
NAMESPACE = "fit"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
# Each case has a node of its own, which this label names.
CASE = "case"
TYPES = sorted({name for types in INSTANCE_TYPES.values() for name in types} | {"g4dn.12xlarge", "m5.large"})
TAINTS = (GPU_TAINT, *(Taint(key="team", value=value, effect=e) for value in ("ml", "") for e in get_args(TaintEffect)))
LABELS = {
    "ray.io/node-pool": ("cpu", "gpu"),
    "ray.io/capacity": ("spot", "on-demand"),
    "kubernetes.io/arch": ("amd64",),
}
# Enough to see that a number is right and one more is too many.
MOST_PODS = 5


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kind of pod and one node, on which a pod of the size `filled` runs already."""

    name: str
    facts: InstanceFacts
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    filled: Resources
    pod: fit.PodShape

    @property
    def machine(self) -> Machine:
        taints = tuple({"key": each.key, "value": each.value, "effect": each.effect} for each in self.taints)
        architecture = ARCHITECTURES[self.facts.architectures[0]]
        return Machine(name=self.name, facts=self.facts, labels=self.labels, taints=taints, architecture=architecture)

    @property
    def node(self) -> fit.NodeShape:
        return fit.NodeShape(
            labels=self.machine.all_labels(),
            taints=self.taints,
            free=capacity.allocatable(self.facts) - self.filled,
            pods=capacity.max_pods(self.facts) - 1,
        )

    @property
    def expected(self) -> int:
        """How many of `pods` pods the fit check places."""
        return min(fit.pods_on(self.pod, self.node), MOST_PODS)

    @property
    def pods(self) -> int:
        """One more than are expected to find a place, where that is not too many."""
        return min(fit.pods_on(self.pod, self.node) + 1, MOST_PODS)

    @property
    def kind(self) -> str | None:
        """What alone decides that the pod does not fit; None when it is several things."""
        reasons = fit.refusals(self.pod, self.node)
        return FITS if not reasons else reasons[0].split()[0] if len(reasons) == 1 else None


def draw(number: int, dice: random.Random, facts: dict[str, InstanceFacts]) -> Case:
    name, machine = f"case-{number}", facts[dice.choice(TYPES)]
    taints = tuple(
        {(each.key, each.effect): each for each in dice.sample(TAINTS, dice.choice([0, 0, 1, 1, 2]))}.values()
    )
    labels = {CASE: name} | {
        key: dice.choice(values) for key, values in LABELS.items() if "arch" not in key and dice.random() < 0.9
    }
    room = capacity.allocatable(machine)
    filled = Resources(cpu_millis=dice.randrange(0, 1000), memory_mib=dice.randrange(0, 2048))
    selector = {CASE: name} | {
        key: labels.get(key, values[0]) if dice.random() < 0.9 else dice.choice(values)
        for key, values in LABELS.items()
        if dice.random() < 0.4
    }
    tolerations = tuple(_toleration(taint, dice) for taint in taints if dice.random() < 0.9)
    pod = fit.PodShape(resources=_size(room - filled, dice), node_selector=selector, tolerations=tolerations)
    return Case(name=name, facts=machine, labels=labels, taints=taints, filled=filled, pod=pod)


def _size(free: Resources, dice: random.Random) -> Resources:
    """Just what some pods of the size leave nothing of, or one unit more or less of something."""
    share = dice.randint(1, MOST_PODS - 1)
    gpus = dice.randint(0, 1) if free.gpus == 0 else dice.choice([0, 1, 1, free.gpus, free.gpus + 1])
    size = Resources(cpu_millis=free.cpu_millis // share, memory_mib=free.memory_mib // share, gpus=gpus)
    nudges = [NOTHING, Resources(cpu_millis=1), Resources(memory_mib=1)]
    nudged = size + dice.choice(nudges) - dice.choice(nudges)
    # What is not asked for is not looked at.
    return dice.choice([nudged, nudged, nudged, Resources(cpu_millis=nudged.cpu_millis, gpus=gpus)])


def _toleration(taint: Taint, dice: random.Random) -> Toleration:
    """Mostly one that serves, in one of the ways to say so."""
    effect = dice.choice([taint.effect, taint.effect, "", dice.choice(get_args(TaintEffect))])
    by_value = Toleration(key=taint.key, value=dice.choice([taint.value, taint.value, "other"]), effect=effect)
    by_key = Toleration(key=dice.choice([taint.key, taint.key, "other"]), operator="Exists", effect=effect)
    return dice.choice([by_value, by_value, by_key, Toleration(key="", operator="Exists", effect=effect)])


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, InstanceFacts]]:
    with Account.open(tmp_path_factory.mktemp("account") / "account.json", RESOURCE_TYPES) as account:
        yield {name: instance_facts(account, name) for name in TYPES}


@pytest.fixture(scope="module")
def cases(facts: dict[str, InstanceFacts]) -> list[Case]:
    """As many of each kind, and among them those that do not fit for several reasons."""
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed of the cases: {seed}")
    dice = random.Random(seed)
    missing = Counter(dict.fromkeys((*KINDS, None), CASES_OF_A_KIND))
    kept: list[Case] = []
    for _ in range(DRAWS):
        case = draw(len(kept), dice, facts)
        if missing[case.kind]:
            missing[case.kind] -= 1
            kept.append(case)
    assert not +missing, "the fit check never says these"
    return kept


@pytest.fixture(scope="module")
def placed(plane: ControlPlane, cases: list[Case]) -> dict[str, int]:
    """Case -> how many of its pods the real scheduler gave a node."""
    rest.call(plane.api, "POST", "/api/v1/namespaces", body={"metadata": {"name": NAMESPACE}})
    for case in cases:
        rest.call(plane.api, "POST", NODES, body=_with_gpus(case))
    plane.wait_until(lambda: _all_ready(plane), what="The readiness of every node")
    accounts = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts"
    plane.wait_until(lambda: rest.items(plane.api, accounts), what="The namespace's service account")
    fillers = [_filler(case) for case in cases]
    for pod in fillers + [_pod(case, number) for case in cases for number in range(case.pods)]:
        rest.call(plane.api, "POST", PODS, body=pod)
    pods = plane.wait_until(lambda: _judged(plane), what="A verdict on every pod")
    bound = Counter(pod["metadata"]["labels"][CASE] for pod in pods if pod["spec"].get("nodeName"))
    return {case.name: bound[case.name] for case in cases}


def test_the_fit_check_gives_the_verdicts_of_the_scheduler(cases: list[Case], placed: dict[str, int]) -> None:
    """Of each case's pods, one more than should fit where that is not too many, just as many find a place."""
    differing = {
        case.name: f"{placed[case.name]} have a place, expected {case.expected} of {case.pods}: {case}"
        for case in cases
        if case.expected != placed[case.name]
    }
    assert not differing


def _with_gpus(case: Case) -> dict[str, Any]:
    """The node as it is once the device plugin runs on it."""
    node = case.machine.node()
    if case.facts.gpus:
        node["status"]["allocatable"][GPU_RESOURCE] = node["status"]["capacity"][GPU_RESOURCE] = str(case.facts.gpus)
    return node


def _filler(case: Case) -> dict[str, Any]:
    """A pod that is on the node past the scheduler, as a DaemonSet's pod would be."""
    pod = _container(case.filled.quantities()) | {"nodeName": case.name, "tolerations": [{"operator": "Exists"}]}
    return {"metadata": {"name": f"{case.name}-filler"}, "spec": pod}


def _pod(case: Case, number: int) -> dict[str, Any]:
    amounts = {key: amount for key, amount in case.pod.resources.quantities().items() if amount != "0Mi"}
    spec = _container(amounts) | {
        "nodeSelector": dict(case.pod.node_selector),
        "tolerations": [{key: value for key, value in asdict(each).items() if value} for each in case.pod.tolerations],
    }
    return {"metadata": {"name": f"{case.name}-{number}", "labels": {CASE: case.name}}, "spec": spec}


def _container(amounts: dict[str, str]) -> dict[str, Any]:
    """Requests that are limits too, which those of GPUs have to be."""
    resources = {"requests": amounts, "limits": amounts}
    return {"containers": [{"name": "it", "image": "simulated/it:0", "resources": resources}]}


def _all_ready(plane: ControlPlane) -> bool:
    """Kubernetes taints a new node until its kubelet reports that it is ready."""
    nodes = rest.items(plane.api, NODES)
    return not any(
        taint["key"].startswith(CONTROLLERS_TAINTS) for node in nodes for taint in node["spec"].get("taints", [])
    )


def _judged(plane: ControlPlane) -> list[dict[str, Any]]:
    """The pods of the cases, once each of them has a node or a reason for having none."""
    pods = rest.items(plane.api, PODS, labelSelector=CASE)
    return pods if all(pod["spec"].get("nodeName") or _is_unschedulable(pod) for pod in pods) else []


def _is_unschedulable(pod: dict[str, Any]) -> bool:
    wanted = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    return any(wanted.items() <= each.items() for each in pod["status"].get("conditions", []))
