"""The given encryption key."""

import json
from typing import Final

from ray_platform.checks.facts import KeyFacts
from ray_platform.survey.questions import Questions

# The only name a key's policy has (KMS API reference, GetKeyPolicy).
POLICY_NAME: Final = "default"


def read_key(ask: Questions, key_arn: str) -> KeyFacts | None:
    """None where there is no such key, or where it cannot be read."""
    answer = ask.one("the encryption key", "kms", "describe_key", absent=("NotFoundException",), KeyId=key_arn)
    if not answer:
        return None
    key = answer["KeyMetadata"]
    policy = ask.one("the key's policy", "kms", "get_key_policy", KeyId=key_arn, PolicyName=POLICY_NAME)
    return KeyFacts(
        arn=key_arn,
        state=key["KeyState"],
        spec=key["KeySpec"],
        usage=key["KeyUsage"],
        policy=None if policy is None else json.loads(policy["Policy"]),
    )
