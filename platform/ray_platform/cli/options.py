"""What the verbs have in common: their options, the stack they are about, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ray_platform.config.problems import ConfigError
from ray_platform.config.stack_file import StackFileError, find_project, read_sections, with_changes

if TYPE_CHECKING:
    from ray_platform.check import Subject
    from ray_platform.survey.environment import Environment

F = TypeVar("F", bound=Callable[..., Any])

ENVIRONMENTS = "ray_platform.environments"
"""The entry points of what `--simulate` opens: `simulated`, an account; `simulated-stack`, a stack in one."""


class Exit(IntEnum):
    """How a verb ends; docs/pipelines.md explains each."""

    DONE = 0
    FAILED = 1
    BAD_CONFIG = 2
    CHANGES = 3
    REFUSED = 4
    INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What the common options say."""

    stack: str
    simulate: bool
    changes: tuple[str, ...]

    def subject(self) -> Subject:
        """The stack and its configuration. Raises ``click.ClickException`` with exit code 2 when there is none."""
        from ray_platform.check import Subject

        project = project_here()
        try:
            sections = with_changes(read_sections(project, self.stack), self.changes)
        except StackFileError as error:
            raise Refused(str(error)) from None
        return Subject(project=project, stack=self.stack, sections=sections)


def project_here() -> Path:
    """The project that this process works in. Raises ``Refused`` outside of one."""
    try:
        return find_project(Path.cwd())
    except StackFileError as error:
        raise Refused(str(error)) from None


class Refused(click.ClickException):
    """The configuration is not valid; nothing was asked of AWS."""

    exit_code = Exit.BAD_CONFIG

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True, file=file)


def common(verb: F) -> F:
    """The options that every verb on one stack has."""
    return _with(verb, _STACK, *_EVERYWHERE)


def common_or_all(verb: F) -> F:
    """The same for a verb that all stacks can have at once."""
    return _with(verb, _STACK_OR_ALL, _ALL, _PARALLEL, *_EVERYWHERE)


def _with(verb: F, *options: Callable[[F], F]) -> F:
    for option in reversed(options):
        verb = option(verb)
    return verb


pending = click.option(
    "--pending",
    "answers",
    multiple=True,
    metavar="URN=ID",
    callback=lambda ctx, param, values: _each_with_urn(values),
    help="After a kill, where nothing else can tell: this resource is there under this id; no id: it is not there.",
)


def _each_with_urn(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not value.startswith("urn:") or "=" not in value:
            raise click.BadParameter(f"{value!r} is not URN=ID")
    return values


_STACK = click.option("-s", "--stack", required=True, metavar="STACK", help="The stack; its file is Pulumi.STACK.yaml.")
_STACK_OR_ALL = click.option("-s", "--stack", metavar="STACK", help="The stack; its file is Pulumi.STACK.yaml.")
_ALL = click.option("--all", "all_stacks", is_flag=True, help="Every stack that has a file, side by side.")
_PARALLEL = click.option(
    "--parallel",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="With --all: so many stacks at a time.",
)
_EVERYWHERE = (
    click.option("--json", "as_json", is_flag=True, help="For programs: JSON (docs/check.md, docs/pipelines.md)."),
    click.option("--yes", is_flag=True, help="Ask nothing. Only `up` and `destroy` would."),
    click.option("--simulate", is_flag=True, help="A simulated account on this machine instead of AWS."),
    click.option(
        "--config",
        "changes",
        multiple=True,
        metavar="PATH=VALUE",
        help="Change the configuration for this run, as `--config cluster.name=ray-two`. Repeat for more.",
    ),
)


@contextmanager
def refusing_bad_config() -> Iterator[None]:
    """Turn the problems of a configuration into a message and exit code 2."""
    try:
        yield
    except ConfigError as error:
        raise Refused(str(error)) from None


@contextmanager
def environment(subject: Subject, chosen: Chosen) -> Iterator[Environment]:
    """The account that is asked: AWS by the credentials in use, or the simulated one."""
    if not chosen.simulate:
        from ray_platform.survey.aws import AwsEnvironment

        yield AwsEnvironment.of(subject.project, subject.stack, subject.sections)
        return
    with simulator("simulated")(subject.project, subject.stack, subject.sections) as simulated:
        yield simulated


def simulator(name: str) -> Any:
    """What the entry point of this name opens. Raises ``click.ClickException`` where the simulator is not installed."""
    found = entry_points(group=ENVIRONMENTS, name=name)
    if not found:
        raise click.ClickException("The simulator is not installed here: install requirements-dev.txt (`make setup`).")
    return next(iter(found)).load()
