"""Reading a YAML file of the project, as Pulumi reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ray_platform.config import stack_yaml


def read(path: Path) -> dict[str, Any]:
    """The mapping in the file, empty for an empty file. Raises ValueError, in a sentence, when it is no YAML."""
    try:
        return stack_yaml.read(path.read_text(encoding="utf-8")) or {}
    except ValueError as error:
        raise ValueError(f"{path.name} is not valid YAML: {error}") from None
