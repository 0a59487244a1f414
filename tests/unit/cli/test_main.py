"""The program itself, around its verbs."""

from __future__ import annotations

import gc

import pytest

from ray_platform.cli import main


def test_nobody_looks_for_garbage_among_what_stays_neither_meanwhile_nor_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meanwhile: list[bool] = []

    def verb() -> None:
        meanwhile.append(gc.isenabled())
        raise SystemExit

    monkeypatch.setattr(main, "main", verb)
    try:
        with pytest.raises(SystemExit):
            main.run()
        assert (meanwhile, gc.get_freeze_count() > 0) == ([False], True)
    finally:
        gc.unfreeze()
        gc.enable()
