"""A control plane of its own for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.cluster.control_plane import ControlPlane, control_plane
from tools.bootstrap.steps import ROOT, recorded_cluster_binaries


@pytest.fixture(scope="session")
def binaries() -> Path:
    """The directory with the programs."""
    found = recorded_cluster_binaries(ROOT)
    if found is None:
        pytest.fail("The control plane's programs are not here yet: run `make cluster-binaries`.", pytrace=False)
    return found


@pytest.fixture(scope="module")
def plane(binaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with control_plane(binaries, tmp_path_factory.mktemp("cluster")) as running:
        yield running
