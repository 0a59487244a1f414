"""Every IAM policy document in a recording: of rights, of resources and of trust."""

from __future__ import annotations

import json
from typing import Any, Final

from ray_platform.plan.recording import Recording

TRUST: Final = "assumeRolePolicy"
DOCUMENTS: Final = ("policy", TRUST)
OWN_ROLE: Final = "arn:aws:iam::000000000000:role/the-one-it-stands-on"


def policies(recording: Recording) -> dict[str, dict[str, Any]]:
    """By `NAME policy` or `NAME assumeRolePolicy`, the documents that the program writes."""
    return {
        f"{node.name} {name}": _readable(name, json.loads(node.inputs[name]))
        for node in recording.nodes.values()
        if node.type.startswith("aws:")
        for name in DOCUMENTS
        if node.inputs.get(name)
    }


def _readable(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """A trust policy stands on its role and names no resource, which parliament 1.6.4 calls malformed. So: a role."""
    if name != TRUST:
        return document
    return {**document, "Statement": [{**each, "Resource": OWN_ROLE} for each in document["Statement"]]}
