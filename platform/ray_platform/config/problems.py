"""What is wrong with a stack configuration, and how it is told."""

import json
import re
from collections.abc import Iterable, Sequence
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
_SHOWN_CHARACTERS: Final = 100


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

    def __str__(self) -> str:
        return f"{self.path} = {self._shown_value()}\n    rule:   {self.rule}\n    remedy: {self.remedy}"

    def _shown_value(self) -> str:
        if self.source == "absent":
            return "(not set)"
        text = json.dumps(self.value, default=str, ensure_ascii=False)
        if len(text) > _SHOWN_CHARACTERS:
            text = f"{text[:_SHOWN_CHARACTERS]}…"
        return f"{text} (the default)" if self.source == "default" else text


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


def yaml_path(parts: Sequence[PathPart]) -> str:
    """The parts of a path in the notation that `pulumi config set --path` reads."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return text


def set_command(path: str, value: object) -> str:
    """The command that sets one key of the current stack."""
    return f"pulumi config set --path '{PROJECT}:{path}' {value}"


def remove_command(path: str) -> str:
    """The command that removes one key from the current stack."""
    return f"pulumi config rm --path '{PROJECT}:{path}'"


def _section_rank(problem: Problem) -> int:
    section = re.split(r"[.\[]", problem.path, maxsplit=1)[0]
    return SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
