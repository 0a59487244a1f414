"""Data that the platform hands on as it is, without knowing its keys: what every JSON and YAML parser reads alike."""

from collections.abc import Iterator
from math import isfinite
from typing import Annotated, Any, Final

from pydantic import AfterValidator

from ray_platform.config.fields import Kind, refusal
from ray_platform.config.numbers import INTEGER_MAX, INTEGER_MIN
from ray_platform.config.problems import PathPart

# Several times what the schemas of the addons and of the kubelet have. Python's own parsers and printers give up at
# a thousand, not all with an error that says so.
DEPTH_MAX: Final = 32

_Place = tuple[PathPart, ...]


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    pending: list[tuple[_Place, Any]] = [((), value)]
    while pending:
        at, each = pending.pop()
        if isinstance(each, dict | list):
            if len(at) >= DEPTH_MAX:
                raise refusal(f"at most {DEPTH_MAX} levels of mappings and lists", "Flatten it.", at=at[:1])
            pending += _entries(at, each)
        else:
            _check_scalar(at, each)
    return value


def _entries(at: _Place, owner: Any) -> Iterator[tuple[_Place, Any]]:
    if isinstance(owner, list):
        yield from (((*at, index), each) for index, each in enumerate(owner))
        return
    for key, each in owner.items():
        if not isinstance(key, str) or not _encodes(key):
            raise refusal("a mapping whose keys are text", "Put its keys in quotes.", at=at)
        yield (*at, key), each


def _check_scalar(at: _Place, value: Any) -> None:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, float):
        if not isfinite(value):
            raise refusal("a finite number: JSON has no other", "Correct or remove it.", at=at)
    elif isinstance(value, int):
        if not INTEGER_MIN <= value <= INTEGER_MAX:
            raise refusal("a whole number of at most 64 bits", "Correct it, or put it in quotes.", at=at)
    elif not isinstance(value, str) or not _encodes(value):
        raise refusal("a text, number, truth value, list or mapping", "Put it in quotes.", at=at)


def _encodes(text: str) -> bool:
    """Whether it is Unicode text; JSON lets half of a pair of surrogates through."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


Data: Final = AfterValidator(_plain)

Values = Annotated[dict[str, Any], Kind("mapping"), Data]
