"""What follows the account without a call of Pulumi: a real cluster's nodes, EKS's addons, the operator's program."""

from __future__ import annotations

import threading

from simulator.account import Account
from simulator.cluster.addons import make_addons
from simulator.cluster.control_plane import ControlPlane
from simulator.cluster.machines import Machine, machines_of
from simulator.cluster.nodes import put_nodes


class Follower:
    """Lets nodes, addons and the operator's program be as the account and the cluster have them."""

    def __init__(self, account: Account, control_plane: ControlPlane) -> None:
        self._account = account
        self._control_plane = control_plane
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._machines: list[Machine] = []

    def follow(self) -> None:
        with self._lock:
            self._follow()

    def follow_unless_at_it(self) -> None:
        """As `follow`, unless another thread does it just now."""
        if self._lock.acquire(blocking=False):
            try:
                self._follow()
            finally:
                self._lock.release()

    def _follow(self) -> None:
        self._look_at_account()
        put_nodes(self._control_plane.api, self._machines)
        make_addons(self._control_plane.api, self._account)
        self._control_plane.start_operator()

    def _look_at_account(self) -> None:
        """The machines, worked out anew when the account has changed: that asks EC2 for each of them."""
        with self._account.lock:
            stat = self._account.path.stat()
            if self._seen != (stat.st_mtime_ns, stat.st_size):
                self._machines = list(machines_of(self._account))
                self._seen = (stat.st_mtime_ns, stat.st_size)
