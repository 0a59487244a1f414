"""One run of the program with its defaults, for all tests that only look."""

import pytest

from tests.support.graph import Graph
from tests.unit.program.running import program


@pytest.fixture(scope="session")
def default() -> Graph:
    """The program with nothing configured but the network and a name."""
    return program()
