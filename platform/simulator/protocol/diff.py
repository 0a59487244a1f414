"""What changed between the old and the new inputs of a resource, path by path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["ADD", "UPDATE", "DELETE"]

_ABSENT = object()


def leads_into(fields: Iterable[str], keys: tuple[str | int, ...]) -> bool:
    """Whether the keys lead to one of the fields, dotted paths without list indices, or into it."""
    path = ".".join(key for key in keys if isinstance(key, str)) + "."
    return any(path.startswith(f"{field}.") for field in fields)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One changed leaf. `keys` leads to it: property, then map keys and list indices."""

    keys: tuple[str | int, ...]
    kind: Kind
    replaces: bool

    @property
    def path(self) -> str:
        """The path as the engine writes it: `scalingConfig.minSize`, `taints[0].key`,
        `labels["ray.io/node"]`.
        """
        return "".join(_step(key) for key in self.keys).removeprefix(".")


def changes(
    old: Mapping[str, Any], new: Mapping[str, Any], replaces: Callable[[tuple[str | int, ...]], bool]
) -> list[Change]:
    """Every leaf that differs; one whose new value is not known yet differs. `replaces` judges the keys of a
    leaf.
    """
    return _changes((), old, new, replaces)


def _changes(
    keys: tuple[str | int, ...], old: Any, new: Any, replaces: Callable[[tuple[str | int, ...]], bool]
) -> list[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        steps: list[str | int] = [*old, *(key for key in new if key not in old)]
    elif isinstance(old, list) and isinstance(new, list):
        steps = list(range(max(len(old), len(new))))
    elif old == new and type(old) is type(new):
        return []
    else:
        kind: Kind = "ADD" if old is _ABSENT else "DELETE" if new is _ABSENT else "UPDATE"
        return [Change(keys=keys, kind=kind, replaces=_any_replaces(keys, old, new, replaces))]
    return [change for step in steps for change in _changes((*keys, step), _at(old, step), _at(new, step), replaces)]


def _any_replaces(
    keys: tuple[str | int, ...], old: Any, new: Any, replaces: Callable[[tuple[str | int, ...]], bool]
) -> bool:
    """A mapping that comes or goes as a whole replaces where one of its leaves would."""
    whole = new if old is _ABSENT else old
    if replaces(keys) or not isinstance(whole, Mapping):
        return replaces(keys)
    return any(change.replaces for change in _changes(keys, {}, whole, replaces))


def _at(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if step < len(value) else _ABSENT
    return value.get(step, _ABSENT)


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if key.isidentifier() else f'["{key}"]'
