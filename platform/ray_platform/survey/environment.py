"""Where the facts come from: AWS, or an account that is simulated."""

from typing import Any, Protocol

from ray_platform.checks.facts import Machine
from ray_platform.config.network_source import StackOutputs


class Environment(Protocol):
    """What can be asked."""

    @property
    def region(self) -> str: ...

    @property
    def workers(self) -> int:
        """How many questions it takes at once."""

    def client(self, service: str) -> Any:
        """The boto3 client of a service in the region (``pricing``: where that service is)."""

    def machine(self, endpoint: str | None) -> Machine:
        """This machine; ``endpoint`` is the URL of an existing cluster's API, to be tried."""

    def holdings(self) -> frozenset[str] | None:
        """The physical ids of the resources in the stack's state; empty for a stack that has none yet."""

    def stack_outputs(self, stack: str) -> StackOutputs:
        """What another stack exported, given as ORG/PROJECT/STACK. Raises ``StackUnreadable``."""
