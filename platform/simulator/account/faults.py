"""What can go wrong in AWS on purpose, and a witness to each call.

Throttling, no capacity, credentials that expire, roles that are not seen yet, nodes that do not join, an addon that
hangs, one failing call.

A call that is refused leaves nothing in the account. A node group or an addon that fails late is there, and stays.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.account.resource import Failure, Refusal

Capacity = Literal["SPOT", "ON_DEMAND"]
Phase = Literal["before", "after"]
Watch = Callable[[Phase, int, str, str], object]
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
ADDON = "aws:eks/addon:Addon"
CREATE_FAILED = "CREATE_FAILED"
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
    """The addon that does not become active: it is DEGRADED as long as this fault is set."""
    failed_addon: str | None = None
    """The addon that fails when it is made: it is CREATE_FAILED for good."""
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
        if operation == "create" and self.unseen_roles:
            self._refuse_unseen_roles(token, inputs)

    def after(self, operation: str, token: str) -> None:
        """The call is done, and the account file written."""
        if self.watch:
            self.watch("after", self._calls, operation, token)

    def failure(self, token: str, inputs: Mapping[str, Any]) -> Failure | None:
        """What becomes of this resource after AWS has accepted its create, where that is not what was asked for."""
        if token == NODE_GROUP:
            return self._failure_of_nodes(inputs)
        if token == ADDON:
            return self._failure_of_addon(inputs)
        return None

    def _failure_of_nodes(self, inputs: Mapping[str, Any]) -> Failure | None:
        """A group of no nodes becomes active whatever AWS lacks."""
        wanted = int(inputs.get("scalingConfig", {}).get("desiredSize", 0))
        capacity = inputs.get("capacityType", "ON_DEMAND")
        if not wanted:
            return None
        if capacity == self.no_capacity:
            code = "AsgInstanceLaunchFailures"
            message = (
                "Could not launch instances: UnfulfillableCapacity - There is no capacity available "
                f"that matches your request for {wanted} {capacity} instances."
            )
        elif self.nodes_fail:
            code, message = "NodeCreationFailure", "Instances failed to join the kubernetes cluster"
        else:
            return None
        name = f"EKS Node Group ({inputs['clusterName']}:{inputs['nodeGroupName']})"
        return Failure(status=CREATE_FAILED, code=code, message=message, awaited=_failed(name))

    def _failure_of_addon(self, inputs: Mapping[str, Any]) -> Failure | None:
        addon = inputs.get("addonName")
        if addon not in (self.stuck_addon, self.failed_addon):
            return None
        name = f"EKS Add-On ({inputs['clusterName']}:{addon})"
        stuck = addon == self.stuck_addon
        return Failure(
            status="DEGRADED" if stuck else CREATE_FAILED,
            code="InsufficientNumberOfReplicas",
            message="The add-on is unhealthy because it doesn't have the desired number of replicas",
            awaited=_timed_out(name) if stuck else _failed(name),
        )

    def _refuse_unseen_roles(self, token: str, inputs: Mapping[str, Any]) -> None:
        roles = {inputs[key] for key in ROLE_ARNS if inputs.get(key)} if token.startswith("aws:eks/") else set()
        if unseen := roles - self._seen_roles:
            self._seen_roles |= unseen
            raise Refusal("InvalidParameterException", f"The role {min(unseen)} does not exist")


def _failed(name: str) -> str:
    """In the words of pulumi-aws, which waits for what EKS makes of a call."""
    return f"waiting for {name} create: unexpected state 'CREATE_FAILED', wanted target 'ACTIVE'"


def _timed_out(name: str) -> str:
    return (
        f"waiting for {name} create: timeout while waiting for state to become 'ACTIVE' "
        "(last state: 'DEGRADED', timeout: 20m0s)"
    )
