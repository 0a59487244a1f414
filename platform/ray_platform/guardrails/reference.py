"""The table of all guardrails, made from the guardrails themselves.

`python -m ray_platform.guardrails.reference` prints it; with `--write`, in the repository's root, it puts it into
docs/guardrails.md.
"""

from pathlib import Path
from typing import Final

from ray_platform.generated import GeneratedPart, print_or_write
from ray_platform.guardrails.all import CATALOGUE

PART: Final = GeneratedPart(
    document=Path("docs/guardrails.md"), command="python -m ray_platform.guardrails.reference --write"
)


def markdown() -> str:
    """One row for each guardrail, in the order in which they are judged."""
    rows = [f"| `{each.code}` | {each.promise} | {each.remedy} |" for each in CATALOGUE]
    return "\n".join(["| code | what holds | where it does not |", "|---|---|---|", *rows])


if __name__ == "__main__":
    print_or_write(PART, markdown())
