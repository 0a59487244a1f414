"""Where the demo keeps the objects of the Kubernetes cluster: in the account file, or on a real control plane."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from simulator.account import Account
from simulator.account import file as account_file
from simulator.kubernetes.placement import placements
from simulator.kubernetes.pods import Landed
from simulator.session import Place

if TYPE_CHECKING:
    from simulator.cluster.control_plane import ControlPlane

Kind = Literal["memory", "real"]
KINDS: tuple[Kind, ...] = ("memory", "real")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The cluster of one run of the demo; without a control plane its objects are the account's."""

    control_plane: ControlPlane | None = None

    def pods(self, account: Account) -> list[Landed]:
        """Every pod, on its node or with the reason why it has none."""
        if self.control_plane is None:
            return placements(account)
        from simulator.kubernetes.live_pods import landed

        return landed(account, self.control_plane)

    def leftovers(self, account: Account) -> list[str]:
        """What a destroyed stack left behind outside the account file."""
        if self.control_plane is None:
            return []
        from simulator.kubernetes.live_pods import leftovers

        return leftovers(account, self.control_plane)


def kind_of(place: Place, wanted: Kind | None) -> Kind:
    """The kind that is wanted, by default that of the last run. Raises ValueError when the stack is up on the other."""
    present: Kind | None = None
    if _folder(place).exists():
        present = "real"
    elif place.account.exists() and account_file.read(place.account).kubernetes:
        present = "memory"
    if wanted and present and wanted != present:
        raise ValueError(
            f"{place.stack} is up with its Kubernetes objects {_told(present)}: run `make demo-destroy "
            f"STACK={place.stack}` before you bring it up with them {_told(wanted)}."
        )
    return wanted or present or "memory"


@contextmanager
def opened(place: Place, kind: Kind, binaries: Path) -> Iterator[Cluster]:
    """The cluster while the context lasts. ``binaries`` is the file in which the set-up names their directory.

    Raises FileNotFoundError without the control plane's programs, ControlPlaneError when one does not start.
    """
    if kind == "memory":
        yield Cluster()
        return
    if not binaries.exists():
        raise FileNotFoundError(f"there is no {binaries}: run `make cluster-binaries` first, which needs Go.")
    from simulator.cluster.control_plane import control_plane

    with control_plane(Path(binaries.read_text(encoding="utf-8").strip()), _folder(place)) as running:
        yield Cluster(control_plane=running)


def _folder(place: Place) -> Path:
    return place.folder / "cluster"


def _told(kind: Kind) -> str:
    return "on a real control plane" if kind == "real" else "in memory"
