"""Where the ids of the network come from: the configuration itself, or the outputs of another stack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

from ray_platform.config.problems import PROJECT, Problem, remove_command, set_command, shown
from ray_platform.config.sections import FromStackConfig, NetworkConfig
from ray_platform.config.translation import problems_of, valid_part

FROM_STACK: Final = "network.fromStack"
# The keys of the ids, with the key that names the output of each and an example.
_IDS: Final[Mapping[str, tuple[str, str]]] = {
    "vpcId": ("vpcIdOutput", "vpc-0123456789abcdef0"),
    "subnetIds": ("subnetIdsOutput", "subnet-0123456789abcdef0"),
}


@dataclass(frozen=True, kw_only=True)
class StackOutputs:
    """What a stack exported. The values of ``secret`` ones may be left out, or masked."""

    values: Mapping[str, Any]
    secret: frozenset[str] = frozenset()


class StackUnreadable(Exception):
    """The outputs of a stack cannot be had; the message is what Pulumi says of it."""


def way_problems(network: Any) -> list[Problem]:
    """The network is named in one of two ways, by its ids or by the stack that has them; never in both."""
    if not isinstance(network, Mapping):
        return []
    if network.get("fromStack") is None:
        return [_missing(key) for key in _IDS if key not in network]
    given = [key for key in _IDS if key in network]
    if not given:
        return []
    return [
        Problem(
            path=FROM_STACK,
            value=network["fromStack"],
            rule="one of the two ways to name the network: either vpcId and subnetIds, or fromStack, the stack that "
            f"has them among its outputs; {' and '.join(given)} {'is' if len(given) == 1 else 'are'} set as well",
            remedy=f"Keep one of them: {remove_command(FROM_STACK)}, or "
            + " && ".join(remove_command(f"network.{key}") for key in given),
        )
    ]


def _missing(key: str) -> Problem:
    path, (_, example) = f"network.{key}", _IDS[key]
    entry = f"{PROJECT}:{path}[0]" if key.endswith("s") else f"{PROJECT}:{path}"
    return Problem(
        path=path,
        value=None,
        source="absent",
        rule=f"required, unless {FROM_STACK} names a stack that has it among its outputs",
        remedy=f"pulumi config set --path '{entry}' YOUR_VALUE (such as {example})\n"
        f"or, for a network in another stack: {set_command(f'{FROM_STACK}.stack', 'ORG/PROJECT/STACK')}",
    )


def from_stack(raw: Mapping[str, Any]) -> FromStackConfig | None:
    """The stack that has the ids; None where the configuration has them itself, or does not name a stack rightly."""
    network = raw.get("network")
    if not isinstance(network, Mapping) or way_problems(network):
        return None
    valid = valid_part(NetworkConfig, network, "fromStack")
    return valid.from_stack if valid else None


def resolved(raw: Mapping[str, Any], read: Callable[[str], StackOutputs]) -> tuple[dict[str, Any], list[Problem]]:
    """The sections with the ids, for which ``read`` is asked, if need be, for the outputs of the stack that has them.

    With the problems of `with_ids`.
    """
    source = from_stack(raw)
    if source is None:
        return dict(raw), []
    try:
        return with_ids(raw, source, read(source.stack))
    except StackUnreadable as error:
        return with_ids(raw, source, error)


def with_ids(
    raw: Mapping[str, Any], source: FromStackConfig, answer: StackOutputs | StackUnreadable
) -> tuple[dict[str, Any], list[Problem]]:
    """The sections with the ids in the place of ``fromStack``, so that they read as if they had stood there.

    With a problem for each output that is none of the network's, and then the sections as they were.
    """
    if isinstance(answer, StackUnreadable):
        return dict(raw), [_unreadable(source, answer)]
    names = {"vpcId": source.vpc_id_output, "subnetIds": source.subnet_ids_output}
    problems = [problem for key, name in names.items() for problem in _of_output(raw, source, answer, key, name)]
    if problems:
        return dict(raw), problems
    return {**raw, "network": {key: answer.values[name] for key, name in names.items()}}, []


def _unreadable(source: FromStackConfig, error: StackUnreadable) -> Problem:
    return Problem(
        path=f"{FROM_STACK}.stack",
        value=source.stack,
        rule=f"a stack whose outputs can be read here, but: {error}",
        remedy="`pulumi stack ls --all` lists those that this login knows. The name is ORG/PROJECT/STACK; outside "
        "Pulumi Cloud ORG is always `organization`.",
    )


def _of_output(
    raw: Mapping[str, Any], source: FromStackConfig, outputs: StackOutputs, key: str, name: str
) -> list[Problem]:
    option = _IDS[key][0]
    problem = Problem(
        path=f"{FROM_STACK}.{option}",
        value=name,
        source="config" if option in raw["network"]["fromStack"] else "default",
        rule="",
        remedy=f"Let {source.stack} export it so, and `pulumi up` that stack.",
    )
    if name in outputs.secret:
        return [replace(problem, rule=f"an output that is no secret, since ids are not; {source.stack} hides it")]
    if name not in outputs.values:
        return [_absent(problem, source, outputs)]
    value = outputs.values[name]
    return [
        replace(problem, rule=f"an output with {each.rule}; in {source.stack} it is {shown(value)}")
        for each in problems_of(NetworkConfig, {key: value}, ("network",))
    ]


def _absent(problem: Problem, source: FromStackConfig, outputs: StackOutputs) -> Problem:
    there = sorted(outputs.values)
    near = get_close_matches(str(problem.value), there, n=1)
    rule = f"an output of {source.stack}, which has {', '.join(there) or 'none; was it ever up?'}"
    remedy = f"{set_command(problem.path, near[0])}, or let that stack export it." if near else problem.remedy
    return replace(problem, rule=rule, remedy=remedy)
