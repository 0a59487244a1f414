"""The table of all guardrails, made from the guardrails themselves.

`python -m ray_platform.guardrails.reference` prints it; with `--write`, in the repository's root, it puts it into
docs/guardrails.md.
"""

import sys
from pathlib import Path
from typing import Final

from ray_platform.guardrails.all import CATALOGUE

DOCUMENT: Final = Path("docs/guardrails.md")
BEGIN: Final = "<!-- begin: made by python -m ray_platform.guardrails.reference --write -->"
END: Final = "<!-- end -->"


def markdown() -> str:
    """One row for each guardrail, in the order in which they are judged."""
    rows = [f"| `{each.code}` | {each.promise} | {each.remedy} |" for each in CATALOGUE]
    return "\n".join(["| code | what holds | where it does not |", "|---|---|---|", *rows])


def document(text: str) -> str:
    """The document with the table of today. Raises ValueError when it lacks the marks of where the table goes."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{DOCUMENT} lacks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{markdown()}\n\n{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(markdown())
