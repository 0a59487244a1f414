"""The guardrails as a Pulumi policy pack: ``pulumi preview --policy-pack policy``; docs/guardrails.md says more.

A guardrail that judges each resource by itself does so before the resource is made or changed. One that compares
resources does so at the end of a preview, and so before anything changes, and once more at the end of an update. Both
look at inputs, as the program gives them. A value that is not known yet is left to the update, which knows it in time.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from ray_platform.config.load import from_pulumi_config, parse
from ray_platform.config.stack_file import StackFileError, read_sections
from ray_platform.guardrails.all import CATALOGUE, judge
from ray_platform.guardrails.sources import STACK_TYPE, resource
from ray_platform.guardrails.values import plain
from ray_platform.guardrails.verdict import Guardrail, Limits, Resource, Stack

PROJECT = Path(__file__).resolve().parents[1]

HIDDEN_BY = (UnknownValueError,)

# The resources of this run by their inputs. What comes at its end are their outputs, and providers may leave out of
# these what they were given.
seen: dict[str, Resource] = {}


def limits(urn: str) -> Limits:
    """Those of the stack's configuration; the strictest where it is not valid, for then the program refuses it."""
    settings, _ = parse(sections(urn))
    return Limits.of(settings) if settings else Limits()


def sections(urn: str) -> Mapping[str, Any]:
    """The configuration as the engine hands it on, or as the stack's file has it.

    The engine puts it into the environment of a policy pack only where it finds no language host for Python (3.259,
    pkg/resource/plugin/analyzer_plugin.go); a change by ``--config`` is not seen otherwise.
    """
    if given := from_pulumi_config():
        return given
    try:
        return read_sections(PROJECT, urn.removeprefix("urn:pulumi:").partition("::")[0])
    except StackFileError:
        return {}


def plain_resource(met: ResourceValidationArgs | PolicyResource) -> Resource:
    return resource(
        urn=met.urn,
        type=met.resource_type,
        inputs=met.props,
        parent=met.opts.parent or "",
        provider=met.provider.props if met.provider else None,
        hidden_by=HIDDEN_BY,
    )


def of_each(guardrail: Guardrail) -> Policy:
    """The policy that judges each resource by its inputs."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        seen[args.urn] = plain_resource(args)
        stack = Stack(resources=(seen[args.urn],), limits=limits(args.urn))
        for violation in judge(stack, [guardrail]).violations:
            report(str(violation), args.urn)

    return ResourceValidationPolicy(name=guardrail.code, description=guardrail.promise, validate=validate)


def of_all(guardrail: Guardrail) -> Policy:
    """The policy that judges all resources together, and the outputs of the stack."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        outputs = [each.props for each in args.resources if each.resource_type == STACK_TYPE]
        rest = [each for each in args.resources if each.resource_type != STACK_TYPE]
        stack = Stack(
            resources=tuple(seen.get(each.urn) or plain_resource(each) for each in rest),
            outputs=plain(outputs[0], HIDDEN_BY) if outputs else None,
            limits=limits(args.resources[0].urn) if args.resources else Limits(),
        )
        for violation in judge(stack, [guardrail]).violations:
            report(str(violation), violation.urn or None)

    return StackValidationPolicy(name=guardrail.code, description=guardrail.promise, validate=validate)


PolicyPack(
    name="ray-platform",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[of_all(each) if each.whole else of_each(each) for each in CATALOGUE],
)
