"""Reads YAML as Pulumi reads it: the same text has to be the same configuration, with Pulumi and without.

PyYAML takes more for what it is not: `yes`, dates, numbers to base 60; it takes a key that stands twice, and `1e2` for
a text. What Pulumi makes of each was tried with pulumi 3.259.0, which has Go's yaml.v3 in it, on 2026-11-23.
"""

import datetime
import math
import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

# Pulumi refuses excessive aliasing, too. Nothing that a configuration means is half as large or half as deep.
ENTRIES_MAX: Final = 100_000
LEVELS_MAX: Final = 64

_INTEGER: Final = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_REAL: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_NO_NUMBERS: Final[Mapping[str, float]] = {
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}

# The whole numbers that Go holds as such. Real ones below the other bound it writes without point or exponent.
_WHOLE: Final = range(-(2**63), 2**64)
_WRITTEN_WHOLE: Final = 10**21
_DIGITS_MAX: Final = 80


class _Loader(yaml.SafeLoader):
    """Resolves plain scalars as Pulumi does, and takes no key twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("null", "merge", "value")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} stands twice", problem_mark=key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return node

    def plain_scalar(self, node: yaml.ScalarNode) -> Any:
        return plain_scalar(str(node.value))


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|True|TRUE|false|False|FALSE"), list("tTfF"))
_Loader.add_implicit_resolver("!plain", re.compile(r"[-+]?\.?[0-9A-Za-z][-+.\w]*"), list("-+.0123456789"))
_Loader.add_constructor("!plain", _Loader.plain_scalar)


def plain_scalar(text: str) -> float | str:
    """What an unquoted text that begins like a number is: that number, or the text."""
    if text in _NO_NUMBERS:
        return _NO_NUMBERS[text]
    if _DATE.fullmatch(text):
        return _date(text)
    digits = text.replace("_", "")
    if len(digits) <= _DIGITS_MAX and _INTEGER.fullmatch(digits):
        octal = re.sub(r"^([-+]?)0(?=[0-7])", r"\g<1>0o", digits)
        if int(octal, 0) in _WHOLE:
            return int(octal, 0)
    if _REAL.fullmatch(digits) and math.isfinite(real := float(digits)):
        return int(real) if real.is_integer() and abs(real) < _WRITTEN_WHOLE else real
    return text


def read(text: str) -> Any:
    """The document as JSON has it: its keys are text. Raises `ValueError`, which says where the fault is."""
    try:
        return _Plain().of(yaml.load(text, Loader=_Loader), LEVELS_MAX)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from None


class _Plain:
    """Makes JSON's values of YAML's, as many as a configuration can have."""

    def __init__(self) -> None:
        self._entries = 0

    def of(self, value: Any, levels: int) -> Any:
        self._entries += 1
        if levels == 0 or self._entries > ENTRIES_MAX:
            raise ValueError(f"it has more than {LEVELS_MAX} levels, or more than {ENTRIES_MAX} entries")
        if isinstance(value, Mapping):
            return {_key(key): self.of(each, levels - 1) for key, each in value.items()}
        if isinstance(value, set):
            return {_key(key): None for key in value}
        if isinstance(value, list | tuple):
            return [self.of(each, levels - 1) for each in value]
        if isinstance(value, bytes):
            return value.decode(errors="replace")
        return value if isinstance(value, str | float | int | None) else str(value)


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _date(text: str) -> str:
    """As Go writes a time. Pulumi has it in the place of the date."""
    year, month, day = map(int, text.split("-"))
    try:
        return f"{datetime.date(year, month, day)} 00:00:00 +0000 UTC"
    except ValueError:
        return text
