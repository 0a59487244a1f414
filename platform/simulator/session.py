"""A stack of this project in a simulated account: the real engine, the real program, simulated providers.

Everything of it is kept in one folder: a copy of the project's settings, the engine's state and the account
file. So a stack outlives the process, and nothing is written into the project.
"""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto

from simulator.account import Account
from simulator.account.faults import Faults
from simulator.account.site import Site
from simulator.aws import RESOURCE_TYPES
from simulator.protocol.serve import engine_environment, served

# The state of a simulated stack holds no secret of anybody; Pulumi wants a passphrase all the same.
PASSPHRASE = "simulated"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a simulated stack is kept, and which project it is a stack of."""

    project: Path
    folder: Path
    stack: str

    @property
    def account(self) -> Path:
        return self.folder / "account.json"

    @property
    def stack_file(self) -> Path:
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def take_settings(self) -> None:
        """Copy the project's settings here, anew: edits of the project's stack file count from the next run on.

        How the real stack encrypts its secrets stays behind: the state here has a passphrase of its own. Raises
        ``FileNotFoundError`` when the project has no such stack, ``ValueError`` when its file is no YAML.
        """
        (self.folder / "state").mkdir(parents=True, exist_ok=True)
        salt = _read(self.stack_file).get("encryptionsalt") if self.stack_file.exists() else None
        config = _read(self.project / self.stack_file.name).get("config") or {}
        settings = {"config": config} | ({"encryptionsalt": salt} if salt else {})
        shutil.copyfile(self.project / "Pulumi.yaml", self.folder / "Pulumi.yaml")
        self.stack_file.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")

    def is_protected(self) -> bool:
        """Whether the config guards the stack against being destroyed."""
        operations = _read(self.stack_file)["config"].get(self._key("operations")) or {}
        return bool(operations.get("protect") or operations.get("deletionProtection"))

    def change(self, section: str, **values: Any) -> None:
        """Set keys of one section of the config, here only."""
        settings = _read(self.stack_file)
        config = settings.setdefault("config", {})
        config[self._key(section)] = (config.get(self._key(section)) or {}) | values
        self.stack_file.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")

    def _key(self, section: str) -> str:
        return f"{_read(self.folder / 'Pulumi.yaml')['name']}:{section}"


@contextmanager
def simulated(
    place: Place,
    command: auto.PulumiCommand,
    *,
    faults: Faults | None = None,
    program: Callable[[], None] | None = None,
) -> Iterator[tuple[auto.Stack, Account]]:
    """The stack and its account, which is served as long as the context lasts.

    ``program`` stands in for the project's own. The account holds the VPC and the subnets that the stack's config
    names. Only one account can be open in a process.
    """
    site = Site.of_stack_file(place.stack_file)
    with Account.open(place.account, RESOURCE_TYPES, region=site.region, faults=faults) as account:
        site.build(account)
        account.save()
        with served(account) as providers:
            stack = _stack(place, command, providers, program or (lambda: _run_program(place.project)))
            _release(place, stack)
            yield stack, account


def _stack(place: Place, command: auto.PulumiCommand, providers: str, program: Callable[[], None]) -> auto.Stack:
    environment = engine_environment(providers) | {
        "PULUMI_BACKEND_URL": f"file://{place.folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_HOME": str(place.folder / "home"),
    }
    return auto.create_or_select_stack(
        place.stack,
        project_name=_read(place.folder / "Pulumi.yaml")["name"],
        program=program,
        opts=auto.LocalWorkspaceOptions(work_dir=str(place.folder), env_vars=environment, pulumi_command=command),
    )


def _release(place: Place, stack: auto.Stack) -> None:
    """Drop the lock of a run that was interrupted: whoever holds the account is alone in this place."""
    if any((place.folder / "state").rglob("locks/**/*.json")):
        stack.cancel()


def _run_program(project: Path) -> None:
    runpy.run_path(str(project / "__main__.py"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is not valid YAML: {error}") from None
