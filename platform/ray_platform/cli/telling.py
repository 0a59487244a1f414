"""How an operation is told: a live table on a terminal, plain lines elsewhere, JSON lines for programs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import click
from rich.console import Console
from rich.live import Live
from rich.table import Column, Table

from ray_platform.pipeline.events import Change, Message
from ray_platform.pipeline.progress import Progress, Row
from ray_platform.report.words import duration

SCHEMA = 1
# How often the table on a terminal is drawn anew.
REFRESHES_PER_SECOND = 4
MARKS = {"waiting": "·", "working": "→", "done": "✓", "failed": "✗"}
DONE = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "import": "imported",
}


class Teller(Protocol):
    """What a verb tells. ``event`` is for programs, ``say`` for people; each does nothing for the others."""

    def event(self, kind: str, /, **facts: Any) -> None: ...

    def say(self, text: str = "") -> None: ...

    def fact(self, fact: Change | Message) -> None:
        """Something the engine told."""

    def working(self, progress: Progress) -> Any:
        """A context in which facts are shown as progress."""


def teller(*, as_json: bool) -> Teller:
    """The one that fits the output."""
    return JsonTeller() if as_json else PeopleTeller(Console(highlight=False, soft_wrap=True))


class JsonTeller:
    """One JSON object per line on standard output; docs/pipelines.md has the schema."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def event(self, kind: str, /, **facts: Any) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        click.echo(json.dumps({"schema": SCHEMA, "time": now, "event": kind, **facts}, default=str))

    def say(self, text: str = "") -> None:
        return

    def fact(self, fact: Change | Message) -> None:
        if isinstance(fact, Message):
            self.event("message", severity=fact.severity, text=fact.text, urn=fact.urn or None)
        elif fact.counts:
            component = self._progress.component(fact.urn) if self._progress else None
            self.event(
                "resource",
                status=fact.status,
                op=fact.op,
                urn=fact.urn,
                type=fact.type,
                name=fact.name,
                component=component,
            )

    @contextmanager
    def working(self, progress: Progress) -> Iterator[None]:
        self._progress = progress
        try:
            yield
        finally:
            self._progress = None


class PeopleTeller:
    """Lines of text; while something works on a terminal, a table of components below them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._done: set[str] = set()

    def event(self, kind: str, /, **facts: Any) -> None:
        return

    def say(self, text: str = "") -> None:
        self._console.print(text, markup=False)

    def fact(self, fact: Change | Message) -> None:
        now = time.monotonic()
        if self._progress:
            self._progress.take(fact, now)
        if isinstance(fact, Message):
            # Errors are told at the end, as the reasons.
            if fact.severity == "warning":
                self.say(f"warning: {fact.text}")
        elif fact.status == "failed":
            self.say(f"failed to {fact.op} {fact.type.rpartition(':')[2]} {fact.name}")
        elif self._progress and not self._console.is_terminal:
            self._tell_finished_components(self._progress.rows(now))

    @contextmanager
    def working(self, progress: Progress) -> Iterator[None]:
        self._progress, self._done = progress, set()
        try:
            if not self._console.is_terminal:
                yield
                return
            with Live(
                get_renderable=lambda: _table(progress.rows(time.monotonic())),
                console=self._console,
                refresh_per_second=REFRESHES_PER_SECOND,
            ):
                yield
        finally:
            self._progress = None

    def _tell_finished_components(self, rows: list[Row]) -> None:
        for row in rows:
            if row.state == "done" and row.component not in self._done:
                self._done.add(row.component)
                self.say(f"  {row.component}: {row.done} done in {duration(row.elapsed)}{_of(row)}")


def _table(rows: list[Row]) -> Table:
    table = Table(
        "",
        "component",
        Column("resources", justify="right"),
        Column("elapsed", justify="right"),
        Column("expected", justify="right"),
        box=None,
    )
    for row in rows:
        expected = "" if row.expected is None else f"about {duration(row.expected)}"
        elapsed = "" if row.state == "waiting" else duration(row.elapsed)
        table.add_row(MARKS[row.state], row.component, f"{row.done}/{row.total}", elapsed, expected)
    return table


def _of(row: Row) -> str:
    return "" if row.expected is None else f" (expected on AWS: about {duration(row.expected)})"


def in_words(counts: Mapping[str, int]) -> str:
    """``3 created, 1 updated``; ``0 changes`` without any."""
    told = [f"{counts[op]} {word}" for op, word in DONE.items() if counts.get(op)]
    return ", ".join(told) or "0 changes"


def is_interactive() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()
