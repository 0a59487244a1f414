"""Ways to break one rule of a valid configuration, and where the refusal has to point."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from tests.unit.properties.stacks import ROLE, Stack, stacks

# In the place of a pool's name: the first pool of the configuration, or the first that carries the system's pods.
_ANY: Final = "ANY"
_HOME: Final = "HOME"


@dataclass(frozen=True, kw_only=True)
class Break:
    """Sets the value at `keys`, parted by dots; the problem is there, or further inside at `at`."""

    keys: str
    value: Any
    at: str = ""

    @property
    def section(self) -> str:
        return self.keys.split(".")[0]


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A configuration with some rules broken, and the paths where they are."""

    stack: Stack
    paths: frozenset[str]


def _at(keys: str, *values: Any, inside: str = "") -> Iterator[Break]:
    return (Break(keys=keys, value=value, at=inside) for value in values)


_GUARDS: Final = (
    *_at("aws.region", "us-east-1a", "Frankfurt", 5, ""),
    *_at("aws.tags", {"aws:owner": "me"}, inside='["aws:owner"]'),
    *_at("aws.tags", {"Owner": 5}, {"Owner": "x" * 257}, {"Owner": "a*b"}, inside=".Owner"),
    *_at("aws.tags", {"Owner": "a", "owner": "b"}, ["Owner"], {f"t{number}": "" for number in range(41)}),
    *_at("network.vpcId", "vpc-xyz", "", None, "subnet-0a1b2c3d4e5f60718"),
    *_at("network.subnetIds", ["subnet-0a1b2c3d4e5f60718"], [], ["subnet-0a1b2c3d4e5f60718"] * 2, "subnet-0a1b2c3d"),
    *_at("network.subnetIds", ["subnet-0a1b2c3d4e5f60718", "vpc-0a1b2c3d4e5f60718"], inside="[1]"),
    *_at("network.fromStack", {"stack": "organization/ray-vpc/dev"}),
    *_at("security.kmsDeletionWindowDays", 6, 31, "7", 7.5),
    *_at("security.egress", "open", True),
    *_at("security.kmsKeyArn", "alias/mine", "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"),
    *_at("operations.protect", "yes", 1),
    *_at("operations.costLimitUsd", 0, "100", float("inf"), float("nan")),
    *_at("operations.budget", {"emails": ["me"]}, inside=".emails[0]"),
    *_at("operations.budget", {"limitUsd": 10}, inside=".limitUsd"),
    *_at("operations.guardrailExceptions", {"nope": "because"}, inside=".nope"),
    *_at("operations.guardrailExceptions", {"imds": " "}, inside=".imds"),
)
_CLUSTER: Final = (
    *_at("cluster.name", "", "-ray", "sg-ray", "my.cluster", "r" * 101, 5),
    *_at("cluster.kubernetesVersion", 1.35, "1.30", "1.35.0"),
    *_at("cluster.supportType", "LTS"),
    *_at("cluster.logRetentionDays", 8, -1, "7"),
    *_at("cluster.logTypes", ["audits"], inside="[0]"),
    *_at("cluster.logTypes", ["api", "api"], "api"),
    *_at("cluster.serviceIpv4Cidr", "8.8.8.0/24", "172.20.0.0/25", "172.20.0.1/16", "fd00::/108"),
    *_at("cluster.publicAccessCidrs", ["0.0.0.0/0"], ["10.0.0.0/8"], ["203.0.113.7/24"], ["::/0"], inside="[0]"),
    *_at("cluster.accessEntries", {"Bad Name": {"principalArn": f"{ROLE}a"}}, inside='["Bad Name"]'),
    *_at("cluster.accessEntries", {"ops": {}}, {"ops": {"principalArn": "me"}}, inside=".ops.principalArn"),
    *_at(
        "cluster.accessEntries",
        {"ops": {"principalArn": f"{ROLE}a", "namespaces": ["web"]}},
        inside=".ops.namespaces",
    ),
    *_at(
        "cluster.accessEntries",
        {"a": {"principalArn": f"{ROLE}a"}, "b": {"principalArn": f"{ROLE}a"}},
        inside=".b.principalArn",
    ),
)
_POOLS: Final = (
    *_at("nodePools.ANY.minSize", -1, "2", 1.5),
    *_at("nodePools.ANY.maxSize", 0, -1, None),
    *_at("nodePools.ANY.diskGib", 19, 16385),
    *_at("nodePools.ANY.capacityType", "spot", "CAPACITY_BLOCK"),
    *_at("nodePools.ANY.amiType", "AL2_x86_64", "AL2_x86_64_GPU", "CUSTOM"),
    *_at("nodePools.ANY.architecture", "amd64"),
    *_at("nodePools.ANY.instanceTypes", [], ["m5.xlarge", "m5.xlarge"], "m5.xlarge", [f"m5.x{n}" for n in range(21)]),
    *_at("nodePools.ANY.instanceTypes", ["m5"], ["M5.xlarge"], inside="[0]"),
    *_at("nodePools.ANY.labels", {"kubernetes.io/role": "x"}, inside='["kubernetes.io/role"]'),
    *_at("nodePools.ANY.labels", {"ray.io/node-pool": "x"}, inside='["ray.io/node-pool"]'),
    *_at("nodePools.ANY.labels", {"team": "x" * 64}, {"team": ""}, {"team": True}, inside=".team"),
    *_at("nodePools.ANY.labels", {f"{'x' * 64}": "a"}, inside=f".{'x' * 64}"),
    *_at("nodePools.ANY.taints", [{"key": "team", "effect": "NoSchedule"}] * 2, inside="[1]"),
    *_at("nodePools.ANY.taints", [{"key": "team", "effect": "Never"}], inside="[0].effect"),
    *_at("nodePools.ANY.taints", [{"key": "team", "effect": "NoExecute", "value": "x" * 64}], inside="[0].value"),
    *_at("nodePools.ANY.maxUnavailable", 0, 101),
    *_at("nodePools.ANY.nodeConfig", {"cluster": {"name": "other"}}, ["kubelet"]),
    *_at("nodePools.ANY.onDemandFallback", {"maxSize": 0}, {"minSize": 2, "desiredSize": 2}, inside=".maxSize"),
    *_at("nodePools.HOME.onDemandFallback", {"enabled": True}, inside=".enabled"),
    *_at("nodePools.ANY.ray", {"podsPerNode": 0}, {"podsPerNode": 65}, inside=".podsPerNode"),
    *_at("nodePools.ANY.ray", {"cpu": "2"}, {"cpu": 0}, inside=".cpu"),
    *_at("nodePools.ANY.ray", {"image": "ray:latest"}, {"image": "ray"}, inside=".image"),
    *_at("nodePools.ANY.ray", {"minReplicas": 3, "maxReplicas": 2}, inside=".maxReplicas"),
    *_at("nodePools.ANY.disk", 100),
    *_at("nodePools.ANY", "small", 5, ["small"]),
    *_at("nodePools.Bad Name", {}),
    *_at(f"nodePools.{'p' * 41}", {}),
    *_at("nodePools.headgroup", {}),
    *_at("nodePools.spare-on-demand", {}),
    *_at("nodePools.my-gpu", {}, inside=".gpu"),
    *_at("nodePools", {"lone": {"gpu": True}}, {"lone": {"minSize": 0}}, {"lone": {"capacityType": "SPOT"}}, "small"),
)
_RAY: Final = (
    *_at("ray.name", "r" * 54, "1ray", "Ray", "ray-"),
    *_at("ray.namespace", "kube-system", "default", "Ray", "n" * 64),
    *_at("ray.version", "2.51.0", "2.58", "latest", 2.58),
    *_at("ray.image", "rayproject/ray:latest", "rayproject/ray", "ray@sha256:0a"),
    *_at("ray.imageArchitectures", ["amd64"], inside="[0]"),
    *_at("ray.head", {"cpu": 0.4}, inside=".cpu"),
    *_at("ray.head", {"memoryGib": 1.9}, inside=".memoryGib"),
    *_at("ray.head", {"nodePool": "0nowhere"}, inside=".nodePool"),
    *_at("ray.s3Buckets", ["s3://bucket"], ["a"], ["192.168.0.1"], ["a..b"], inside="[0]"),
    *_at("ray.idleTimeoutSeconds", -1, 604801),
    *_at("addons.coredns", {"version": "latest"}, inside=".version"),
    *_at("addons.vpcCni", {"values": {"enableNetworkPolicy": "false"}}, inside=".values"),
    *_at("addons.imageMirrors", {"docker.io": "https://mirror"}, inside='["docker.io"]'),
    *_at("addons.prometheus", {}),
    *_at("clutser", {}, "x"),
    *(each for section in ("aws", "security", "cluster", "addons", "ray", "operations") for each in _at(section, [5])),
)
BREAKS: Final = (*_GUARDS, *_CLUSTER, *_POOLS, *_RAY)


@st.composite
def broken_stacks(draw: st.DrawFn) -> Broken:
    """One to three rules broken, each in another section."""
    breaks = draw(st.lists(st.sampled_from(BREAKS), min_size=1, max_size=3, unique_by=lambda each: each.section))
    return broken(draw(stacks()), breaks)


def broken(stack: Stack, breaks: Iterable[Break]) -> Broken:
    """The configuration, which is changed, with these rules broken."""
    pools = stack["nodePools"]
    home = next(name for name, pool in pools.items() if "capacityType" not in pool)
    names = {_ANY: next(iter(pools)), _HOME: home}
    return Broken(stack=stack, paths=frozenset([_do(each, stack, names) for each in breaks]))


def _forget_home(stack: Stack) -> None:
    """The pool that the head names goes with all the others, which would be a second thing to tell."""
    ray = stack.get("ray")
    head = ray.get("head") if isinstance(ray, dict) else None
    if isinstance(head, dict) and head.get("nodePool") in stack["nodePools"]:
        del head["nodePool"]


def _do(each: Break, stack: Stack, names: dict[str, str]) -> str:
    """Break the configuration, and say where."""
    if each.keys == "cluster.publicAccessCidrs":
        stack["cluster"] = {**stack.get("cluster", {}), "endpointPublicAccess": True}
    if each.keys == "nodePools":
        _forget_home(stack)
    *above, last = [names.get(key, key) for key in each.keys.split(".")]
    owner = stack
    for key in above:
        owner = owner.setdefault(key, {})
    owner[last] = each.value
    path = ".".join([*above, last])
    return path.replace(".Bad Name", '["Bad Name"]') + each.at
