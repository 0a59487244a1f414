"""Files with which a program reaches the API server as somebody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from simulator.cluster.credentials import Credentials, write_private


def by_certificate(credentials: Credentials, name: str) -> dict[str, str]:
    """The `user` of the client `name`."""
    return {"client-certificate": str(credentials.certificate(name)), "client-key": str(credentials.key(name))}


def write(path: Path, *, server: str, authority: Path, user: Mapping[str, str]) -> None:
    """Writes a kubeconfig that only its owner can read. It is JSON, which is YAML too."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "it", "cluster": {"server": server, "certificate-authority": str(authority)}}],
        "users": [{"name": "me", "user": dict(user)}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "me"}}],
        "current-context": "it",
    }
    write_private(path, json.dumps(content, indent=2).encode())
