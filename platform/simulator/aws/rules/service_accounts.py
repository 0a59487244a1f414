"""Whether a Kubernetes service account gets the rights of its IAM role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from simulator.aws import iam

if TYPE_CHECKING:
    from simulator.account import Account

AUDIENCE = "sts.amazonaws.com"


def why_no_rights(
    account: Account, *, cluster: str, role_arn: str, service_account: str, policy: str | None = None
) -> str | None:
    """What keeps pods of `service_account` (NAMESPACE:NAME) from the rights of the role; None if nothing does.

    `policy` is the name of a managed policy that the role must have, or None when its rights do not matter.
    """
    role = iam.role_of(account, role_arn)
    if role is None:
        return f"role {role_arn} does not exist"
    described = account.client("eks").describe_cluster(name=cluster)["cluster"]
    issuer = described["identity"]["oidc"]["issuer"].removeprefix("https://")
    provider = f"{role_arn.partition(':role')[0]}:oidc-provider/{issuer}"
    if AUDIENCE not in _audiences(account, provider):
        return f"IAM has no OIDC provider for {issuer} with the client id {AUDIENCE}"
    subject = f"system:serviceaccount:{service_account}"
    if not iam.trusts(
        role,
        kind="Federated",
        principal=provider,
        action="sts:AssumeRoleWithWebIdentity",
        **{f"{issuer}:sub": subject, f"{issuer}:aud": AUDIENCE},
    ):
        return f"the trust policy of {role_arn} does not admit {subject} of {issuer}"
    if policy and not iam.has_policy(account, role, policy):
        return f"{policy} is not attached to {role_arn}"
    return None


def _audiences(account: Account, provider: str) -> list[str]:
    try:
        answer = account.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    except ClientError:
        return []
    return list(answer["ClientIDList"])
