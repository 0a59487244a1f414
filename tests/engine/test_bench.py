"""The bench on the real engine: its floor registers what the program registers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checking import TODAY
from tools.bench import measure, stacks

pytestmark = pytest.mark.engine


def test_a_preview_of_dev_registers_the_same_in_the_program_and_in_the_floor(tmp_path: Path) -> None:
    ((ours, floor),) = measure.previews_of_dev(1, TODAY, tmp_path)

    assert ours.registered == floor.registered
    groups = [urn for urn in ours.registered if "aws:eks/nodeGroup:NodeGroup::" in urn]
    assert len(groups) >= len(stacks.dev()["nodePools"])
    assert min(ours.seconds, ours.peak_mib, floor.seconds, floor.peak_mib) > 0
