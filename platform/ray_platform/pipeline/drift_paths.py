"""Paths of properties as the engine writes them, what is at one, and what differs below it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from ray_platform.marks import SECRET, SECRET_VALUE, SIGNATURE

Keys = tuple[str | int, ...]
"""The way to a property: names, keys of maps, indices of lists."""

_STEP: Final = re.compile(
    r'\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\[(?P<index>\d+)\]|\[(?P<any>\*)\]|\.?(?P<name>[^.\[\]]+)'
)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A property as the stack has it and as it was found. None is a property that is not there."""

    keys: Keys
    expected: Any
    found: Any


def keys_of(path: str) -> Keys:
    """``labels["ray.io/node"]``, ``spec.ports[0].port``. In a pattern an index may be ``[*]``."""
    return tuple(_key(step) for step in _STEP.finditer(path))


def path_of(keys: Keys) -> str:
    return "".join(_step(key) for key in keys).removeprefix(".")


def covers(pattern: Keys, keys: Keys) -> bool:
    """Whether the keys lead to what the pattern names, or into it. ``*`` stands for any text, ``**`` for any keys."""
    if not pattern:
        return True
    first, rest = pattern[0], pattern[1:]
    if first == "**":
        return any(covers(rest, keys[start:]) for start in range(len(keys) + 1))
    return bool(keys) and fnmatchcase(str(keys[0]), str(first)) and covers(rest, keys[1:])


def without_secrets(value: Any) -> Any:
    """The value with ``SECRET`` in place of what the engine marks as one."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET_VALUE:
            return SECRET
        return {key: without_secrets(each) for key, each in value.items()}
    return [without_secrets(each) for each in value] if isinstance(value, list) else value


def value_at(value: Any, keys: Keys) -> Any:
    """What is at the keys, None where there is nothing. Whatever is in a secret is a secret."""
    for key in keys:
        if value == SECRET:
            return SECRET
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def differences(keys: Keys, expected: Any, found: Any) -> Iterator[Difference]:
    """What differs at the keys and below, as deep as both sides go; JSON in a text is gone into.

    Where nothing does, and yet the provider says so, it is the property itself.
    """
    below = list(_below(keys, expected, found))
    yield from below or [Difference(keys=keys, expected=expected, found=found)]


def _below(keys: Keys, expected: Any, found: Any) -> Iterator[Difference]:
    left, right = _opened(expected, found)
    if (steps := _steps(left, right)) is not None:
        for step in steps:
            yield from _below((*keys, step), value_at(left, (step,)), value_at(right, (step,)))
    elif expected != found:
        hidden = SECRET in (expected, found)
        yield Difference(
            keys=keys,
            expected=SECRET if hidden and expected is not None else expected,
            found=SECRET if hidden and found is not None else found,
        )


def _steps(left: Any, right: Any) -> list[str | int] | None:
    """The keys of one level; None where there is no level to go down."""
    sides = [side for side in (left, right) if side is not None]
    if any(sides) and all(isinstance(side, Mapping) for side in sides):
        return list(dict.fromkeys(key for side in sides for key in side))
    if any(sides) and all(isinstance(side, list) for side in sides):
        return list(range(max(len(side) for side in sides)))
    return None


def _opened(left: Any, right: Any) -> tuple[Any, Any]:
    """Two JSON texts, such as policies, as their objects; anything else as it is."""
    if not (isinstance(left, str) and isinstance(right, str)):
        return left, right
    try:
        opened = json.loads(left), json.loads(right)
    except ValueError:
        return left, right
    return opened if all(isinstance(each, dict) for each in opened) else (left, right)


def _key(step: re.Match[str]) -> str | int:
    if step["index"] is not None:
        return int(step["index"])
    if step["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", step["quoted"])
    return step["any"] or step["name"]


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if re.fullmatch(r"[\w-]+", key) else f"[{json.dumps(key)}]"
