"""The live Kubernetes package as far as no API server is needed: readiness, and what of an object is the program's."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.account.resource import Refusal
from simulator.kubernetes.projection import projected
from simulator.kubernetes.readiness import missing


def live(kind: str, status: dict[str, Any], annotations: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    metadata = {"name": "it", "generation": 2, "annotations": annotations}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec, "status": status}


SEEN = {"observedGeneration": 2}
AVAILABLE = {**SEEN, "updatedReplicas": 2, "availableReplicas": 2}


@pytest.mark.parametrize(
    ("found", "lacks"),
    [
        (live("Deployment", {}, replicas=2), "its controller has not seen it yet"),
        (live("Deployment", {**AVAILABLE, "observedGeneration": 1}, replicas=2), "its controller has not seen it yet"),
        (live("Deployment", {**AVAILABLE, "updatedReplicas": 1}, replicas=2), "1 of 2 updatedReplicas"),
        (live("Deployment", {**AVAILABLE, "availableReplicas": 1}, replicas=2), "1 of 2 availableReplicas"),
        (live("Deployment", AVAILABLE, replicas=2), None),
        (live("DaemonSet", {}), "its controller has not seen it yet"),
        (live("DaemonSet", {**SEEN, "desiredNumberScheduled": 2, "numberReady": 1}), "ready on 1 of 2 nodes"),
        (live("DaemonSet", {**SEEN, "desiredNumberScheduled": 0}), None),
        (live("CustomResourceDefinition", {}), "its kind is not established yet"),
        (live("CustomResourceDefinition", {"conditions": [{"type": "Established", "status": "True"}]}), None),
        (live("ConfigMap", {}), None),
    ],
)
def test_a_kind_is_ready_when_its_controller_says_so(found: dict[str, Any], lacks: str | None) -> None:
    assert missing(found) == lacks


@pytest.mark.parametrize(
    ("annotation", "status", "ready"),
    [
        ("jsonpath={.status.state}=ready", {"state": "ready"}, True),
        ("jsonpath={.status.state}=ready", {"state": "failed"}, False),
        ("jsonpath={.status.state}=ready", {}, False),
        ("jsonpath={.status.head.serviceName}", {"head": {"serviceName": "x"}}, True),
        ("jsonpath={.status.head.serviceName}", {"head": {}}, False),
        ("condition=HeadPodReady", {"conditions": [{"type": "HeadPodReady", "status": "True"}]}, True),
        ("condition=HeadPodReady", {"conditions": [{"type": "HeadPodReady", "status": "False"}]}, False),
        ('["condition=A", "jsonpath={.status.state}=ready"]', {"state": "ready"}, False),
    ],
)
def test_an_object_may_say_what_to_wait_for(annotation: str, status: dict[str, Any], ready: bool) -> None:
    found = live("RayCluster", status, {"pulumi.com/waitFor": annotation})
    assert (missing(found) is None) is ready


def test_nothing_is_waited_for_where_the_object_says_so() -> None:
    assert missing(live("Deployment", {}, {"pulumi.com/skipAwait": "true"})) is None


def test_a_condition_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Refusal, match="cannot read the condition 'sometime'"):
        missing(live("RayCluster", {}, {"pulumi.com/waitFor": "sometime"}))


@pytest.mark.parametrize(
    ("given", "now", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {}, {}),
        ({"a": []}, {}, {"a": []}),
        ({"cpu": "1000m"}, {"cpu": "1"}, {"cpu": "1000m"}),
        ({"memory": "1024Mi"}, {"memory": "1Gi"}, {"memory": "1024Mi"}),
        ({"memory": "1024Mi"}, {"memory": "2Gi"}, {"memory": "2Gi"}),
        ({"cpu": 0.5}, {"cpu": "500m"}, {"cpu": 0.5}),
        ({"on": True}, {"on": 1}, {"on": 1}),
        ([{"name": "x"}], [{"name": "x", "protocol": "TCP"}], [{"name": "x"}]),
        ([{"name": "x"}], [{"name": "x"}, {"name": "y"}], [{"name": "x"}, {"name": "y"}]),
        ("eight", "nine", "nine"),
    ],
)
def test_a_live_object_is_compared_by_the_fields_that_were_given(given: Any, now: Any, found: Any) -> None:
    again = projected(given, now)
    assert again == found
    assert type(again) is type(found)
