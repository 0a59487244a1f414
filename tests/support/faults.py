"""What AWS may do to an `up`, one fault at a time, and what its operator does next."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from pulumi.automation.errors import CommandError

from ray_platform.config.stack_file import read_sections
from ray_platform.survey.read import survey
from simulator.account.faults import Faults
from simulator.aws import RESOURCE_TYPES
from simulator.aws.logs import LogGroup, cluster_log_group, ensure_cluster_log_group
from simulator.reads.environment import SimulatedEnvironment
from tests.support.checking import TODAY
from tests.support.deployment import ROOT, Deployment
from tests.support.kills import Verb, continued

# Each has to end after fewer runs than these: one that gets nowhere must not run for ever.
RUNS = 20

Until = Literal["done", "mended"]


def _nothing(dev: Deployment) -> None:
    """The command is run again, and that is all."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One fault. ``says`` is a pattern of what a run that fails says; ``mend`` is what is done before the next one, and
    ``mended_by`` that in words.
    """

    name: str
    says: str
    mended_by: str
    faults: Callable[[], Faults] = Faults
    prepare: Callable[[Deployment], None] = _nothing
    mend: Callable[[Deployment], None] = _nothing
    on_destroy: bool = False
    """Whether a destroy meets the fault too."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How often a verb was run until it ended well, and what the runs said that did not."""

    runs: int
    messages: list[str] = field(default_factory=list)


def carried_through(dev: Deployment, cell: Cell, verb: Verb = "up", until: Until = "done") -> Outcome:
    """Run the verb under the fault, mend what the cell says and run it again, until it ends well.

    ``until="mended"`` leaves the last run to whoever comes next.

    Raises AssertionError when a run fails with anything but the fault's own words, or when there are too many.
    """
    messages: list[str] = []
    cell.prepare(dev)
    dev.account.faults = cell.faults()
    try:
        while len(messages) < RUNS:
            try:
                continued(dev, verb)
            except CommandError as error:
                messages.append(str(error))
                assert re.search(cell.says, messages[-1]), f"{cell.name}: {messages[-1]}"
                assert "Traceback" not in messages[-1]
                cell.mend(dev)
                if until == "mended":
                    return Outcome(runs=len(messages), messages=messages)
            else:
                return Outcome(runs=len(messages) + 1, messages=messages)
    finally:
        dev.account.faults = Faults()
    raise AssertionError(f"{cell.name}: {verb} did not end within {RUNS} runs")


def _put_right(dev: Deployment) -> None:
    dev.account.faults = Faults()


def _log_group_comes_back(dev: Deployment) -> None:
    """EKS still writes when the group of a cluster that goes is deleted: CloudWatch makes it anew, without a key."""
    with dev.account.lock:
        ensure_cluster_log_group(dev.account, "ray-dev")


def _delete_the_left_over_log_group(dev: Deployment) -> None:
    """As `ray-platform check` says."""
    environment = SimulatedEnvironment(account=dev.account, vpc_id=None)
    found = survey(environment, read_sections(ROOT, "dev"), today=TODAY).leftovers
    (left,) = [each for each in found if each.kind == "log group"]
    assert left.physical_id == cluster_log_group("ray-dev")
    (log_group,) = [each for each in RESOURCE_TYPES if each.token == LogGroup.token]
    dev.account.delete(log_group, left.physical_id)


def _gpu_nodes(size: int) -> Callable[[Deployment], None]:
    gpu = {"gpu": True, "minSize": 0, "desiredSize": size, "maxSize": 2}
    return lambda dev: dev.configure("nodePools", gpu=gpu)


LOG_GROUP_CAME_BACK = Cell(
    name="a log group that came back",
    says="ResourceAlreadyExistsException",
    mended_by="`check` names it and the command that deletes it; `up`",
    prepare=_log_group_comes_back,
    mend=_delete_the_left_over_log_group,
)
STUCK_ADDON = Cell(
    name="an addon that is stuck",
    says=r"EKS Add-On \(ray-dev:coredns\) create: timeout while waiting",
    mended_by="what held it is put right, and it becomes active by itself; `up`",
    faults=lambda: Faults(stuck_addon="coredns"),
    mend=_put_right,
)
FAILED_NODES = Cell(
    name="a node group that fails",
    says="NodeCreationFailure: Instances failed to join",
    mended_by="what kept the nodes away is put right; `up`, which makes the group anew",
    faults=lambda: Faults(nodes_fail=True),
    mend=_put_right,
)
FAILED_ADDON = Cell(
    name="an addon that fails",
    says=r"EKS Add-On \(ray-dev:coredns\) create: unexpected state 'CREATE_FAILED'",
    mended_by="what held it is put right; `up`, which makes the addon anew",
    faults=lambda: Faults(failed_addon="coredns"),
    mend=_put_right,
)
CELLS = (
    Cell(
        # The AWS SDKs try three times by default, pulumi-aws 25 times: with its default hardly any call would fail.
        name="throttling, each attempt with probability 0.3, three attempts",
        says="ThrottlingException: Rate exceeded",
        mended_by="`up`, or `destroy`, again",
        faults=lambda: Faults(throttle=0.3, attempts=3, seed=7),
        on_destroy=True,
    ),
    Cell(
        name="IAM's eventual consistency: no role is seen at once",
        says="InvalidParameterException: The role .* does not exist",
        mended_by="`up` again",
        faults=lambda: Faults(unseen_roles=True),
    ),
    Cell(
        name="credentials that expire",
        says="ExpiredTokenException: The security token included in the request is expired",
        mended_by="new credentials; `up`, or `destroy`",
        faults=lambda: Faults(expire_call=30),
        mend=_put_right,
        on_destroy=True,
    ),
    FAILED_NODES,
    STUCK_ADDON,
    FAILED_ADDON,
    Cell(
        name="no spot capacity, where a spot node is wanted at once",
        says="UnfulfillableCapacity",
        mended_by="`desiredSize: 0` for that pool, so that its nodes come when there are some; `up`, which makes the "
        "group anew",
        faults=lambda: Faults(no_capacity="SPOT"),
        prepare=_gpu_nodes(1),
        mend=_gpu_nodes(0),
    ),
    LOG_GROUP_CAME_BACK,
)
