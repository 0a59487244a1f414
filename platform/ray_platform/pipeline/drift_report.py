"""What was changed by hand, for people and for pipelines."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Kind = Literal["changed", "deleted", "unreadable"]

SCHEMA: Final = 1
# An issue takes 65,536 characters, and a row here about 500 at most.
_MOST_ROWS: Final = 100
_MOST_CHARACTERS: Final = 120


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property as the stack has it and as it was found. None is one that is not there."""

    path: str
    expected: Any
    found: Any


@dataclass(frozen=True, kw_only=True)
class Item:
    """A resource that is not as the stack has it, or that could not be read; ``why`` says why not."""

    urn: str
    type: str
    name: str
    component: str
    kind: Kind
    properties: tuple[Property, ...] = ()
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A difference that is no drift, because the property is somebody else's."""

    urn: str
    path: str
    owner: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DriftReport:
    """``items`` are in the order of their URNs."""

    items: tuple[Item, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def drifted(self) -> bool:
        return any(item.kind != "unreadable" for item in self.items)

    @property
    def complete(self) -> bool:
        """Whether everything could be read: what could not may have drifted too."""
        return all(item.kind != "unreadable" for item in self.items)

    def fingerprint(self) -> str:
        """The same for the same drift, whenever and in whatever order it was found."""
        # Why a resource could not be read is told in other words each time, with the id of the request.
        told = [{key: value for key, value in asdict(item).items() if key != "why"} for item in self.items]
        ordered = sorted(json.dumps(each, sort_keys=True) for each in told)
        return hashlib.sha256("\n".join(ordered).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """The report as docs/drift.md describes it."""
        return {
            "schema": SCHEMA,
            "drifted": self.drifted,
            "complete": self.complete,
            "fingerprint": self.fingerprint(),
            "items": [asdict(item) | {"properties": [asdict(each) for each in item.properties]} for item in self.items],
            "leftOut": [asdict(each) for each in self.left_out],
            "leftOutByOwner": self.left_out_by_owner(),
        }

    def left_out_by_owner(self) -> dict[str, int]:
        """Owner -> how many differences are its own doing."""
        return dict(sorted(Counter(each.owner for each in self.left_out).items()))

    def markdown(self) -> str:
        """The report as the body of an issue. Its last line is a comment with the fingerprint.

        The same drift is the same text: what is left out, which moves every day, is not in it.
        """
        parts = [self._summary()]
        if self.items:
            parts += [self._table(), self._remedy()]
        return "\n\n".join([*parts, f"<!-- ray-platform drift {self.fingerprint()} -->"]) + "\n"

    def _summary(self) -> str:
        counts = Counter(item.kind for item in self.items)
        if not counts:
            return "Nothing was changed by hand."
        words: dict[Kind, str] = {
            "changed": "changed by hand",
            "deleted": "deleted by hand",
            "unreadable": "that could not be read",
        }
        told = ", ".join(f"{_resources(counts[kind])} {word}" for kind, word in words.items() if kind in counts)
        return f"**{told}.**"

    def _table(self) -> str:
        rows = [row for item in self.items for row in _rows(item)]
        more = len(rows) - _MOST_ROWS
        lines = [
            "| Component | Resource | Property | In the stack | Found |",
            "|---|---|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in rows[:_MOST_ROWS]),
        ]
        table = "\n".join(lines)
        return f"{table}\n\nAnd {more} more: `ray-platform drift --json` has them all." if more > 0 else table

    def _remedy(self) -> str:
        told = []
        if self.drifted:
            told.append(
                "`ray-platform up` puts it back. What is to stay goes into the stack's file, so that it is in the next "
                "`up`."
            )
        if not self.complete:
            told.append("What could not be read may have been changed too: run it again once it can be read.")
        return " ".join(told)


def _resources(count: int) -> str:
    return f"{count} resource{'' if count == 1 else 's'}"


def _rows(item: Item) -> list[tuple[str, ...]]:
    resource = f"{_cell(item.name)} ({_cell(item.type.rpartition(':')[2])})"
    if item.kind == "unreadable":
        return [(item.component, resource, "", "", f"not readable: {_code(item.why)}")]
    if item.kind == "deleted":
        return [(item.component, resource, "", "", "**deleted**")]
    if not item.properties:
        return [(item.component, resource, "", "", "changed; the provider does not tell in what")]
    return [
        (item.component, resource, _code(each.path), _value(each.expected), _value(each.found))
        for each in item.properties
    ]


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    return _code(value if isinstance(value, str) else json.dumps(value, sort_keys=True))


def _code(text: str) -> str:
    """Text as code in a cell; what would end the code or the cell is replaced."""
    return f"`{_cell(text).replace('`', chr(39))}`" if text else '`""`'


def _cell(text: str) -> str:
    line = " ".join(text.split())
    cut = line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}…"
    return cut.replace("|", "\\|")
