"""Reading a YAML file of the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read(path: Path) -> dict[str, Any]:
    """The mapping in the file, empty for an empty file. Raises ValueError, in a sentence, when it is no YAML."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is not valid YAML: {error}") from None
