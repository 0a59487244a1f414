"""What EKS takes minutes over: a cluster, a node group or an addon goes on to become ready when nobody waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import WaiterError

from ray_platform.eks_status import DELETE_FAILED, DELETING, FAILED, UNDER_WAY
from ray_platform.pipeline.asking import Asking, CannotTell, prove_ours
from ray_platform.pipeline.pending import Found

_ABSENT: Final = ("ResourceNotFoundException",)
# Of every other status it is there; so are a node group and an addon that are CREATE_FAILED, which `half_made` sees to.
_FAILED: Final = frozenset({FAILED, DELETE_FAILED})
_UNSETTLED: Final = UNDER_WAY | {DELETING}


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """``arguments`` of its calls by property; ``noun`` as it stands in the calls and as the key of the answer."""

    noun: str
    arguments: Mapping[str, str]

    def of(self, inputs: Mapping[str, Any]) -> dict[str, str]:
        return {argument: str(inputs[key]) for argument, key in self.arguments.items()}


_CLUSTER: Final = _Kind(noun="cluster", arguments={"name": "name"})
_NODE_GROUP: Final = _Kind(noun="nodegroup", arguments={"clusterName": "clusterName", "nodegroupName": "nodeGroupName"})
_ADDON: Final = _Kind(noun="addon", arguments={"clusterName": "clusterName", "addonName": "addonName"})
KINDS: Final[Mapping[str, _Kind]] = {
    "aws:eks/addon:Addon": _ADDON,
    "aws:eks/cluster:Cluster": _CLUSTER,
    "aws:eks/nodeGroup:NodeGroup": _NODE_GROUP,
}


def cluster(ask: Asking, inputs: Mapping[str, Any]) -> Found | None:
    """Its name, once it is ready. A name is an account's only once, so another stack may have it."""
    found = _ready(ask, _CLUSTER, inputs)
    if found is None:
        return None
    prove_ours(inputs, found.get("tags", {}))
    return Found(id=str(inputs["name"]))


def node_group(ask: Asking, inputs: Mapping[str, Any]) -> Found | None:
    """``CLUSTER:NODEGROUP``, once EKS is done with it. It is of this stack, since its cluster is."""
    found = _ready(ask, _NODE_GROUP, inputs)
    return Found(id=f"{inputs['clusterName']}:{inputs['nodeGroupName']}") if found else None


def addon(ask: Asking, inputs: Mapping[str, Any]) -> Found | None:
    """``CLUSTER:ADDON``, once EKS is done with it. It is of this stack, since its cluster is."""
    found = _ready(ask, _ADDON, inputs)
    return Found(id=f"{inputs['clusterName']}:{inputs['addonName']}") if found else None


def wait_for(type_: str, ask: Asking, inputs: Mapping[str, Any]) -> None:
    """Wait until EKS is done with what it does to one of these; for any other type nothing is waited for.

    Raises CannotTell when it failed.
    """
    if type_ in KINDS:
        _ready(ask, KINDS[type_], inputs)


def described(type_: str, ask: Asking, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What EKS says of one of the ``KINDS`` now, whatever its status; None when it has none. Raises CannotTell."""
    return _described(ask, KINDS[type_], inputs)


def deletion(type_: str, inputs: Mapping[str, Any]) -> str:
    """The command of the AWS CLI that deletes one of the ``KINDS``."""
    return _deletion(KINDS[type_], inputs)


def _ready(ask: Asking, kind: _Kind, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = _described(ask, kind, inputs)
    status = found["status"] if found else None
    if status in _UNSETTLED:
        waited_in_vain = _wait(ask, kind, inputs, "deleted" if status == DELETING else "active")
        found = _described(ask, kind, inputs)
        status = found["status"] if found else None
        if waited_in_vain and status in _UNSETTLED:
            raise CannotTell(f"EKS did not end what it was doing ({waited_in_vain})")
    if status in _FAILED:
        raise CannotTell(f"EKS says {status}: delete it by `{_deletion(kind, inputs)}`")
    return found


def _wait(ask: Asking, kind: _Kind, inputs: Mapping[str, Any], done: str) -> str | None:
    """None, or why the waiter gave up: what it waited for failed, or went on for too long."""
    try:
        ask.client("eks").get_waiter(f"{kind.noun}_{done}").wait(**kind.of(inputs))
    except WaiterError as error:
        return str(error)
    return None


def _described(ask: Asking, kind: _Kind, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    answer = ask.one("eks", f"describe_{kind.noun}", _ABSENT, **kind.of(inputs))
    found: Mapping[str, Any] | None = answer[kind.noun] if answer else None
    return found


def _deletion(kind: _Kind, inputs: Mapping[str, Any]) -> str:
    options = " ".join(f"--{_option(name)} {value}" for name, value in kind.of(inputs).items())
    return f"aws eks delete-{kind.noun} {options}"


def _option(argument: str) -> str:
    """As the AWS CLI writes it: ``clusterName`` is ``--cluster-name``."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in argument)
