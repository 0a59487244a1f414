"""The names of the guardrails, by which the configuration makes exceptions from them."""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

from ray_platform.config.fields import Kind, refusal

GuardrailCode = Literal[
    "imds",
    "volume-encryption",
    "log-encryption",
    "secrets-encryption",
    "queue-encryption",
    "private-endpoint",
    "no-world-ingress",
    "egress",
    "no-public-addresses",
    "no-wildcard-rights",
    "spot-fallback",
    "pinned-versions",
    "tags",
    "log-types",
    "log-retention",
    "ray-token",
    "ray-namespace",
    "restricted-pods",
    "no-load-balancer",
    "no-ingress",
    "cost-limit",
]


def _known(code: Any) -> Any:
    if code not in get_args(GuardrailCode):
        raise refusal(f"a guardrail: {', '.join(get_args(GuardrailCode))}", "Rename the key.")
    return code


GuardrailKey = Annotated[GuardrailCode, Kind("GUARDRAIL"), BeforeValidator(_known)]
