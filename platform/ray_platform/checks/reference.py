"""The table of all checks, made from the checks themselves.

`python -m ray_platform.checks.reference` prints it; with `--write`, in the repository's root, it puts it into
docs/check.md.
"""

import sys
from pathlib import Path
from typing import Final

from ray_platform.checks.all import CATALOGUE

DOCUMENT: Final = Path("docs/check.md")
BEGIN: Final = "<!-- begin: made by python -m ray_platform.checks.reference --write -->"
END: Final = "<!-- end -->"


def markdown() -> str:
    """One row for each check, in the order in which they are asked."""
    rows = [f"| {check.group} | `{check.code}` | {check.asks} |" for check in CATALOGUE]
    return "\n".join(["| group | code | what is asked |", "|---|---|---|", *rows])


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
