"""What can go wrong in AWS on purpose: throttling, no capacity, and one failing call."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.account.resource import Refusal

Capacity = Literal["SPOT", "ON_DEMAND"]
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


@dataclass(kw_only=True)
class Faults:
    """The faults of one run of the simulator. Those that depend on chance come from `seed`."""

    throttle: float = 0.0
    """The share of mutating calls, from 0 to 1, that are throttled until the client gives up."""
    no_capacity: Capacity | None = None
    """The capacity type of which AWS has no instances."""
    fail_call: int | None = None
    """The number, from 1, of the mutating call that fails once with an internal error."""
    seed: int = 0
    _calls: int = field(default=0, init=False)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def before(self, operation: str, token: str, inputs: Mapping[str, Any]) -> None:
        """Raise the Refusal that this call of `create`, `update` or `delete` shall meet, if any."""
        self._calls += 1
        if self._calls == self.fail_call:
            raise Refusal("InternalFailure", f"The request processing has failed ({operation} of {token}).")
        if self._random.random() < self.throttle:
            raise Refusal("ThrottlingException", "Rate exceeded")
        if operation != "delete" and token == NODE_GROUP:
            self._refuse_nodes_without_capacity(inputs)

    def _refuse_nodes_without_capacity(self, inputs: Mapping[str, Any]) -> None:
        capacity = inputs.get("capacityType", "ON_DEMAND")
        wanted = int(inputs.get("scalingConfig", {}).get("desiredSize", 0))
        if capacity == self.no_capacity and wanted > 0:
            raise Refusal(
                "AsgInstanceLaunchFailures",
                "Could not launch instances: UnfulfillableCapacity - There is no capacity available "
                f"that matches your request for {wanted} {capacity} instances.",
            )
