"""The words in a box of the picture, cut to what it has room for.

No font is asked how wide its letters are: whoever opens the picture may have another one. A letter is counted as wide
as in the widest of the fonts a browser takes for ``sans-serif``, so that words stay in their box with each of them.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from ray_platform.plan.picture import Box
from ray_platform.report.words import clock, count, printable

# In parts of the font's size, after DejaVu Sans, which no common stand-in for sans-serif is wider than.
LETTER: Final = 0.64
FULL_WIDTH: Final = 1.1
BOLD: Final = 1.13
OTHERS: Final = {
    **dict.fromkeys("iljI.,:;'|! -", 0.37),
    **dict.fromkeys('tfr()[]{}"/', 0.46),
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ&+<=>~", 0.84),
    **dict.fromkeys("mwMW@%", 1.0),
}

TITLE_SIZE: Final = 14.0
TEXT_SIZE: Final = 12.0
TITLE_LINES: Final = 2
ELLIPSIS: Final = "…"
DASH: Final = "\N{EN DASH}"


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """One line in a box. ``right`` stands at the right edge of the same line."""

    text: str
    size: float
    bold: bool = False
    critical: bool = False
    right: str = ""

    @property
    def height(self) -> float:
        return self.size * 1.4


def width(text: str, size: float, *, bold: bool = False) -> float:
    """At least as wide as the text will be drawn."""
    letters = sum(_letter(each) for each in text)
    return letters * size * (BOLD if bold else 1.0)


def cut(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as there is room for."""
    text = printable(text)
    if width(text, size, bold=bold) <= room:
        return text
    while text and width(text + ELLIPSIS, size, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def lines(box: Box, room: float) -> tuple[TextLine, ...]:
    """What a box says, each line within ``room``: its name, what it is, when it is made, and what takes long in it."""
    return tuple(
        [
            *(TextLine(text=text, size=TITLE_SIZE, bold=True) for text in _wrapped(box.name, room)),
            TextLine(text=cut(box.kind, TEXT_SIZE, room), size=TEXT_SIZE),
            *([_line(span(box), count(box.resources, "resource"), room)] if box.resources else []),
            *(_line(step.label, clock(step.seconds), room, critical=step.critical) for step in box.steps),
        ]
    )


def span(box: Box) -> str:
    """From when to when it is made, in minutes and seconds after the start."""
    return f"{clock(box.start)}{DASH}{clock(box.finish)}"


def _line(text: str, right: str, room: float, *, critical: bool = False) -> TextLine:
    left = room - width(f" {right}", TEXT_SIZE, bold=critical)
    return TextLine(
        text=cut(text, TEXT_SIZE, left, bold=critical), size=TEXT_SIZE, bold=critical, critical=critical, right=right
    )


def _wrapped(name: str, room: float) -> list[str]:
    """The name in as few lines as it takes, at most ``TITLE_LINES``."""
    told: list[str] = []
    words = name.split()
    while words and len(told) < TITLE_LINES - 1:
        line = words.pop(0)
        while words and width(f"{line} {words[0]}", TITLE_SIZE, bold=True) <= room:
            line = f"{line} {words.pop(0)}"
        told.append(cut(line, TITLE_SIZE, room, bold=True))
    if words:
        told.append(cut(" ".join(words), TITLE_SIZE, room, bold=True))
    return told


def _letter(letter: str) -> float:
    if letter in OTHERS:
        return OTHERS[letter]
    # Beyond the letters of Europe nothing is known of the font, but that no sign is wider than it is high.
    narrow = unicodedata.east_asian_width(letter) not in "WF" and ord(letter) < 0x2E80
    return LETTER if narrow else FULL_WIDTH
