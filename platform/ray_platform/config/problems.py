"""What is wrong with a stack configuration, and how it is told."""

import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

# Namespace of the configuration keys: the project's name in Pulumi.yaml.
PROJECT: Final = "ray-on-eks"

SECTIONS: Final = (
    "aws",
    "network",
    "security",
    "cluster",
    "nodePools",
    "addons",
    "ray",
    "operations",
)

PathPart = str | int
Source = Literal["config", "default", "absent"]

_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
SHOWN_CHARACTERS: Final = 100
_SHOWN_LEVELS: Final = 12
# From about here on a whole number is longer than what is shown, and soon than what Python writes in decimals.
_DECIMAL_BITS: Final = 400


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One refusal.

    `path` is the key's place in the stack configuration, such as `nodePools.gpu.instanceTypes[0]`.
    `source` tells where `value` comes from: the stack's configuration, a default, or nowhere.
    `rule` is what a value there must be, `remedy` a command or a sentence that mends it.
    """

    path: str
    value: Any
    rule: str
    remedy: str
    source: Source = "config"

    def __post_init__(self) -> None:
        """Rule and remedy may repeat names from the configuration, with whatever is in them."""
        for name in ("rule", "remedy"):
            lines = str(getattr(self, name)).split("\n")
            object.__setattr__(self, name, "\n".join(map(printable, lines)))

    def __str__(self) -> str:
        return f"{self.path} = {self.shown_value}\n    rule:   {self.rule}\n    remedy: {self.remedy}"

    @property
    def shown_value(self) -> str:
        """The value for a reader, and where it comes from if not from the configuration."""
        if self.source == "absent":
            return "(not set)"
        return f"{shown(self.value)} (the default)" if self.source == "default" else shown(self.value)


class ConfigError(ValueError):
    """Every problem of a stack configuration at once, in the order of the sections."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=_section_rank))
        super().__init__(self._text())

    def _text(self) -> str:
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        headline = f"{count} {noun} in the stack configuration; nothing was created or changed."
        return "\n\n".join([headline, *(f"{n}. {problem}" for n, problem in enumerate(self.problems, start=1))])


def shown(value: Any) -> str:
    """Any value in a few words: as JSON, cut short, and with nothing in it that a terminal does not print."""
    text = printable(json.dumps(_short(value, _SHOWN_LEVELS), default=str, ensure_ascii=False))
    return f"{text[:SHOWN_CHARACTERS]}…" if len(text) > SHOWN_CHARACTERS else text


def printable(line: str) -> str:
    """The line with JSON's escapes for the characters that cannot be seen: odd spaces, halves of surrogate pairs."""
    return line if line.isprintable() else "".join(_seen(each) for each in line)


def _seen(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def _short(value: Any, levels: int) -> Any:
    """The beginning of the value. What it leaves out would not be shown, and might be too much to write."""
    if isinstance(value, str):
        return value[: SHOWN_CHARACTERS + 1]
    if isinstance(value, int) and value.bit_length() > _DECIMAL_BITS:
        return f"{value:#x}"[:SHOWN_CHARACTERS] + "…"
    if isinstance(value, Mapping | list | tuple) and levels == 0:
        return "…"
    if isinstance(value, Mapping):
        first = itertools.islice(value.items(), SHOWN_CHARACTERS)
        return {str(_short(key, 0)): _short(each, levels - 1) for key, each in first}
    if isinstance(value, list | tuple):
        return [_short(each, levels - 1) for each in value[:SHOWN_CHARACTERS]]
    return value


def yaml_path(parts: Sequence[PathPart]) -> str:
    """The parts of a path in the notation that `pulumi config set --path` reads."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{printable(json.dumps(part, ensure_ascii=False))}]"
    return text


def is_in(problem: Problem, section: str) -> bool:
    """Whether the problem is the section's, or of something in it."""
    at = yaml_path((section,))
    return problem.path == at or problem.path.startswith((f"{at}.", f"{at}["))


def set_command(path: str, value: object) -> str:
    """The command that sets one key of the current stack."""
    return f"pulumi config set --path '{PROJECT}:{path}' {value}"


def remove_command(path: str) -> str:
    """The command that removes one key from the current stack."""
    return f"pulumi config rm --path '{PROJECT}:{path}'"


def _section_rank(problem: Problem) -> int:
    section = re.split(r"[.\[]", problem.path, maxsplit=1)[0]
    return SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
