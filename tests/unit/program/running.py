"""Runs of the program, and how its tests name what they look at."""

from collections.abc import Mapping
from typing import Any

from tests.support.graph import Graph, Node, run_program
from tests.support.mocked_aws import SUBNET_IDS, VPC_ID

NETWORK = {"vpcId": VPC_ID, "subnetIds": SUBNET_IDS}

# A mirror for every public registry, as `security.egress: private` needs.
MIRRORS = {
    registry: f"registry.example/{registry.partition('.')[0]}"
    for registry in ("docker.io", "nvcr.io", "public.ecr.aws", "quay.io", "registry.k8s.io")
}


def program(**sections: Mapping[str, Any]) -> Graph:
    cluster = {"name": "ray-test"} | dict(sections.pop("cluster", {}))
    return run_program({"network": NETWORK, "cluster": cluster, **sections})


def node_group(graph: Graph, pool: str) -> Node:
    return graph.one("NodeGroup", f"ray-test-{pool}")


def addon(graph: Graph, name: str) -> Node:
    return graph.one("Addon", f"ray-test-{name}")
