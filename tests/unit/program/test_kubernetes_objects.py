"""A manifest becomes the resource of its kind."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from ray_platform.components.kubernetes_objects import kubernetes_object


class Taken:
    """Stands in for a class of the SDK and keeps what it is given."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions, **arguments: Any) -> None:
        self.name, self.opts, self.arguments = name, opts, arguments


def test_a_kind_of_kubernetes_unknown_here_is_an_error_and_no_custom_resource() -> None:
    for api_version in ("v1", "apps/v1", "autoscaling/v2", "storage.k8s.io/v1"):
        with pytest.raises(KeyError):
            kubernetes_object(
                "x", {"apiVersion": api_version, "kind": "Nothing"}, mirrors={}, opts=pulumi.ResourceOptions()
            )


def test_a_kind_of_another_domain_is_a_custom_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(k8s.apiextensions, "CustomResource", Taken)
    manifest = {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": "ray"},
        "spec": {"rayVersion": "2"},
    }
    opts = pulumi.ResourceOptions()

    made = kubernetes_object("ray", manifest, mirrors={}, opts=opts)

    assert isinstance(made, Taken)
    assert (made.name, made.opts) == ("ray", opts)
    assert made.arguments == {
        "api_version": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": "ray"},
        "spec": {"rayVersion": "2"},
    }
