"""Reads YAML as Pulumi reads it: the same text has to be the same configuration, with Pulumi and without.

PyYAML takes more for what it is not: `yes`, dates, numbers to base 60; it takes a key that stands twice, and `1e2` for
a text. What Pulumi makes of each was tried with pulumi 3.259.0, which has Go's yaml.v3 in it, on 2026-11-23.

What differs still: a tag of one's own (`!foo bar`) is refused here, where Pulumi takes the text; the tags of YAML
itself (`!!timestamp`, `!!int`, `!!bool`) take what PyYAML takes; keys that are `.inf` or `.nan` are spelled as Python
does; a quoted `<<` is a key like any other; and where the machine is in the very zone of a time with an offset, Pulumi
writes the zone's name at its end.
"""

import calendar
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
# The four forms of a time that yaml.v3 takes: a date; with a time after blanks; with T or t, and then with a zone.
_TIME: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:(?: +|(?P<T>[Tt]))(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2}):(?P<second>[0-9]{1,2})(?:[.,](?P<part>[0-9]+))?"
    r"(?(T)(?:Z|(?P<sign>[-+])(?P<ahead>[0-9]{2}):(?P<more>[0-9]{2}))))?"
)
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
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in ("null", "merge")]
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


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
# PyYAML asks whether the text begins like this; `plain_scalar` looks at all of it.
_Loader.add_implicit_resolver("!plain", re.compile(r"[-+]?\.?[0-9A-Za-z][-+.\w]*"), list("-+.0123456789"))
_Loader.add_constructor("!plain", _Loader.plain_scalar)


class _Dumper(yaml.SafeDumper):
    """Quotes every text. By itself it leaves unquoted what is a text in YAML 1.1 and a number for Pulumi: 0o17, 1e2."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style='"')


_Dumper.add_representer(str, _Dumper.text)


def plain_scalar(text: str) -> float | str:
    """What an unquoted text that begins like a number is: that number, or the text."""
    if text in _NO_NUMBERS:
        return _NO_NUMBERS[text]
    if time := _TIME.fullmatch(text):
        return _time(time) or text
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


def write(value: Any) -> str:
    """The document of JSON's values that is this value for `read`, and for Pulumi."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=math.inf))


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
    if key is None:
        return "<nil>"
    return str(key).lower() if isinstance(key, bool) else str(key)


def _time(found: re.Match[str]) -> str | None:
    """As Go writes a time: Pulumi has it in the place of what stood there. None where there is no such time."""
    year, month, day, hour, minute, second, ahead, more = (
        int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second", "ahead", "more")
    )
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    # Go takes these bounds of an offset, and carries the minutes over.
    if hour > 23 or minute > 59 or second > 59 or ahead > 24 or more > 60:
        return None
    part = (found["part"] or "")[:9].rstrip("0")
    offset = f"{found['sign'] or '+'}{ahead + more // 60:02}{more % 60:02}"
    zone = "+0000 UTC" if offset[1:] == "0000" else f"{offset} {offset}"
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{part and f'.{part}'} {zone}"
