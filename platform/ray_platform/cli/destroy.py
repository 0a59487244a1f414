"""`ray-platform destroy`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ray_platform.cli.options import Chosen, Exit, common, pending
from ray_platform.cli.session import Stop, carried_out, confirm_name, ending, opened, settle_what_is_pending, summary
from ray_platform.cli.telling import Teller, teller
from ray_platform.marks import STACK_TYPE
from ray_platform.pipeline.events import Change
from ray_platform.pipeline.progress import Progress
from ray_platform.plan.urns import name_in

if TYPE_CHECKING:
    from pulumi import automation as auto

RAY_CLUSTER = "kubernetes:ray.io/v1:RayCluster"
UNPROTECT = (
    "Set operations.protect and operations.deletionProtection to false, run `ray-platform up --stack {stack}`, "
    "and destroy it then."
)


@click.command()
@common
@pending
def destroy(
    stack: str, simulate: bool, changes: tuple[str, ...], as_json: bool, yes: bool, answers: tuple[str, ...]
) -> None:
    """Delete everything the stack made: Ray first, until its last pod is gone, then the rest in order."""
    chosen, out = Chosen(stack=stack, simulate=simulate, changes=changes), teller(as_json=as_json)
    with ending(out, "destroy", chosen) as told, opened(chosen, create=False) as target:
        settle_what_is_pending(target, out, answers)
        resources = (target.stack.export_stack().deployment or {}).get("resources") or []
        if kept := protected(resources):
            names = ", ".join(name_in(each["urn"]) for each in kept)
            raise Stop(Exit.REFUSED, f"{stack} is protected ({names}).", UNPROTECT.format(stack=stack))
        if not yes:
            confirm_name(stack, len(resources))
        counts: dict[str, int] = {}
        ray = [each["urn"] for each in resources if each["type"] == RAY_CLUSTER]
        if ray:
            out.say("Draining Ray: its pods end first.")
            counts = _destroyed(target.stack, out, [each for each in resources if each["urn"] in ray], only=ray)
        out.say(f"Destroying {stack}.")
        rest = _destroyed(target.stack, out, [each for each in resources if each["urn"] not in ray])
        counts = {op: counts.get(op, 0) + rest.get(op, 0) for op in {**counts, **rest}}
        told["changes"] = counts


def protected(resources: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The resources that Pulumi or EKS refuses to delete. Without this the others would be gone before it says so."""
    return [
        each
        for each in resources
        if each.get("protect") or (each.get("inputs") or {}).get("deletionProtection") is True
    ]


def _destroyed(
    stack: auto.Stack, out: Teller, resources: Sequence[Mapping[str, Any]], only: Sequence[str] = ()
) -> dict[str, int]:
    """Destroy ``only`` what is named by URN, with what needs it, or everything; the counts of what was done."""
    from ray_platform.plan.picture import box_names

    options: dict[str, Any] = {"target": list(only), "target_dependents": True} if only else {}
    progress = Progress(box_names(resources), _deletions(resources), None)
    ended = carried_out(stack.destroy, stack, out, progress, **options)
    out.say(summary("destroy", stack.name, ended))
    return ended.told.counts("done")


def _deletions(resources: Iterable[Mapping[str, Any]]) -> list[Change]:
    return [
        Change(
            status="planned",
            op="delete",
            urn=each["urn"],
            type=each["type"],
            name=name_in(each["urn"]),
        )
        for each in resources
        if each["type"] != STACK_TYPE
    ]
