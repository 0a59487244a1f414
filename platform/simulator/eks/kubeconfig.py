"""The kubeconfig that pulumi-eks makes: a token from the AWS CLI at every use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EXEC_API = "client.authentication.k8s.io/v1beta1"


def kubeconfig(
    *,
    name: str,
    endpoint: str,
    certificate: str,
    region: str,
    credentials: Mapping[str, str],
    with_profile: bool,
) -> dict[str, Any]:
    """The document for one cluster. `credentials` may hold `roleArn` and `profileName`, the latter for use by
    `with_profile` alone."""
    args = ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"]
    if role := credentials.get("roleArn"):
        args += ["--role", role]
    if with_profile and (profile := credentials.get("profileName")):
        args += ["--profile", profile]
    login = {
        "apiVersion": EXEC_API,
        "command": "aws",
        "args": args,
        "env": [{"name": "KUBERNETES_EXEC_INFO", "value": f'{{"apiVersion": "{EXEC_API}"}}'}],
    }
    cluster = {"server": endpoint, "certificate-authority-data": certificate}
    return {
        "apiVersion": "v1",
        "clusters": [{"cluster": cluster, "name": "kubernetes"}],
        "contexts": [{"context": {"cluster": "kubernetes", "user": "aws"}, "name": "aws"}],
        "current-context": "aws",
        "kind": "Config",
        "users": [{"name": "aws", "user": {"exec": login}}],
    }
