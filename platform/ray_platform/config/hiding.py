"""Keeps the values of a section that has a secret in it out of what is told of the configuration."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ray_platform.config.problems import SHOWN_CHARACTERS, Problem, is_in, printable, shown
from ray_platform.marks import SECRET

# What is told where other words might tell a secret.
RULE: Final = "what docs/configuration.md says of this key; more is not told, for it would repeat what may be secret"
REMEDY: Final = "Correct or remove it."
# A rule may take a value to pieces, or cut it. So many characters in a row are one.
_PIECE: Final = 4


class SecretSection(dict[str, Any]):
    """A section with a secret in it, which may be anywhere: no problem tells any of its values."""


def without_secrets(problems: Iterable[Problem], raw: Mapping[str, Any]) -> list[Problem]:
    """The problems of the configuration `raw`, whoever found them, without the values of its `SecretSection`s.

    Pulumi's engine hides the secrets that it finds in a message, and finds them only where they are whole. Of a
    problem in such a section a rule is kept that shares nothing with its values, and the remedy where the key is
    absent; of a problem elsewhere only what repeats one of these values is lost.
    """
    sections = {name: section for name, section in raw.items() if isinstance(section, SecretSection)}
    scalars = set(_scalars(sections))
    pieces = {piece for text in scalars for piece in _pieces(text)}
    return [
        _inside(problem, pieces) if any(is_in(problem, name) for name in sections) else _outside(problem, scalars)
        for problem in problems
    ]


def _inside(problem: Problem, pieces: set[str]) -> Problem:
    own = problem.source == "absent" and not _shares(problem.remedy, pieces)
    return replace(
        problem,
        value=SECRET if problem.source == "config" else problem.value,
        rule=RULE if _shares(problem.rule, pieces) else problem.rule,
        remedy=problem.remedy if own else REMEDY,
    )


def _outside(problem: Problem, scalars: set[str]) -> Problem:
    return replace(
        problem,
        rule=RULE if _repeats(problem.rule, scalars) else problem.rule,
        remedy=REMEDY if _repeats(problem.remedy, scalars) else problem.remedy,
    )


def _repeats(text: str, scalars: set[str]) -> bool:
    """Whether one of them stands there, not as a part of a word; a long one is cut where it is shown.

    A mere `true` is in many a rule, and nobody's secret outside of its section.
    """
    telling = (each[:SHOWN_CHARACTERS] for each in scalars if each not in ("true", "false"))
    return any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text) for each in telling)


def _shares(text: str, pieces: set[str]) -> bool:
    parts = (text[at : at + size] for size in range(1, _PIECE + 1) for at in range(len(text) - size + 1))
    return any(part in pieces for part in parts)


def _pieces(text: str) -> Iterator[str]:
    """All its parts of that length; the text itself if it is shorter."""
    yield from (text[at : at + _PIECE] for at in range(max(1, len(text) - _PIECE + 1)))


def _scalars(value: Any) -> Iterator[str]:
    """Every text and number in it, and `true` and `false`, as a message would have it."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif each is not None and each != "":
            yield printable(each) if isinstance(each, str) else shown(each).strip('"')
