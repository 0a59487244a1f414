"""Valid stack configurations of every kind, as decoded YAML."""

from typing import Any, Final

from hypothesis import strategies as st

from ray_platform.config.cluster_config import LOG_RETENTION_DAYS
from ray_platform.versions import KUBERNETES_MINORS
from tests.support.mocked_aws import SUBNET_IDS, VPC_ID
from tests.unit.program.running import MIRRORS

Stack = dict[str, Any]

ROLE: Final = "arn:aws:iam::123456789012:role/"
# Architecture and GPU -> the instance types of the mocked account. Ray publishes no image for GPUs on arm64.
TYPES: Final = {
    ("x86_64", False): ("m5.xlarge", "m5.2xlarge"),
    ("arm64", False): ("m7g.xlarge", "m7g.2xlarge"),
    ("x86_64", True): ("g4dn.xlarge", "g4dn.2xlarge"),
}

_FLAG: Final = st.booleans()


def _text(first: str, more: str, last: str, most: int) -> st.SearchStrategy[str]:
    """Up to so many characters, of which the first and the last one are special."""
    return st.builds(
        lambda head, body: (head + body).rstrip("".join(set(more) - set(last))),
        st.sampled_from(first),
        st.text(more, max_size=most - 1),
    )


def dns_names(most: int) -> st.SearchStrategy[str]:
    return _text("abz", "abz09-", "abz09", most)


_KEY: Final = st.builds(str.__add__, st.sampled_from(["", "example.com/"]), _text("aZ9", "aZ9-_.", "aZ9", 50))
_VALUE: Final = _text("aZ9", "aZ9-_.", "aZ9", 63)
_NAMESPACE: Final = dns_names(63)
POOL_NAMES: Final = dns_names(40)
# Short ones, and as many that names made from them have to be cut.
CLUSTER_NAMES: Final = st.builds(
    lambda name, length: name.ljust(length, "r"), _text("aZ9", "aZ9_-", "aZ9_-", 100), st.sampled_from([1, 50, 100])
)
_TAG_TEXT: Final = "aZ9é .:/=+@_-"
_TAGS: Final = st.lists(
    st.tuples(st.text(_TAG_TEXT, min_size=1, max_size=128), st.text(_TAG_TEXT, max_size=256)),
    max_size=4,
    unique_by=lambda pair: pair[0].lower(),
).map(dict)


def _section(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Stack]:
    """A mapping with any of these keys."""
    return st.fixed_dictionaries({}, optional=keys)


def _some(*values: Any, at_least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=at_least)


@st.composite
def _cluster(draw: st.DrawFn) -> Stack:
    cluster = draw(
        _section(
            name=CLUSTER_NAMES,
            kubernetesVersion=st.sampled_from(list(KUBERNETES_MINORS)),
            supportType=st.sampled_from(["STANDARD", "EXTENDED"]),
            logTypes=_some("api", "audit", "authenticator", "controllerManager", "scheduler"),
            logRetentionDays=st.sampled_from(LOG_RETENTION_DAYS),
            serviceIpv4Cidr=st.sampled_from(["172.16.0.0/12", "172.20.0.0/16", "192.168.7.0/24"]),
        )
    )
    entry = st.sampled_from(["cluster-admin", "admin", "edit", "view"]).flatmap(
        lambda policy: st.fixed_dictionaries(
            {"policy": st.just(policy)},
            optional={"namespaces": st.lists(_NAMESPACE, max_size=0 if policy == "cluster-admin" else 2, unique=True)},
        )
    )
    names = draw(st.lists(dns_names(40), max_size=2, unique=True))
    if names:
        cluster["accessEntries"] = {name: {"principalArn": f"{ROLE}{name}", **draw(entry)} for name in names}
    if draw(_FLAG):
        cluster["endpointPublicAccess"] = True
        cluster["publicAccessCidrs"] = draw(_some("203.0.113.0/24", "198.51.100.7/32", "8.8.0.0/13", at_least=1))
    return cluster


@st.composite
def _sizes(draw: st.DrawFn, *, at_least: int = 0) -> Stack:
    low, middle, high = sorted(draw(st.lists(st.integers(at_least, 12), min_size=3, max_size=3)))
    return {"minSize": low, "desiredSize": middle, "maxSize": max(high, 1)}


@st.composite
def _workers(draw: st.DrawFn, *, gpu: bool, max_size: int) -> Stack:
    """A worker group for which there is room on a node of 4 cores and 16 GiB, beside one or two for the head."""
    return draw(
        _section(
            enabled=_FLAG,
            podsPerNode=st.just(1) if gpu else st.integers(1, 3),
            cpu=st.floats(0.1, 1.1),
            memoryGib=st.floats(0.1, 4),
            gpus=st.integers(0, 1) if gpu else st.just(0),
            minReplicas=st.just(0),
            maxReplicas=st.integers(0, max(0, max_size - 2)),
            idleTimeoutSeconds=st.integers(0, 604800),
            image=st.sampled_from(["registry.example/ray:1", f"registry.example/ray@sha256:{'0a' * 32}"]),
        )
    )


# What a node keeps from pods beyond what it does by itself, at most about 100m and 256 MiB, or less than that.
_KUBELET: Final = _section(
    kubeReserved=_section(cpu=st.sampled_from(["60m", "0.1"]), memory=st.sampled_from(["512Mi", "1Gi"])),
    systemReserved=_section(cpu=st.sampled_from(["50m"]), memory=st.sampled_from(["64Mi"])),
    evictionHard=_section(**{"memory.available": st.sampled_from(["50Mi", "1%"])}),
    maxPods=st.integers(20, 110),
)
NODE_CONFIG: Final = st.one_of(
    st.just({}),
    st.builds(lambda config: {"kubelet": {"config": config}}, _KUBELET),
    st.just({"kubelet": {"flags": ["--v=2"]}, "featureGates": {"InstanceIdNodeName": True}}),
)


@st.composite
def _pool(draw: st.DrawFn, *, home: bool = False) -> Stack:
    """A pool; a home takes the pods of the system."""
    architecture, gpu = draw(st.sampled_from([kind for kind in TYPES if not (home and kind[1])]))
    sizes = draw(_sizes(at_least=1 if home else 0))
    pool = draw(
        _section(
            instanceTypes=_some(*TYPES[architecture, gpu], at_least=1),
            diskGib=st.integers(20, 16384),
            labels=st.dictionaries(_KEY, _VALUE, max_size=2),
            maxUnavailable=st.integers(1, 100),
            nodeRepair=_FLAG,
            nodeConfig=NODE_CONFIG,
            ray=_workers(gpu=gpu, max_size=sizes["maxSize"]),
        )
    )
    if not home:
        pool |= draw(_other_keys(gpu))
    return {**pool, **sizes, "gpu": gpu, "architecture": architecture}


@st.composite
def _other_keys(draw: st.DrawFn, gpu: bool) -> Stack:
    """What a home does not have: spot capacity with its fallback, and taints."""
    capacity = draw(st.sampled_from(["SPOT", "ON_DEMAND"]))
    effects = st.sampled_from(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    taint = st.builds(lambda key, value, effect: {"key": key, "value": value, "effect": effect}, _KEY, _VALUE, effects)
    keys: Stack = {
        "capacityType": capacity,
        "taints": draw(st.lists(taint, max_size=2, unique_by=lambda each: each["key"])),
    }
    if capacity == "SPOT":
        # Without its fallback a GPU pool breaks a guardrail, knowingly.
        keys["onDemandFallback"] = {"enabled": True if gpu else draw(_FLAG), **draw(_sizes())}
    return keys


@st.composite
def _pools(draw: st.DrawFn) -> Stack:
    names = draw(st.lists(POOL_NAMES, min_size=1, max_size=4, unique=True))
    pools = {names[0]: draw(_pool(home=True))} | {name: draw(_pool()) for name in names[1:]}
    return {name: pools[name] for name in draw(st.permutations(names))}


_ADDON: Final = {"version": st.just("v1.20.1-eksbuild.3"), "values": st.just({"replicaCount": 2})}
_ADDONS: Final = _section(
    vpcCni=_section(**_ADDON, prefixDelegation=_FLAG, networkPolicy=_FLAG),
    kubeProxy=_section(**_ADDON),
    coredns=_section(**_ADDON),
    ebsCsiDriver=_section(**_ADDON, enabled=_FLAG),
    clusterAutoscaler=_section(enabled=_FLAG),
    nodeTerminationHandler=_section(enabled=_FLAG),
    devicePlugin=_section(enabled=_FLAG),
)
_OPERATIONS: Final = _section(
    protect=_FLAG,
    deletionProtection=_FLAG,
    budget=_section(emails=_some("team@example.com", "o'brien+aws@example.co.uk")),
    costLimitUsd=st.sampled_from([10**6, 1e9]),
)


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """A configuration that the program takes in the mocked account, whatever else it says."""
    pools = draw(_pools())
    homes = [name for name, pool in pools.items() if "capacityType" not in pool]
    stack = {
        "network": {"vpcId": VPC_ID, "subnetIds": draw(st.permutations(SUBNET_IDS))[: draw(st.integers(2, 3))]},
        "aws": draw(_section(region=st.just("us-east-1"), tags=_TAGS)),
        "security": draw(
            _section(
                kmsDeletionWindowDays=st.integers(7, 30),
                encryptVolumesWithKey=_FLAG,
                egress=st.sampled_from(["internet-https", "private"]),
                sessionManager=_FLAG,
            )
        ),
        "cluster": draw(_cluster()),
        "nodePools": pools,
        # A private way out wants a mirror for every registry.
        "addons": draw(_ADDONS) | {"imageMirrors": MIRRORS},
        "ray": draw(
            _section(
                enabled=_FLAG,
                name=dns_names(53),
                namespace=_NAMESPACE,
                version=st.sampled_from(["2.52.0", "2.58.1", "3.0.0"]),
                upgradeStrategy=st.sampled_from(["None", "Recreate"]),
                idleTimeoutSeconds=st.integers(0, 604800),
                head=_section(cpu=st.floats(0.5, 2), memoryGib=st.floats(2, 8), nodePool=st.sampled_from(homes)),
                s3Buckets=_some("a-bucket", "another.bucket-1"),
                allowedNamespaces=_some("notebooks", "web"),
            )
        ),
        "operations": draw(_OPERATIONS),
    }
    return {name: value for name, value in stack.items() if value}
