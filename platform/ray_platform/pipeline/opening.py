"""Opening a stack: the same program as `pulumi up` runs, with the project's settings."""

from __future__ import annotations

import runpy
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation.errors import StackNotFoundError

from ray_platform.config import stack_yaml
from ray_platform.config.stack_file import PROGRAM_FILE, PROJECT_FILE, project_name
from ray_platform.pipeline import local_state
from ray_platform.pipeline.command import InterruptibleCommand

# How a stack encrypts its secrets; Pulumi writes them into the stack's file when it makes the stack.
ENCRYPTION_KEYS = ("secretsprovider", "encryptedkey", "encryptionsalt")


class CannotOpen(Exception):
    """The stack cannot be opened. The message is a sentence with the thing to do."""


class NoSuchStack(CannotOpen):
    """The backend has no stack of this name."""

    def __init__(self, stack: str) -> None:
        super().__init__(f"There is no stack {stack} yet: `ray-platform up --stack {stack}` makes it.")


@contextmanager
def real_stack(
    project: Path, stack: str, sections: Mapping[str, Any] | None, *, command: InterruptibleCommand, create: bool
) -> Iterator[auto.Stack]:
    """The stack in the backend that `pulumi login` chose. ``sections`` replace those of its file for this run only.

    Raises ``NoSuchStack`` where ``create`` is false and there is none yet.
    """
    if sections is None:
        yield _opened(project, project, stack, command, create=create)
        return
    with tempfile.TemporaryDirectory(prefix="ray-platform-") as folder:
        workspace = Path(folder)
        file = f"Pulumi.{stack}.yaml"
        shutil.copyfile(project / PROJECT_FILE, workspace / PROJECT_FILE)
        (workspace / file).write_text(_with_sections(project, file, sections), encoding="utf-8")
        yield _opened(project, workspace, stack, command, create=create)
        _keep_encryption(workspace / file, project / file)


def run_program(project: Path) -> None:
    """What `pulumi up` runs."""
    runpy.run_path(str(project / PROGRAM_FILE))


def _opened(project: Path, workspace: Path, stack: str, command: InterruptibleCommand, *, create: bool) -> auto.Stack:
    open_ = auto.create_or_select_stack if create else auto.select_stack
    name, folder = project_name(project), str(workspace)
    try:
        return local_state.readable(
            lambda: open_(
                stack,
                project_name=name,
                program=lambda: run_program(project),
                opts=auto.LocalWorkspaceOptions(work_dir=folder, pulumi_command=command),
            ),
            lambda: auto.LocalWorkspace(work_dir=folder, pulumi_command=command),
            name,
            stack,
        )
    except StackNotFoundError:
        raise NoSuchStack(stack) from None


def _with_sections(project: Path, file: str, sections: Mapping[str, Any]) -> str:
    settings = stack_yaml.read((project / file).read_text(encoding="utf-8")) or {}
    name = project_name(project)
    others = {key: value for key, value in (settings.get("config") or {}).items() if not key.startswith(f"{name}:")}
    own = {f"{name}:{section}": value for section, value in sections.items()}
    settings["config"] = others | own
    return stack_yaml.write(settings)


def _keep_encryption(used: Path, kept: Path) -> None:
    """Without them the next run could not read the secrets of a stack that this one made."""
    before = stack_yaml.read(kept.read_text(encoding="utf-8")) or {}
    after = stack_yaml.read(used.read_text(encoding="utf-8")) or {}
    fresh = {key: after[key] for key in ENCRYPTION_KEYS if key in after and key not in before}
    if fresh:
        with kept.open("a", encoding="utf-8") as file:
            file.write(stack_yaml.write(fresh))
