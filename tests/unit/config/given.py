"""A valid stack configuration to spoil, and the problems that come of it."""

from typing import Any

from ray_platform.config.load import parse
from ray_platform.config.node_pools import InstanceFacts
from ray_platform.config.problems import Problem
from ray_platform.config.sections import NodePoolConfig, Settings

NETWORK = {
    "vpcId": "vpc-0123456789abcdef0",
    "subnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
}
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE_ARN = "arn:aws:iam::123456789012:role/platform-admin"


def stack(**sections: Any) -> dict[str, Any]:
    """A configuration with these sections, valid but for what they say."""
    return {"network": NETWORK, **sections}


def settings(**sections: Any) -> Settings:
    """The settings of a configuration without problems."""
    found, problems = parse(stack(**sections))
    assert found is not None, [str(problem) for problem in problems]
    return found


def problems(**sections: Any) -> list[Problem]:
    """What is wrong; there are no settings then."""
    found, problems = parse(stack(**sections))
    assert (found is None) == bool(problems)
    return problems


def only_problem(**sections: Any) -> Problem:
    """The one thing that is wrong."""
    found = problems(**sections)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def with_pool(**keys: Any) -> dict[str, Any]:
    """Node pools: one that carries the system's pods and one, `tested`, with these keys."""
    return {"system": {}, "tested": keys}


def pool(**keys: Any) -> NodePoolConfig:
    """A valid pool with these keys."""
    return settings(nodePools=with_pool(**keys)).node_pools["tested"]


def pool_problem(**keys: Any) -> Problem:
    """The one thing wrong with a pool of these keys."""
    return only_problem(nodePools=with_pool(**keys))


def instance_facts(name: str) -> InstanceFacts:
    """What EC2 might say of a type of this name."""
    gpus = {"g4dn.12xlarge": 4}.get(name, 1 if name.startswith("g") else 0)
    return InstanceFacts(
        name=name,
        architectures=("x86_64",),
        vcpus=4,
        memory_mib=16384,
        gpus=gpus,
        gpu_name={"g5": "A10G", "p4": "A100 SXM"}.get(name[:2], "T4") if gpus else None,
        gpu_manufacturer="NVIDIA" if gpus else None,
        network_interfaces=4,
        addresses_per_interface=15,
        usage_classes=("on-demand", "spot"),
    )


class AnyType(dict[str, InstanceFacts]):
    """Facts of whatever type is asked for."""

    def __missing__(self, name: str) -> InstanceFacts:
        return instance_facts(name)
