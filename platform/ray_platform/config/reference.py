"""The reference of the stack configuration, made from the model.

`python -m ray_platform.config.reference` prints the tables; with `--write`, in the repository's root, it puts
them into docs/configuration.md and the declarations into Pulumi.yaml.
"""

import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ray_platform.config.fields import Kind
from ray_platform.config.load import MODELS
from ray_platform.config.pool_config import NodePoolConfig
from ray_platform.config.pool_rules import DEFAULT_POOLS
from ray_platform.config.problems import SECTIONS
from ray_platform.config.translation import bare, fields_by_key, number
from ray_platform.generated import GeneratedPart

DOCUMENT: Final = Path("docs/configuration.md")
PROJECT_FILE: Final = Path("Pulumi.yaml")

PART: Final = GeneratedPart(document=DOCUMENT, command="python -m ray_platform.config.reference --write")
CONFIG_BLOCK: Final = "\nconfig:\n"

# The one section without which there is no stack. It has no default, so that Pulumi asks for it too.
REQUIRED: Final = "network"

_LINE_WIDTH: Final = 100

SUMMARIES: Final[Mapping[str, str]] = {
    "aws": "Where everything is created and how it is tagged.",
    "network": "The given VPC and subnets, which are never changed: by their ids, or as outputs of another stack.",
    "security": "Encryption key, egress of the nodes and shell access to them.",
    "cluster": "The EKS control plane, who reaches it and what it logs.",
    "nodePools": "Any number of node pools by name; what a stack gives replaces the default pools wholly.",
    "addons": "What runs on the cluster besides Ray.",
    "ray": "The Ray cluster; the worker groups follow from the node pools.",
    "operations": "Guards against deletion by accident, and against cost by accident.",
}


def markdown() -> str:
    """The tables of every key, one for each section."""
    return "\n\n".join(_table(section) for section in SECTIONS)


def pulumi_config() -> str:
    """The block `config` of Pulumi.yaml: each section's type, default and keys."""
    lines = ["config:"]
    for section in SECTIONS:
        keys = list(fields_by_key(_model(section)))
        text = f"{SUMMARIES[section]} Keys: {', '.join(keys)}." if keys else SUMMARIES[section]
        if section == "nodePools":
            text = text.replace("Keys:", "Keys of a pool:")
        lines += [f"  {section}:", "    type: object", "    description: >-"]
        lines += textwrap.wrap(text, _LINE_WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
        if section == "nodePools":
            lines.append(f"    default: {json.dumps(DEFAULT_POOLS)}")
        elif section != REQUIRED:
            lines.append("    default: {}")
    return "\n".join(lines) + "\n"


def with_reference(document: str) -> str:
    """docs/configuration.md with the tables of now."""
    return PART.put(document, markdown())


def with_declarations(project: str) -> str:
    """Pulumi.yaml with the declarations of now; they are its last block."""
    before, _ = project.split(CONFIG_BLOCK)
    return f"{before}\n{pulumi_config()}"


def _model(section: str) -> type[BaseModel]:
    return NodePoolConfig if section == "nodePools" else MODELS[section]


def _table(section: str) -> str:
    title = f"## {section}\n\n{SUMMARIES[section]}"
    prefix = "nodePools.NAME" if section == "nodePools" else section
    rows = list(_rows(_model(section), prefix))
    if not rows:
        return title
    return "\n".join([title, "", "| key | type | default | meaning |", "|---|---|---|---|", *rows])


def _rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for key, field in fields_by_key(model).items():
        path = f"{prefix}.{key}"
        nested, step = _nested(field.annotation)
        if nested is None or step:
            yield f"| `{path}` | {_type(field)} | {_default(field)} | {field.description} |"
        if nested is not None:
            yield from _rows(nested, f"{path}{step}")


def _nested(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The model below a key, and how a path steps into it."""
    annotation = bare(annotation)
    for origin, position, step in ((dict, 1, ".NAME"), (tuple, 0, "[N]")):
        if get_origin(annotation) is origin:
            entry = bare(get_args(annotation)[position])
            return (entry, step) if _is_model(entry) else (None, "")
    return (annotation, "") if _is_model(annotation) else (None, "")


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _default(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default_text" in extra:
        return str(extra["default_text"])
    if field.is_required():
        return "required"
    return "unset" if field.default is None else f"`{json.dumps(field.default)}`"


def _type(field: FieldInfo) -> str:
    return _type_text(field.annotation, field.metadata)


def _type_text(annotation: Any, metadata: Any = ()) -> str:
    kind = next((each.text for each in metadata if isinstance(each, Kind)), None)
    if kind is not None:
        return kind
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type_text(arguments[0], arguments[1:])
    if origin in (Union, UnionType):
        return _type_text(next(each for each in arguments if each is not type(None)), metadata)
    if origin is Literal:
        return f"one of {', '.join(f'`{each}`' for each in arguments)}"
    if origin is tuple:
        return f"list of: {_type_text(arguments[0])}"
    if origin is dict:
        return "mapping to text" if bare(arguments[1]) is str else "mapping"
    if _is_model(annotation):
        return "mapping"
    if annotation in (int, float):
        return number(annotation, metadata)
    return {bool: "true or false", str: "text"}.get(annotation, "anything")


def main() -> None:
    """Prints the tables, or writes both files when called with --write."""
    if sys.argv[1:] != ["--write"]:
        print(markdown())
        return
    DOCUMENT.write_text(with_reference(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    PROJECT_FILE.write_text(with_declarations(PROJECT_FILE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
