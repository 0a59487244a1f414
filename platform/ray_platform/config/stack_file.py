"""Reads a stack's configuration from its file, without Pulumi, as `load.parse` takes it."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ray_platform.config.problems import PathPart, set_command, yaml_path
from ray_platform.config.stack_yaml import read

PROJECT_FILE: Final = "Pulumi.yaml"
PROGRAM_FILE: Final = "__main__.py"

# Keys below which the configuration is data of others.
_HANDED_ON: Final = ("values", "nodeConfig")

_PART: Final = re.compile(r"""\.?(?:\[([0-9]{1,4})\]|\["((?:[^"\\]|\\.)*)"\]|([^.\[\]"]+))""")


class StackFileError(ValueError):
    """The project or its stack file cannot be read. The message is a sentence with the thing to do."""


def find_project(start: Path) -> Path:
    """The folder of the Pulumi project that `start` is in. Raises `StackFileError`."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).exists():
            return folder
    raise StackFileError(f"There is no {PROJECT_FILE} in {start} or above it: run this inside the project.")


def stacks(project: Path) -> list[str]:
    """The names of the stacks that have a file in the project."""
    return sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in project.glob("Pulumi.?*.yaml"))


def project_name(project: Path) -> str:
    """Raises `StackFileError`."""
    name = _mapping(project / PROJECT_FILE).get("name")
    if not isinstance(name, str):
        raise StackFileError(f"{PROJECT_FILE} must have a name.")
    return name


def read_sections(project: Path, stack: str) -> dict[str, Any]:
    """The sections of the stack's file, without the project's namespace. Raises `StackFileError`.

    So it does for a value that is encrypted, but in the data that is handed on unread: Pulumi decrypts that in the end.
    """
    path = project / f"Pulumi.{stack}.yaml"
    if not path.exists():
        there = ", ".join(stacks(project)) or "none"
        raise StackFileError(f"There is no {path.name}. Stacks that have a file: {there}.")
    config = _mapping(path).get("config") or {}
    if not isinstance(config, Mapping):
        raise StackFileError(f"{path.name}: config must be a mapping of keys to values.")
    prefix = f"{project_name(project)}:"
    sections = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
    for place in _encrypted(sections, ()):
        raise StackFileError(
            f"{path.name}: {yaml_path(place)} is encrypted, and only Pulumi can decrypt it. Nothing in this "
            f"configuration has to be secret; set it without --secret: {set_command(yaml_path(place), 'VALUE')}"
        )
    return sections


def with_changes(sections: Mapping[str, Any], changes: Iterable[str]) -> dict[str, Any]:
    """The sections after changes such as `cluster.name=ray-two`, in the notation of `pulumi config set --path`.

    true, false and whole numbers are taken as such, anything else as text; `[...]` and `{...}` as JSON. Raises
    `StackFileError` for a change that is none, or that leads through a value that holds no others.
    """
    result: dict[str, Any] = json.loads(json.dumps(sections))
    for change in changes:
        path, equals, text = change.partition("=")
        parts = _parts(path.rpartition(":")[2] if not path.startswith("[") else path)
        if not equals or not parts or not isinstance(parts[0], str):
            raise StackFileError(f"{change!r} is no change of the configuration: write path=value, as cluster.name=x.")
        _set(result, parts, _value(text), change)
    return result


def _mapping(path: Path) -> dict[str, Any]:
    try:
        content = read(path.read_text(encoding="utf-8")) or {}
    except ValueError as error:
        raise StackFileError(f"{path.name} is not valid YAML: {error}") from None
    if not isinstance(content, dict):
        raise StackFileError(f"{path.name} must be a mapping of keys to values.")
    return content


def _encrypted(value: Any, at: tuple[PathPart, ...]) -> Iterator[tuple[PathPart, ...]]:
    """The places of what `pulumi config set --secret` wrote: mappings with the text `secure` and nothing else."""
    if isinstance(value, Mapping) and value.keys() == {"secure"} and isinstance(value["secure"], str):
        yield at
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key not in _HANDED_ON:
                yield from _encrypted(each, (*at, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _encrypted(each, (*at, index))


def _parts(path: str) -> list[PathPart]:
    parts: list[PathPart] = []
    position = 0
    while position < len(path):
        match = _PART.match(path, position)
        if match is None:
            return []
        index, quoted, plain = match.groups()
        try:
            parts.append(int(index) if index is not None else plain if quoted is None else json.loads(f'"{quoted}"'))
        except ValueError:
            return []
        position = match.end()
    return parts


def _value(text: str) -> Any:
    if text in ("true", "false") or re.fullmatch(r"-?(0|[1-9][0-9]*)", text) or text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _set(inside: Any, parts: list[PathPart], value: Any, change: str) -> None:
    for part, following in itertools.pairwise(parts):
        inside = _entry(inside, part, [] if isinstance(following, int) else {}, change)
    part = parts[-1]
    if isinstance(inside, dict) and isinstance(part, str):
        inside[part] = value
    elif isinstance(inside, list) and isinstance(part, int) and part <= len(inside):
        inside[part : part + 1] = [value]
    else:
        raise StackFileError(f"{change!r} leads through a value that has no {part!r}.")


def _entry(inside: Any, part: PathPart, empty: Any, change: str) -> Any:
    if isinstance(inside, dict) and isinstance(part, str):
        if inside.get(part) is None:
            inside[part] = empty
        return inside[part]
    if isinstance(inside, list) and isinstance(part, int) and part <= len(inside):
        if part == len(inside):
            inside.append(empty)
        return inside[part]
    raise StackFileError(f"{change!r} leads through a value that has no {part!r}.")
