"""What can go wrong in AWS on purpose: throttling, no capacity, one failing call, and a witness to each call."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.account.resource import Refusal

Capacity = Literal["SPOT", "ON_DEMAND"]
Phase = Literal["before", "after"]
Watch = Callable[[Phase, int, str, str], object]
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
    watch: Watch | None = None
    """Called before and after each mutating call with its number, from 1, its operation and its type: to kill the
    engine, say. After the call the account has changed and the engine was not told yet.
    """
    seed: int = 0
    _calls: int = field(default=0, init=False)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def before(self, operation: str, token: str, inputs: Mapping[str, Any]) -> None:
        """Raise the Refusal that this call of `create`, `update` or `delete` shall meet, if any."""
        self._calls += 1
        if self.watch:
            self.watch("before", self._calls, operation, token)
        if self._calls == self.fail_call:
            raise Refusal("InternalFailure", f"The request processing has failed ({operation} of {token}).")
        if self._random.random() < self.throttle:
            raise Refusal("ThrottlingException", "Rate exceeded")
        if operation != "delete" and token == NODE_GROUP:
            self._refuse_nodes_without_capacity(inputs)

    def after(self, operation: str, token: str) -> None:
        """The call is done, and the account file written."""
        if self.watch:
            self.watch("after", self._calls, operation, token)

    def _refuse_nodes_without_capacity(self, inputs: Mapping[str, Any]) -> None:
        capacity = inputs.get("capacityType", "ON_DEMAND")
        wanted = int(inputs.get("scalingConfig", {}).get("desiredSize", 0))
        if capacity == self.no_capacity and wanted > 0:
            raise Refusal(
                "AsgInstanceLaunchFailures",
                "Could not launch instances: UnfulfillableCapacity - There is no capacity available "
                f"that matches your request for {wanted} {capacity} instances.",
            )
