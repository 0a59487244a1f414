"""What an earlier stack left behind under the names that this one wants."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ray_platform import naming
from ray_platform.checks.facts import Case, Facts, Leftover
from ray_platform.checks.finding import Check, Finding, Severity, found
from ray_platform.config.problems import set_command

NAME_TAKEN = Check(
    code="cluster-name-taken", group="Leftovers", asks="Is the cluster's name free, or the stack's already?"
)
LEFT_OVER = Check(
    code="left-over", group="Leftovers", asks="Did an earlier stack leave a log group, a key alias or a queue behind?"
)
CHECKS = (NAME_TAKEN, LEFT_OVER)


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """A kind of leftover: the component that will hold it, what goes with it, and the command that deletes it.

    ``component`` is the type's last part and the suffix of the name; None for what is auto-named, and so never in the
    way.
    """

    component: tuple[str, str] | None
    content: str
    delete: str


_KINDS: Final[Mapping[str, _Kind]] = {
    "log group": _Kind(
        component=("Cluster", "cluster"),
        content=" with the logs in it",
        delete="aws logs delete-log-group --log-group-name {id}",
    ),
    "key alias": _Kind(component=("Security", "security"), content="", delete="aws kms delete-alias --alias-name {id}"),
    "queue": _Kind(component=None, content="", delete="aws sqs delete-queue --queue-url {id}"),
}


def findings(case: Case) -> Iterator[Finding]:
    """Silent where nobody may tell whether the cluster exists: its log group would look like a leftover."""
    facts = case.facts
    if is_taken(facts):
        yield _taken(case)
    elif facts.cluster is None and not any(each.action == "eks:DescribeCluster" for each in facts.unread):
        held = facts.holdings or frozenset()
        for leftover in facts.leftovers:
            if leftover.physical_id not in held:
                yield _left_over(case, leftover)


def is_taken(facts: Facts) -> bool:
    """Whether a cluster of the configured name exists that this stack did not make; False where that is unknown."""
    return facts.cluster is not None and facts.holdings is not None and facts.cluster.name not in facts.holdings


def _taken(case: Case) -> Finding:
    name = case.settings.cluster.name
    return found(
        NAME_TAKEN,
        "error",
        where="cluster.name",
        what="Another cluster of this name exists, which this stack did not make",
        evidence=f"EKS has a cluster {name} in {case.settings.aws.region}, and the stack's state has none",
        remedy=f"Choose another name: {set_command('cluster.name', f'{name}-2')}. Or select the stack that made it "
        "(`pulumi stack ls --all`).",
    )


def _left_over(case: Case, leftover: Leftover) -> Finding:
    """Where the state could not be read the resource may be the stack's own, and the update may well succeed."""
    kind, region = _KINDS[leftover.kind], case.settings.aws.region
    delete = f"{kind.delete.format(id=leftover.physical_id)} --region {region}"
    severity: Severity
    if kind.component is None:
        severity, what = "note", "is in nobody's way, since the stack's own gets another name, and costs nothing"
        remedy = f"Delete it when no stack uses it: {delete}"
    else:
        severity, what = "error", "is left over, and the stack cannot make its own: the name is taken"
        remedy = f"Take it over:\n{_adopt(case, leftover, *kind.component)}\nOr delete it{kind.content}:\n{delete}"
    unsure = ". Unless this stack holds it already: its state could not be read"
    return found(
        LEFT_OVER,
        "warning" if severity == "error" and case.facts.holdings is None else severity,
        where=leftover.physical_id,
        what=f"A {leftover.kind} of an earlier stack {what}" + (unsure if case.facts.holdings is None else ""),
        evidence=f"{leftover.physical_id} exists in {region}, and no cluster {case.settings.cluster.name}",
        remedy=remedy,
    )


def _adopt(case: Case, leftover: Leftover, component: str, suffix: str) -> str:
    """By a file, which alone can name a parent yet to be made: under another the stack would make a second one."""
    parent = naming.resource(case.settings.cluster.name, suffix)
    resources = [
        {"type": f"ray-platform:components:{component}", "name": parent, "component": True},
        {
            "type": leftover.type_token,
            "name": leftover.logical_name,
            "id": leftover.physical_id,
            "parent": parent,
        },
    ]
    return (
        f"echo '{json.dumps({'resources': resources})}' > adopt.json\n"
        f"AWS_REGION={case.settings.aws.region} pulumi import --file adopt.json --protect=false --generate-code=false"
    )
