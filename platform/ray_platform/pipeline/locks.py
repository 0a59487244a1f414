"""The lock that a killed engine leaves on its stack."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from pulumi import automation as auto
from pulumi.automation.errors import CommandError

from ray_platform.pipeline.lock_holders import Holder, holders
from ray_platform.pipeline.operation import OperationFailed

Result = TypeVar("Result")


def past_dead_locks(stack: auto.Stack, told: Callable[[str], object], run: Callable[[], Result]) -> Result:
    """What ``run``, an operation on the stack, returns.

    Where it meets nothing but locks of engines that ran on this machine and are gone, they are dropped and it runs once
    more. Any other lock stays: then ``run``'s own error is raised.
    """
    try:
        return run()
    except (CommandError, OperationFailed) as refused:
        found = _holders(refused)
        if not found or not all(each.is_gone for each in found):
            raise
        with _alone(found) as alone:
            if not alone:
                raise
            who = ", ".join(f"process {each.pid} of {each.user}, since {each.since}" for each in found)
            told(f"{stack.name} was locked by a process of this machine that no longer exists ({who}): unlocked.")
            stack.cancel()
            return run()


def _holders(refused: CommandError | OperationFailed) -> Sequence[Holder]:
    return refused.holders if isinstance(refused, OperationFailed) else holders(str(refused))


@contextmanager
def _alone(dead: Iterable[Holder]) -> Iterator[bool]:
    """Whether no other process of this machine is dropping the same locks just now.

    `pulumi cancel` drops all locks: of two that meet a dead one, the slower would drop the lock that the faster has
    taken meanwhile. Both are on this machine, since elsewhere nobody takes the lock for a dead one.
    """
    key = hashlib.sha256(repr(sorted(map(str, dead))).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"ray-platform-{key}.unlocking"
    with ExitStack() as open_:
        try:
            file = open_.enter_context(path.open("w", encoding="utf-8"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            # Held, or made by another user who may hold it.
            yield False
            return
        if os.fstat(file.fileno()).st_nlink == 0:
            # Another one was done with it between the two lines above.
            yield False
            return
        open_.callback(path.unlink, missing_ok=True)
        yield True
