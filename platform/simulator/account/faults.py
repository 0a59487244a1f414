"""What can go wrong in AWS on purpose, and a witness to each call.

Throttling, no capacity, credentials that expire, roles that are not seen yet, nodes that do not join, an addon that
hangs, one failing call.

What fails so leaves nothing in the account. AWS keeps a node group or an addon that failed late; this is not played.
"""

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
ADDON = "aws:eks/addon:Addon"
ROLE_ARNS = ("roleArn", "nodeRoleArn", "serviceAccountRoleArn")
"""The properties by which EKS is told which role to use."""


@dataclass(kw_only=True)
class Faults:
    """The faults of one run of the simulator. Those that depend on chance come from `seed`."""

    throttle: float = 0.0
    """The share of attempts at mutating calls, from 0 to 1, that are throttled."""
    attempts: int = 1
    """How often a client sends a throttled call before it gives up."""
    no_capacity: Capacity | None = None
    """The capacity type of which AWS has no instances."""
    fail_call: int | None = None
    """The number, from 1, of the mutating call that fails once with an internal error."""
    expire_call: int | None = None
    """The number, from 1, of the mutating call from which on the credentials have expired."""
    unseen_roles: bool = False
    """Whether EKS does not see a role at the first call that names it: IAM is eventually consistent."""
    nodes_fail: bool = False
    """Whether new node groups fail, as their nodes do not join the cluster."""
    stuck_addon: str | None = None
    """The addon that does not become active when it is made."""
    watch: Watch | None = None
    """Called before and after each mutating call with its number, from 1, its operation and its type: to kill the
    engine, say. After the call the account has changed and the engine was not told yet.
    """
    seed: int = 0
    _calls: int = field(default=0, init=False)
    _random: random.Random = field(init=False)
    _seen_roles: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def before(self, operation: str, token: str, inputs: Mapping[str, Any]) -> None:
        """Raise the Refusal that this call of `create`, `update` or `delete` shall meet, if any."""
        self._calls += 1
        if self.watch:
            self.watch("before", self._calls, operation, token)
        if self.expire_call is not None and self._calls >= self.expire_call:
            raise Refusal("ExpiredTokenException", "The security token included in the request is expired")
        if self._calls == self.fail_call:
            raise Refusal("InternalFailure", f"The request processing has failed ({operation} of {token}).")
        if all(self._random.random() < self.throttle for _ in range(self.attempts)):
            raise Refusal("ThrottlingException", "Rate exceeded")
        if operation != "delete" and token == NODE_GROUP:
            self._refuse_nodes_without_capacity(inputs)
        if operation == "create":
            self._refuse_what_does_not_get_ready(token, inputs)

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

    def _refuse_what_does_not_get_ready(self, token: str, inputs: Mapping[str, Any]) -> None:
        """In the words of pulumi-aws, which waits for what EKS makes of a call."""
        roles = {inputs[key] for key in ROLE_ARNS if inputs.get(key)} if token.startswith("aws:eks/") else set()
        if self.unseen_roles and (unseen := roles - self._seen_roles):
            self._seen_roles |= unseen
            raise Refusal("InvalidParameterException", f"The role {min(unseen)} does not exist")
        if self.nodes_fail and token == NODE_GROUP:
            raise Refusal(
                "NodeCreationFailure",
                f"Instances failed to join the kubernetes cluster. waiting for EKS Node Group ({inputs['clusterName']}:"
                f"{inputs['nodeGroupName']}) create: unexpected state 'CREATE_FAILED', wanted target 'ACTIVE'",
            )
        if token == ADDON and inputs.get("addonName") == self.stuck_addon:
            raise Refusal(
                "InsufficientNumberOfReplicas",
                f"waiting for EKS Add-On ({inputs['clusterName']}:{self.stuck_addon}) create: timeout while waiting "
                "for state to become 'ACTIVE' (last state: 'DEGRADED', timeout: 20m0s)",
            )
