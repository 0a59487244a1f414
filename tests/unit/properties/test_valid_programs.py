"""What the program registers for valid configurations of every kind: sound, complete, and with legal names only."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import yaml
from hypothesis import given

from ray_platform.config.load import parse
from ray_platform.guardrails.all import judge
from ray_platform.guardrails.logs import REQUIRED_TYPES
from ray_platform.guardrails.sources import from_recording
from ray_platform.guardrails.verdict import Limits
from tests.support.graph import Graph, Node, run_program
from tests.unit.properties.nodes import MEASURED
from tests.unit.properties.profile import examples
from tests.unit.properties.stacks import Stack, stacks

# With the eight characters that Pulumi adds, the limits of AWS: IAM role and event rule 64, node group 63, launch
# template 128, alias 256 (API references of the services, read 2026-11-23).
_MOST: Final = {"Role": 56, "EventRule": 56, "NodeGroup": 55, "LaunchTemplate": 120, "SecurityGroup": 247, "Queue": 72}
_PHYSICAL: Final = re.compile(r"(?!sg-)[0-9A-Za-z][A-Za-z0-9_-]*")
_OBJECT: Final = re.compile(r"[a-z0-9]([-a-z0-9.:]{0,251}[a-z0-9])?")
_LABEL: Final = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


@examples(60, shrink=False)
@given(stacks())
def test_it_is_sound_and_every_name_in_it_is_legal(stack: Stack) -> None:
    # Support of a Kubernetes version ends on a day, and the program looks at the calendar.
    stack.get("cluster", {}).pop("kubernetesVersion", None)
    graph = run_program(stack)

    _guardrails_hold(stack, graph)
    _names_are_legal(graph)
    _groups_are_as_configured(stack, graph)
    _priorities_exclude_each_other(stack, graph)
    _ray_is_there(stack, graph)


def _guardrails_hold(stack: Stack, graph: Graph) -> None:
    """But for one, against which a configuration may decide: what the control plane logs."""
    settings, _ = parse(stack)
    assert settings is not None
    judgement = judge(from_recording(graph, Limits.of(settings)))
    allowed = set() if set(settings.cluster.log_types) >= REQUIRED_TYPES else {"log-types"}
    assert {each.code for each in judgement.violations} == allowed, [str(each) for each in judgement.violations]
    assert judgement.undecided == ()


def _names_are_legal(graph: Graph) -> None:
    for node in graph.nodes.values():
        most = _MOST.get(node.type.split(":")[-1]) if node.type.startswith("aws:") else None
        if most is not None:
            assert len(node.name) <= most and _PHYSICAL.fullmatch(node.name), node.name
        if node.type.startswith("kubernetes:") and "metadata" in node.inputs:
            _object_is_legal(node)
    assert all(len(node.inputs["tag"]["key"]) <= 127 for node in _tags(graph))
    assert all(len(node.inputs["tag"]["value"]) <= 256 for node in _tags(graph))


def _object_is_legal(node: Node) -> None:
    metadata = node.inputs["metadata"]
    assert _OBJECT.fullmatch(metadata["name"]), metadata["name"]
    for labels in _found(node.inputs, lambda key: key in ("labels", "matchLabels", "nodeSelector")):
        assert all(_LABEL.fullmatch(value) for value in labels.values()), labels


def _found(value: Any, wanted: Callable[[str], bool]) -> Iterator[Mapping[str, str]]:
    """The mappings of these keys, however deep."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if wanted(key) and isinstance(each, Mapping):
                yield each
            yield from _found(each, wanted)
    elif isinstance(value, list):
        for each in value:
            yield from _found(each, wanted)


def _tags(graph: Graph) -> list[Node]:
    return graph.of_type("aws:autoscaling/tag:Tag")


def _groups_are_as_configured(stack: Stack, graph: Graph) -> None:
    pools, groups = stack["nodePools"], graph.of_type("NodeGroup")
    fallbacks = [each["onDemandFallback"] for each in pools.values() if "onDemandFallback" in each]
    fallbacks = [each for each in fallbacks if each["enabled"]]
    assert len(groups) == len(pools) + len(fallbacks)
    configured = sorted(
        (each["minSize"], each["desiredSize"], each["maxSize"]) for each in (*pools.values(), *fallbacks)
    )
    scaling = [group.inputs["scalingConfig"] for group in groups]
    assert sorted((each["minSize"], each["desiredSize"], each["maxSize"]) for each in scaling) == configured
    if _autoscaler(stack):
        # Labels, taints and disk of each group, and its GPUs: none of the tags has displaced another one.
        wanted = sum(
            len(group.inputs["labels"])
            + len(group.inputs.get("taints") or ())
            + 1
            + (MEASURED[group.inputs["instanceTypes"][0]][0][2] > 0)
            for group in groups
        )
        assert len(_tags(graph)) == wanted


def _autoscaler(stack: Stack) -> bool:
    return bool(stack.get("addons", {}).get("clusterAutoscaler", {}).get("enabled", True))


def _priorities_exclude_each_other(stack: Stack, graph: Graph) -> None:
    maps = [each for each in graph.of_type("ConfigMap") if "priorities" in each.inputs["data"]]
    assert bool(maps) == _autoscaler(stack)
    for each in maps:
        by_rank = yaml.safe_load(each.inputs["data"]["priorities"])
        patterns = [pattern for ranked in by_rank.values() for pattern in ranked]
        names = [re.sub(r"\\(.)", r"\1", pattern.strip("^$")) for pattern in patterns]
        assert len(set(names)) == len(graph.of_type("NodeGroup"))
        assert all([bool(re.search(one, name)) for one in patterns].count(True) == 1 for name in names)


def _ray_is_there(stack: Stack, graph: Graph) -> None:
    clusters = graph.of_type("kubernetes:ray.io/v1:RayCluster")
    if not stack.get("ray", {}).get("enabled", True):
        assert clusters == []
        return
    (cluster,) = clusters
    assert len(cluster.inputs["metadata"]["name"]) <= 53
    spec = cluster.inputs["spec"]
    selected = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
    for group in selected:
        selector = group["template"]["spec"]["nodeSelector"]
        wanted = {key: value for key, value in selector.items() if key != "kubernetes.io/arch"}
        assert any(wanted.items() <= each.inputs["labels"].items() for each in graph.of_type("NodeGroup")), selector
