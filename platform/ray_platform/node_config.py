"""User data of AL2023 nodes: a nodeadm ``NodeConfig`` in MIME multipart, or none at all.

Managed node groups merge it with their own. They refuse plain scripts and gzip, and AL2023 has no
``/etc/eks/bootstrap.sh`` to call: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
"""

import base64
from collections.abc import Mapping
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from typing import Any

import yaml

# Fixed, so that the same config gives the same bytes and no new launch template version.
BOUNDARY = "ray-platform-node-config"


def user_data(spec: Mapping[str, Any]) -> str | None:
    """The launch template's user data in base64 for a ``NodeConfig`` with this ``spec``; None for an empty one."""
    if not spec:
        return None
    manifest = {"apiVersion": "node.eks.aws/v1alpha1", "kind": "NodeConfig", "spec": dict(spec)}
    part = MIMENonMultipart("application", "node.eks.aws")
    part.set_payload(yaml.safe_dump(manifest, sort_keys=True))
    message = MIMEMultipart("mixed", boundary=BOUNDARY, _subparts=[part])
    return base64.b64encode(message.as_bytes()).decode()
