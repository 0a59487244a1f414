"""Pulumi's backend of a simulated stack: a folder with the states of all stacks in it."""

from __future__ import annotations

import json
from pathlib import Path

from ray_platform.config.network_source import StackOutputs, StackUnreadable
from ray_platform.survey.state import outputs_in


def read_stack_outputs(backend: Path | None, stack: str) -> StackOutputs:
    """The outputs of a stack there, given as ORG/PROJECT/STACK. Raises StackUnreadable, in Pulumi's words."""
    _, project, name = stack.split("/")
    file = backend and backend / ".pulumi" / "stacks" / project / f"{name}.json"
    if file is None or not file.exists():
        raise StackUnreadable(f'unknown stack "{stack}"')
    return outputs_in(json.loads(file.read_text(encoding="utf-8"))["checkpoint"]["latest"] or {})
