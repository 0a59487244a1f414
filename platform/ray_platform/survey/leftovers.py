"""What an earlier stack, or EKS itself, left under the names that this stack will want."""

import re
from collections.abc import Iterator
from typing import Final

from ray_platform import naming
from ray_platform.checks.facts import Leftover
from ray_platform.config.sections import Settings
from ray_platform.survey.questions import Questions

_AUTO_NAME_SUFFIX: Final = re.compile(rf"-[0-9a-f]{{{naming.AUTO_NAME_SUFFIX - 1}}}")


def read_leftovers(ask: Questions, settings: Settings) -> tuple[Leftover, ...]:
    """Log group, key alias and queues of such names, whoever holds them; only of what the stack makes itself."""
    return (*_log_group(ask, settings), *_key_alias(ask, settings), *_queues(ask, settings))


def _log_group(ask: Questions, settings: Settings) -> Iterator[Leftover]:
    if not settings.cluster.log_types:
        return
    name = naming.log_group(settings.cluster.name)
    what = "whether a log group is left over"
    found = ask.all(what, "logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    if any(each["logGroupName"] == name for each in found or ()):
        yield Leftover(
            kind="log group",
            type_token="aws:cloudwatch/logGroup:LogGroup",
            logical_name=naming.resource(settings.cluster.name, "logs"),
            physical_id=name,
        )


def _key_alias(ask: Questions, settings: Settings) -> Iterator[Leftover]:
    if settings.security.kms_key_arn is not None:
        return
    name = naming.key_alias(settings.cluster.name)
    found = ask.all("whether a key alias is left over", "kms", "list_aliases", "Aliases")
    if any(each["AliasName"] == name for each in found or ()):
        yield Leftover(
            kind="key alias",
            type_token="aws:kms/alias:Alias",
            logical_name=naming.resource(settings.cluster.name, "key-alias"),
            physical_id=name,
        )


def _queues(ask: Questions, settings: Settings) -> Iterator[Leftover]:
    """The queue has an auto-name, so one is found by what its name begins with and how it ends."""
    has_spot = any(pool.capacity_type == "SPOT" for pool in settings.node_pools.values())
    if not (has_spot and settings.addons.node_termination_handler.enabled):
        return
    prefix = naming.resource(settings.cluster.name, "interruption")
    what = "whether a queue is left over"
    for url in ask.all(what, "sqs", "list_queues", "QueueUrls", QueueNamePrefix=f"{prefix}-") or ():
        if _AUTO_NAME_SUFFIX.fullmatch(url.rpartition("/")[2].removeprefix(prefix)):
            yield Leftover(kind="queue", type_token="aws:sqs/queue:Queue", logical_name=prefix, physical_id=url)
