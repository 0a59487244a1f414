"""Values that nobody means, and every place of a configuration where one could stand."""

import math
import re
from collections.abc import Iterator
from typing import Any, Final, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from ray_platform.config.load import MODELS
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.config.translation import bare, fields_by_key
from tests.unit.properties.stacks import ROLE, Stack

Place = tuple[str | int, ...]

_HALF_A_PAIR: Final = "\ud800"
# Digits and letters of other scripts, spaces that are none, what ends a line or a number.
_CHARACTERS: Final = "٢²\uff11é\u00a0\u2028\t\n\x1b%:/@._- " + _HALF_A_PAIR


class Huge(int):
    """A whole number that Python does not write in decimals: hypothesis can still tell which."""

    def __repr__(self) -> str:
        return f"Huge({'-' if self < 0 else ''}2**{self.bit_length()})"


NUMBERS: Final = st.one_of(
    st.integers(-1, 4),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.sampled_from(
        [math.inf, -math.inf, math.nan, 1e308, 10**400, Huge(10**5000), Huge(-(10**5000)), 2**63, -(2**63) - 1]
    ),
)
TEXTS: Final = st.one_of(
    st.text(max_size=20),
    st.text(f"019a{_CHARACTERS}", min_size=1, max_size=8),
    st.sampled_from(["", " ", "\u00a0", "-", "/", ".", "9" * 400, "9" * 5000, "9" * 400 + "Gi", "a" * 5000, "1e400"]),
)


def _deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = {"a": value}
    return value


ODD: Final = st.one_of(NUMBERS, TEXTS, st.sampled_from([None, True, False, [], {}, [[]], {"": {}}, _deep(100)]))
# What broke something once: there are few enough to try each of them in each place.
WORST: Final = (10**5000, math.nan, math.inf, 1e308, _deep(100), _HALF_A_PAIR, "a\tb", "ray::1", "9" * 400, 1, 5)

_POOL: Final = ("nodePools", "tested")
_KUBELET: Final = (*_POOL, "nodeConfig", "kubelet")

# Texts that are fine, by their places.
TEXTS_OF_PLACES: Final[dict[Place, str]] = {
    ("aws", "region"): "us-east-1",
    ("network", "vpcId"): "vpc-0a1b2c3d4e5f60718",
    ("security", "kmsKeyArn"): "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab",
    ("cluster", "name"): "ray-1",
    ("cluster", "kubernetesVersion"): "1.35",
    ("cluster", "serviceIpv4Cidr"): "172.20.0.0/16",
    ("cluster", "accessEntries", "a", "principalArn"): f"{ROLE}a1",
    ("addons", "coredns", "version"): "v1.20.1-eksbuild.3",
    ("addons", "imageMirrors", "quay.io"): "mirror.example:5000/quay",
    ("ray", "name"): "ray-1",
    ("ray", "version"): "2.58.1",
    ("ray", "image"): "registry.example:5000/team/ray:1",
    ("ray", "s3Buckets", 0): "my-bucket-1",
    ("operations", "budget", "emails", 0): "team1@example.com",
    (*_POOL, "instanceTypes", 0): "m5.xlarge",
    (*_POOL, "labels", "team"): "a1",
    (*_POOL, "ray", "image"): f"ray:1@sha256:{'0a' * 32}",
    (*_KUBELET, "config", "kubeReserved", "cpu"): "100m",
    (*_KUBELET, "config", "systemReserved", "memory"): "64Mi",
    (*_KUBELET, "config", "evictionHard", "memory.available"): "1%",
}


def _below(annotation: Any, at: Place) -> Iterator[Place]:
    """The places in a value of this type: itself, its keys, its first entry."""
    annotation = bare(annotation)
    yield at
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for key, field in fields_by_key(annotation).items():
            yield from _below(field.annotation, (*at, key))
    elif get_origin(annotation) is tuple:
        yield from _below(get_args(annotation)[0], (*at, 0))
    elif get_origin(annotation) is dict:
        yield from _below(get_args(annotation)[1], (*at, "a"))


PLACES: Final = [
    *(place for section, model in MODELS.items() for place in _below(model, (section,))),
    *_below(NodePoolConfig, _POOL),
    *((*_KUBELET, *rest) for rest in (("config",), ("flags",), ("flags", 0), ("config", "maxPods"))),
    *((*_KUBELET, "config", key) for key in ("kubeReserved", "systemReserved", "evictionHard")),
    *TEXTS_OF_PLACES,
]


def _is_number(place: Place) -> bool:
    """Whether the model wants a number there; `maxPods` is data to it."""
    annotation: Any = NodePoolConfig if place[:2] == _POOL else MODELS[str(place[0])]
    for key in place[2 if place[:2] == _POOL else 1 :]:
        annotation = bare(annotation)
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return place[-1] == "maxPods"
        annotation = fields_by_key(annotation)[str(key)].annotation
    return bare(annotation) in (int, float)


NUMBER_PLACES: Final = [place for place in PLACES if _is_number(place)]


@st.composite
def nearly_right_texts(draw: st.DrawFn) -> tuple[Place, str]:
    """A text that is fine at its place but for one character: put in, or in the place of a digit or of another."""
    place, text = draw(st.sampled_from(list(TEXTS_OF_PLACES.items())))
    digits = [match.start() for match in re.finditer("[0-9]", text)]
    if draw(st.booleans()) and digits:
        at = draw(st.sampled_from(digits))
        return place, text[:at] + draw(st.sampled_from("٢\uff11²")) + text[at + 1 :]
    middle = draw(st.integers(0, len(text)))
    return place, text[:middle] + draw(st.sampled_from(_CHARACTERS)) + text[middle + draw(st.integers(0, 1)) :]


def with_value(stack: Stack, place: Place, value: Any) -> Stack:
    """The configuration, changed: with the value at the place."""
    if len(place) == 1:
        stack[str(place[0])] = value
        return stack
    inside = value
    for part in reversed(place[1:]):
        inside = [inside] if isinstance(part, int) else {part: inside}
    owner = stack.setdefault(str(place[0]), {})
    owner |= inside
    return stack
