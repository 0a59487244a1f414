"""Where the facts come from: AWS, or an account that is simulated."""

from typing import Any, Protocol

from ray_platform.checks.facts import Machine


class Environment(Protocol):
    """What can be asked. ``workers`` is how many questions it takes at once."""

    region: str
    workers: int

    def client(self, service: str) -> Any:
        """The boto3 client of a service in the region (``pricing``: where that service is)."""

    def machine(self, endpoint: str | None) -> Machine:
        """This machine; ``endpoint`` is the URL of an existing cluster's API, to be tried."""

    def holdings(self) -> frozenset[str] | None:
        """The physical ids of the resources in the stack's state; empty for a stack that has none yet."""
