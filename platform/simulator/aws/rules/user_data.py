"""What EKS and the AL2023 images accept as user data of a managed node group."""

from __future__ import annotations

import base64
from email.message import Message
from email.parser import BytesParser
from typing import Any

import yaml

from simulator.account.resource import Refusal

MAX_BYTES = 16_384
GZIP_MAGIC = b"\x1f\x8b"
BOOTSTRAP = "/etc/eks/bootstrap.sh"
NODE_CONFIG_TYPE = "application/node.eks.aws"


def decoded(user_data: str) -> bytes:
    """The user data of a launch template, decoded. Raises what EC2 answers when it is not Base64 or too long."""
    try:
        raw = base64.b64decode(user_data, validate=True)
    except ValueError:
        raise Refusal("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.") from None
    if len(raw) > MAX_BYTES:
        raise Refusal("InvalidParameterValue", f"User data is limited to {MAX_BYTES} bytes")
    return raw


def refuse_what_eks_cannot_merge(template: dict[str, Any]) -> None:
    """EKS adds its own part to the user data, so it must be MIME multipart; a custom image gets it untouched."""
    user_data = template.get("UserData")
    if not user_data or template.get("ImageId"):
        return
    raw = decoded(user_data)
    if raw.startswith(GZIP_MAGIC) or not _parts(raw):
        raise Refusal("Ec2LaunchTemplateInvalidConfiguration", "User data was not in the MIME multipart format.")


def why_node_does_not_start(template: dict[str, Any]) -> str | None:
    """AL2023 images replace bootstrap.sh by a script that prints this and fails."""
    user_data = template.get("UserData")
    if not user_data or template.get("ImageId"):
        return None
    for part in _parts(decoded(user_data)):
        if BOOTSTRAP in str(part.get_payload()):
            return "bootstrap.sh has been removed from AL2023-based EKS AMIs"
    return None


def node_spec(template: dict[str, Any]) -> dict[str, Any]:
    """The `spec` of the nodeadm NodeConfig in the user data of a launch template; empty without one.

    Of several the last counts for each key, as nodeadm merges them.
    """
    spec: dict[str, Any] = {}
    for part in _parts(decoded(template.get("UserData") or "")):
        if part.get_content_type() == NODE_CONFIG_TYPE:
            spec |= yaml.safe_load(str(part.get_payload()))["spec"]
    return spec


def _parts(raw: bytes) -> list[Message]:
    message = BytesParser().parsebytes(raw)
    return [part for part in message.walk() if not part.is_multipart()] if message.is_multipart() else []
