"""Values of resources as plain data, in which what nobody knows yet stands as `UNKNOWN`."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final

from ray_platform.marks import OUTPUT_VALUE, SECRET, SECRET_VALUE, SIGNATURE


class Unknown(Enum):
    """A value that exists only once the resource it comes from does."""

    UNKNOWN = "not known yet"


UNKNOWN: Final = Unknown.UNKNOWN

# What stands for a value that a preview does not know, one text for each kind of value (pulumi/pulumi 3.259,
# sdk/go/common/resource/plugin/rpc.go, read 2026-11-23).
_PLACEHOLDERS: Final = (
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
)


def plain(value: Any, hidden_by: tuple[type[Exception], ...] = ()) -> Any:
    """The value as dictionaries, lists, texts, numbers and truth values, with `UNKNOWN` where it is not known.

    ``hidden_by`` are the exceptions by which a mapping or a list says that one of its values is not known. Secrets are
    looked into where they can be. A text with an unknown part is unknown as a whole, and so is whatever is none of the
    kinds above, such as an output.
    """
    if isinstance(value, str):
        return UNKNOWN if value == SECRET or any(each in value for each in _PLACEHOLDERS) else value
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) in (SECRET_VALUE, OUTPUT_VALUE):
            return plain(value["value"], hidden_by) if "value" in value else UNKNOWN
        return {key: _plain_at(value, key, hidden_by) for key in value}
    if isinstance(value, Sequence):
        return [_plain_at(value, index, hidden_by) for index in range(len(value))]
    return value if value is None or isinstance(value, bool | int | float) else UNKNOWN


def _plain_at(values: Any, key: Any, hidden_by: tuple[type[Exception], ...]) -> Any:
    try:
        return plain(values[key], hidden_by)
    except hidden_by:
        return UNKNOWN


def look(tree: Any, *path: str) -> Any:
    """The value at a path; None where there is none, `UNKNOWN` where the value or what it is in is not known."""
    for key in path:
        if tree is UNKNOWN:
            return UNKNOWN
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def each(tree: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """The entries of the list at a path, each with its path as text; a list that is not known is one such entry.

    An object stands for a list of one: providers flatten lists that have at most one entry.
    """
    found, text = look(tree, *path), ".".join(path)
    if isinstance(found, list):
        yield from ((f"{text}[{index}]", entry) for index, entry in enumerate(found))
    elif found is not None:
        yield text, found


def is_true(value: Any) -> bool:
    """Some properties of AWS resources are truth values, some are their names."""
    return value is True or value == "true"
