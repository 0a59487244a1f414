"""Numbers as people read them."""

from collections.abc import Sequence
from typing import Final

# What is paid for whatever the pools do.
SHARED: Final = "shared by all"


def count(number: int, noun: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def joined(parts: Sequence[str]) -> str:
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """``35 s``, ``9 min 43 s``, ``12 min``."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def clock(seconds: float) -> str:
    """Minutes and seconds as a clock shows them: ``9:43``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def money(amount: float) -> str:
    """Whole units with the thousands told apart: ``1,234``. Small sums keep their cents, or they would read as none."""
    return f"{amount:,.0f}" if amount >= 10 or amount == round(amount) else f"{amount:,.2f}"


def printable(text: str) -> str:
    """The text without what would move a cursor, recolour a terminal, turn the direction of reading or be refused by
    XML: a tag of a resource may hold anything.
    """
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)
