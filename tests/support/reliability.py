"""Every fault and every kill, one after the other, and the tables of docs/reliability.md.

`python -m tests.support.reliability` runs all of it, in the repository's root; `cells`, `create` or `destroy` that part
only. With `--write` the results go into the document. Ends with an AssertionError at the first thing that is lost.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ray_platform.generated import GeneratedPart
from tests.support.deployment import Deployment, account, new_place
from tests.support.faults import CELLS, carried_through
from tests.support.kills import mortal
from tests.support.kills_everywhere import Kills, Tell, assert_whole, killed_everywhere, orphans, real_resources

DOCUMENT: Final = Path("docs/reliability.md")


@contextmanager
def _new_stack() -> Iterator[tuple[Deployment, dict[str, Any]]]:
    """A stack of which nothing is made, and its account before."""
    with tempfile.TemporaryDirectory() as folder, mortal(new_place(Path(folder))) as dev:
        yield dev, account(dev.place)


def cells(told: Tell) -> list[str]:
    """Every fault on a stack of its own."""
    rows = ["| fault | runs of `up` | runs of `destroy` | what was done in between |", "|---|---|---|---|"]
    for cell in CELLS:
        with _new_stack() as (dev, before):
            nobodys = orphans(dev)
            up = carried_through(dev, cell).runs
            assert orphans(dev) == nobodys
            assert_whole(dev)
            down = carried_through(dev, cell, "destroy").runs if cell.on_destroy else None
            assert down is None or account(dev.place) == before
        rows.append(f"| {cell.name} | {up} | {down or 'not played'} | {cell.mended_by} |")
        told(rows[-1])
    return rows


def create(told: Tell) -> list[str]:
    """`up`, killed at every step."""
    with _new_stack() as (dev, _):
        kills = killed_everywhere(dev, "up", told)
        assert_whole(dev)
    return _row(kills, "as after an undisturbed `up`; a preview has nothing to do")


def destroy(told: Tell) -> list[str]:
    """`destroy`, killed at every step."""
    with _new_stack() as (dev, before):
        dev.up()
        kills = killed_everywhere(dev, "destroy", told)
        assert account(dev.place) == before
    return _row(kills, "as before the first `up`")


def _row(kills: Kills, account_at_the_end: str) -> list[str]:
    every = real_resources()
    assert kills.cut_off == every, f"never cut off: {sorted(every - kills.cut_off)}"
    return [
        "| verb | kills | before the call, after it | resources cut off | of | the account at the end |",
        "|---|---|---|---|---|---|",
        f"| `{kills.verb}` | {kills.count} | {kills.phases['before']}, {kills.phases['after']} | "
        f"{len(kills.cut_off)} | {len(every)} | {account_at_the_end} |",
    ]


PARTS: Final[Mapping[str, Callable[[Tell], list[str]]]] = {"cells": cells, "create": create, "destroy": destroy}


def part_of_document(part: str) -> GeneratedPart:
    """Where the rows of a part stand."""
    return GeneratedPart(document=DOCUMENT, command=f"python -m tests.support.reliability {part} --write")


def main(arguments: list[str]) -> None:
    # The SDK warns of an engine that it no longer hears.
    warnings.filterwarnings("ignore", message="Error in event stream")
    for part in [each for each in arguments if each in PARTS] or PARTS:
        rows = PARTS[part](lambda line: print(line, file=sys.stderr, flush=True))
        print("\n".join(rows), flush=True)
        if "--write" in arguments:
            part_of_document(part).write("\n".join(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
