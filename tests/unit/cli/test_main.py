"""The program itself, around its verbs."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from ray_platform.cli import main


def test_the_program_ends_without_a_look_for_garbage_among_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def verb() -> None:
        raise SystemExit

    monkeypatch.setattr(main, "main", verb)
    before = gc.get_freeze_count()
    try:
        with pytest.raises(SystemExit):
            main.run()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_garbage_is_looked_for_seldom_from_before_the_sdks_are_loaded() -> None:
    script = "import gc, sys, ray_platform; print(gc.get_threshold()[0] > 10_000, 'pulumi_aws' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert told.split() == ["True", "False"]
