"""Whoever reaches Ray runs code: nobody does without a token, and nobody from outside at all."""

from collections.abc import Iterator
from typing import Final

from ray_platform.guardrails.kubernetes import of_kind, ray_clusters
from ray_platform.guardrails.values import UNKNOWN, look
from ray_platform.guardrails.verdict import Answer, Fault, Guardrail, Resource, Stack, Unclear, expect

_ENFORCED: Final = "pod-security.kubernetes.io/enforce"

_AWS_LOAD_BALANCERS: Final = (
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
    "aws:lb/loadBalancer:LoadBalancer",
)
_INGRESSES: Final = ("Gateway", "GRPCRoute", "HTTPRoute", "Ingress", "Route", "TCPRoute", "TLSRoute")
# Where KubeRay lets one say of what type a Service is.
_SERVICES: Final = (
    ("headGroupSpec", "serviceType"),
    ("headGroupSpec", "headService", "spec", "type"),
)


def _token(stack: Stack) -> Iterator[Answer]:
    for cluster in ray_clusters(stack):
        path, mode = f"{cluster.path}.authOptions.mode", look(cluster.value, "authOptions", "mode")
        yield from expect(cluster.resource, path, mode, lambda value: value == "token", "must be 'token'")


def _namespace(stack: Stack) -> Iterator[Answer]:
    namespaces = list(of_kind(stack, "Namespace"))
    for cluster in {each.resource.urn: each.resource for each in ray_clusters(stack)}.values():
        name = look(cluster.inputs, "metadata", "namespace")
        if name is UNKNOWN:
            yield Unclear(resource=cluster, path="metadata.namespace")
        else:
            yield from _restricted(cluster, name, namespaces)


def _restricted(cluster: Resource, name: str, namespaces: list[Resource]) -> Iterator[Answer]:
    names = {each.urn: look(each.inputs, "metadata", "name") for each in namespaces}
    named = [each for each in namespaces if names[each.urn] == name]
    for namespace in named:
        level = look(namespace.inputs, "metadata", "labels", _ENFORCED)
        path = f"metadata.labels.{_ENFORCED}"
        yield from expect(namespace, path, level, lambda value: value == "restricted", "must be 'restricted'")
    if not named and UNKNOWN in names.values():
        yield Unclear(resource=cluster, path="metadata.namespace")
    elif not named:
        what = f"The namespace {name!r} is not of this stack, and so nobody says what its pods may do."
        yield Fault(resource=cluster, path="metadata.namespace", what=what)


def _no_load_balancer(stack: Stack) -> Iterator[Answer]:
    wish = "must not be 'LoadBalancer'"
    for service in of_kind(stack, "Service"):
        kind = look(service.inputs, "spec", "type")
        yield from expect(service, "spec.type", kind, lambda value: value != "LoadBalancer", wish)
    for cluster in ray_clusters(stack):
        for path in _SERVICES:
            at, kind = ".".join((cluster.path, *path)), look(cluster.value, *path)
            yield from expect(cluster.resource, at, kind, lambda value: value != "LoadBalancer", wish)
    for service in of_kind(stack, "RayService"):
        kind = look(service.inputs, "spec", "serveService", "spec", "type")
        yield from expect(service, "spec.serveService.spec.type", kind, lambda value: value != "LoadBalancer", wish)
    for balancer in stack.of_type(*_AWS_LOAD_BALANCERS):
        yield Fault(resource=balancer, path="", what="It is a load balancer.")


def _no_ingress(stack: Stack) -> Iterator[Answer]:
    for ingress in of_kind(stack, *_INGRESSES):
        yield Fault(resource=ingress, path="kind", what=f"It is {ingress.kind}, a way in from outside.")
    for cluster in ray_clusters(stack):
        path, enabled = (
            f"{cluster.path}.headGroupSpec.enableIngress",
            look(cluster.value, "headGroupSpec", "enableIngress"),
        )
        yield from expect(cluster.resource, path, enabled, lambda value: value is not True, "must not be true")


_WAY_IN: Final = "Reach Ray by `kubectl port-forward` (the output rayDashboardCommand)."

GUARDRAILS: Final = (
    Guardrail(
        code="ray-token",
        promise="Ray asks for a token.",
        remedy="Set authOptions.mode of the Ray cluster to token.",
        check=_token,
    ),
    Guardrail(
        code="ray-namespace",
        promise="Pod Security `restricted` holds in the namespace of every Ray cluster, and the stack itself sees to "
        "it.",
        remedy=f"Make the namespace in the stack, with the label {_ENFORCED}: restricted.",
        check=_namespace,
        whole=True,
    ),
    Guardrail(
        code="no-load-balancer",
        promise="Nothing is served by a load balancer: it would stand open, and outlive the stack.",
        remedy=_WAY_IN,
        check=_no_load_balancer,
    ),
    Guardrail(
        code="no-ingress",
        promise="No Ingress and no Gateway lead to Ray.",
        remedy=_WAY_IN,
        check=_no_ingress,
    ),
)
