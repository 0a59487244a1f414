"""What a terminal, a log and a program are told."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from ray_platform.cli.telling import JsonTeller, PeopleTeller, in_words
from ray_platform.pipeline.events import Change, Message, Status
from ray_platform.pipeline.progress import Progress
from ray_platform.plan.timeline import Step, Timeline

LINE = Timeline(steps=(Step(urn="urn:a", token="t", start=0, finish=583, waited_for=None),))


def change(status: Status, urn: str = "urn:a") -> Change:
    return Change(status=status, op="create", urn=urn, type="aws:eks/cluster:Cluster", name="ray-dev-eksCluster")


def progress() -> Progress:
    return Progress({"urn:a": "Cluster"}, [change("planned")], LINE)


def told(*, terminal: bool, failing: bool = False) -> str:
    out = io.StringIO()
    teller = PeopleTeller(Console(file=out, force_terminal=terminal, width=100, highlight=False))
    with teller.working(progress()):
        teller.fact(change("started"))
        teller.fact(change("failed" if failing else "done"))
        teller.fact(Message(severity="warning", text="the table is old", urn=""))
        teller.fact(Message(severity="info", text="nobody needs this", urn=""))
    return out.getvalue()


def test_a_terminal_shows_a_table_of_components_with_elapsed_and_expected_time() -> None:
    text = told(terminal=True)

    assert "Cluster" in text and "1/1" in text and "about 9 min 43 s" in text
    assert "warning: the table is old" in text


def test_a_log_gets_a_plain_line_for_each_component_that_is_done() -> None:
    text = told(terminal=False)

    assert text.splitlines() == [
        "  Cluster: 1 done in 0 s (expected on AWS: about 9 min 43 s)",
        "warning: the table is old",
    ]


def test_what_fails_is_told_at_once() -> None:
    assert "failed to create Cluster ray-dev-eksCluster" in told(terminal=False, failing=True)


def test_a_program_gets_one_event_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    teller = JsonTeller()
    teller.say("people's words")
    with teller.working(progress()):
        teller.fact(change("done"))
        teller.fact(Message(severity="error", text="no", urn="urn:a"))
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert {**first, "time": ""} == {
        "schema": 1,
        "time": "",
        "event": "resource",
        "status": "done",
        "op": "create",
        "urn": "urn:a",
        "type": "aws:eks/cluster:Cluster",
        "name": "ray-dev-eksCluster",
        "component": "Cluster",
    }
    assert (second["event"], second["severity"], second["text"]) == ("message", "error", "no")


def test_counts_are_told_in_words() -> None:
    assert in_words({"create": 3, "update": 1, "same": 90}) == "3 created, 1 updated"
    assert in_words({"same": 90}) == "0 changes"
