"""A stack of this project in a simulated account: the real engine, the real program, simulated providers.

Everything of it is kept in one folder: a copy of the project's settings, the engine's state and the account
file. So a stack outlives the process, and nothing is written into the project.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi import automation as auto

from ray_platform.config import stack_yaml
from ray_platform.pipeline import local_state
from ray_platform.pipeline.opening import CannotOpen, NoSuchStack, run_program
from simulator.account import Account, AccountError, yaml_file
from simulator.account.site import Site
from simulator.aws import RESOURCE_TYPES
from simulator.protocol.serve import engine_environment, served
from simulator.reads import SimulatedEnvironment

if TYPE_CHECKING:
    from simulator.cluster.control_plane import ControlPlane

# The state of a simulated stack holds no secret of anybody; Pulumi wants a passphrase all the same.
PASSPHRASE = "simulated"
FOLDER = ".demo"
# Where the set-up names the Pulumi CLI that it got.
PULUMI_CLI = Path(".venv/pulumi-cli")


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
        self.folder.mkdir(parents=True, exist_ok=True)
        salt = yaml_file.read(self.stack_file).get("encryptionsalt") if self.stack_file.exists() else None
        config = yaml_file.read(self.project / self.stack_file.name).get("config") or {}
        settings = {"config": config} | ({"encryptionsalt": salt} if salt else {})
        shutil.copyfile(self.project / "Pulumi.yaml", self.folder / "Pulumi.yaml")
        self.stack_file.write_text(stack_yaml.write(settings), encoding="utf-8")

    def is_protected(self) -> bool:
        """Whether the config guards the stack against being destroyed."""
        operations = yaml_file.read(self.stack_file)["config"].get(self._key("operations")) or {}
        return bool(operations.get("protect") or operations.get("deletionProtection"))

    def replace_config(self, sections: Mapping[str, Any]) -> None:
        """Have these sections and no others, here only."""
        settings = yaml_file.read(self.stack_file)
        settings["config"] = {self._key(name): value for name, value in sections.items()}
        self.stack_file.write_text(stack_yaml.write(settings), encoding="utf-8")

    def change(self, section: str, **values: Any) -> None:
        """Set keys of one section of the config, here only."""
        settings = yaml_file.read(self.stack_file)
        config = settings.setdefault("config", {})
        config[self._key(section)] = (config.get(self._key(section)) or {}) | values
        self.stack_file.write_text(stack_yaml.write(settings), encoding="utf-8")

    def _key(self, section: str) -> str:
        return f"{yaml_file.read(self.folder / 'Pulumi.yaml')['name']}:{section}"


@contextmanager
def simulated(
    place: Place, command: auto.PulumiCommand, control_plane: ControlPlane | None = None
) -> Iterator[tuple[auto.Stack, Account]]:
    """The stack and its account, which is served as long as the context lasts.

    The account holds the VPC and the subnets that the stack's config names. The objects of its Kubernetes cluster are
    the control plane's, or without one the account's own. Only one account can be open in a process.
    """
    with served_account(place, control_plane) as (account, providers):
        stack = engine_stack(
            place.stack,
            project=yaml_file.read(place.folder / "Pulumi.yaml")["name"],
            folder=place.folder,
            providers=providers,
            command=command,
            program=lambda: run_program(place.project),
        )
        _release(place, stack)
        yield stack, account


@contextmanager
def served_account(place: Place, control_plane: ControlPlane | None = None) -> Iterator[tuple[Account, str]]:
    """The account of ``simulated`` alone, and its providers as the engine is told of them."""
    site = Site.of_stack_file(place.stack_file)
    with Account.open(place.account, RESOURCE_TYPES, region=site.region) as account:
        site.build(account)
        account.save()
        with served(account, control_plane=control_plane) as providers:
            yield account, providers


@contextmanager
def open_stack(
    project: Path,
    stack: str,
    sections: Mapping[str, Any],
    command: Callable[..., auto.PulumiCommand],
    create: bool,
) -> Iterator[tuple[auto.Stack, SimulatedEnvironment]]:
    """The demo's stack with these sections as its config, for the product's command line, and its account to be asked.

    ``command`` makes the Pulumi CLI of the directory that is its argument. Raises ``CannotOpen`` when the stack has to
    be there (``create`` false) and is not, and when another process has the account.
    """
    place = Place(project=project, folder=project / FOLDER / stack, stack=stack)
    if not create and not place.account.exists():
        raise NoSuchStack(f"{stack} --simulate")
    place.take_settings()
    place.replace_config(sections)
    with ExitStack() as open_:
        try:
            opened, account = open_.enter_context(simulated(place, command(pulumi_root(project))))
        except AccountError as error:
            raise CannotOpen(str(error)) from None
        yield opened, SimulatedEnvironment(account=account, vpc_id=None, backend=place.folder / "state")


def pulumi_root(project: Path) -> str | None:
    """The directory of the Pulumi CLI that the set-up got; None for the one on PATH, without a set-up."""
    named = project / PULUMI_CLI
    return str(Path(named.read_text(encoding="utf-8").strip()).parents[1]) if named.exists() else None


def engine_stack(
    name: str,
    *,
    project: str,
    folder: Path,
    providers: str,
    command: auto.PulumiCommand,
    program: auto.PulumiFn,
) -> auto.Stack:
    """A stack on the real engine with attached providers; the engine keeps all of its own in ``folder``."""
    state = folder / "state"
    state.mkdir(parents=True, exist_ok=True)
    # No other process has the account, so nobody is writing this.
    local_state.mended(f"file://{state}", project, name)
    return auto.create_or_select_stack(
        name,
        project_name=project,
        program=program,
        opts=auto.LocalWorkspaceOptions(
            work_dir=str(folder), env_vars=stack_environment(folder, providers), pulumi_command=command
        ),
    )


def stack_environment(folder: Path, providers: str) -> dict[str, str]:
    """What the engine of such a stack is told by its environment."""
    return engine_environment(providers) | {
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_HOME": str(folder / "home"),
    }


def _release(place: Place, stack: auto.Stack) -> None:
    """Drop the lock of a run that was interrupted: whoever holds the account is alone in this place."""
    if any((place.folder / "state").rglob("locks/**/*.json")):
        stack.cancel()
