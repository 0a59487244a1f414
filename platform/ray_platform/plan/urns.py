"""The names of resources as the engine makes them: ``urn:pulumi:STACK::PROJECT::TYPES::NAME``."""

from ray_platform.marks import STACK_TYPE


def child_urn(parent: str, type_: str, name: str) -> str:
    """The URN of a resource in another one. Its types are those of all it is in; the stack does not count."""
    start, project, types, _ = parent.split("::", 3)
    within = type_ if types == STACK_TYPE else f"{types}${type_}"
    return "::".join([start, project, within, name])


def name_in(urn: str) -> str:
    """The logical name of the resource."""
    return urn.rpartition("::")[2]


def is_urn(value: object) -> bool:
    return isinstance(value, str) and value.startswith("urn:pulumi:")
