"""The statuses of EKS's API reference (Cluster, Nodegroup, Addon; read 2026-11-23), and its words for what is wrong."""

from collections.abc import Mapping
from typing import Any, Final

CREATE_FAILED: Final = "CREATE_FAILED"
DELETE_FAILED: Final = "DELETE_FAILED"
UPDATE_FAILED: Final = "UPDATE_FAILED"
FAILED: Final = "FAILED"
"""Of a control plane only."""
DELETING: Final = "DELETING"
UNDER_WAY: Final = frozenset({"CREATING", "PENDING", "UPDATING"})
# EKS never goes on with these. It refuses to update such a node group: "not in Active State"
# (aws/containers-roadmap#2204), and such an addon came right only when it was deleted (#1411; both read 2026-11-23).
LOST: Final = frozenset({CREATE_FAILED, DELETE_FAILED})
"""A node group or an addon that has to be made anew."""
AILING: Final = LOST | {"DEGRADED", UPDATE_FAILED, FAILED}
"""In which something is wrong."""


def issues(described: Mapping[str, Any]) -> tuple[str, ...]:
    """What EKS says is wrong with something that it described, one sentence each."""
    found = (described.get("health") or {}).get("issues") or ()
    return tuple(": ".join(str(issue[part]) for part in ("code", "message") if issue.get(part)) for issue in found)
