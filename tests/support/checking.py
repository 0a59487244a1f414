"""The check of a stack in a simulated account that is open in this process, whole or with a fault planted in it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from ray_platform.check import judged
from ray_platform.checks.facts import Facts, Machine
from ray_platform.checks.finding import Finding, Severity
from ray_platform.config.load import declared, parse
from ray_platform.config.stack_file import read_sections
from ray_platform.survey.read import survey
from simulator import aws
from simulator.account import Account
from simulator.account.site import Site
from simulator.reads import SimulatedEnvironment

PROJECT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)

# The stack dev as committed.
VPC = "vpc-0a1b2c3d4e5f60718"
SUBNETS = ("subnet-0d1e2f3a4b5c60001", "subnet-0d1e2f3a4b5c60002")
CLUSTER = "ray-dev"
REGION = "us-east-1"
ACCOUNT_ID = "123456789012"

Config = Mapping[str, Mapping[str, Any]]
"""Keys of the configuration by section, over those of the stack's file."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """What has to be known of a fault that was planted: where it is, and what the configuration says of it."""

    where: str = ""
    config: Config = field(default_factory=dict)


Plant = Callable[[Account], Planted | None]
"""Changes the account in this process, past Pulumi."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault and the finding that tells of it; ``beside`` are the codes of those that it cannot but have besides.

    ``where`` is empty where the plant tells it. ``evidence`` and ``remedy`` are parts of these texts, of which ``HERE``
    stands for where it is; ``machine`` and ``denied`` are as SimulatedEnvironment has them.
    """

    name: str
    code: str
    where: str = ""
    evidence: tuple[str, ...]
    remedy: tuple[str, ...]
    severity: Severity = "error"
    stack: str = "dev"
    config: Config = field(default_factory=dict)
    plant: Plant | None = None
    machine: Machine | None = None
    denied: tuple[str, ...] = ()
    today: date = TODAY
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Checking:
    """An account, and what checks find in it. What is planted in it lasts as long as the context."""

    account: Account
    sound: bytes
    environment: SimulatedEnvironment

    def findings(
        self,
        stack: str = "dev",
        *,
        config: Config | None = None,
        machine: Machine | None = None,
        denied: Collection[str] = (),
        today: date = TODAY,
    ) -> list[Finding]:
        """All findings in the account as it is."""
        sections = changed(read_sections(PROJECT, stack), config or {})
        settings, problems = parse(sections)
        assert settings is not None, [str(problem) for problem in problems]
        return judged(settings, declared(sections), self.facts(sections, machine=machine, denied=denied, today=today))[
            1
        ]

    def facts(
        self,
        sections: Mapping[str, Any],
        *,
        machine: Machine | None = None,
        denied: Collection[str] = (),
        today: date = TODAY,
    ) -> Facts:
        """What a survey finds in the account as it is. The clients are made once, but for those that are denied."""
        changes: dict[str, Any] = {"vpc_id": declared(sections).vpc_id, "machine_facts": machine}
        if denied:
            changes |= {"denied": frozenset(denied), "clients": {}}
        return survey(replace(self.environment, **changes), sections, today=today)

    @contextmanager
    def planted(self, plant: Plant | None) -> Iterator[Planted]:
        if plant is None:
            yield Planted()
            return
        try:
            yield plant(self.account) or Planted()
        finally:
            self.account.path.write_bytes(self.sound)
            self.account.rebuild()

    def assert_told(self, fault: Fault) -> None:
        """That the check names the fault, where it is and the remedy, and nothing else."""
        with self.planted(fault.plant) as planted:
            found = self.findings(
                fault.stack,
                config=changed(fault.config, planted.config),
                machine=fault.machine,
                denied=fault.denied,
                today=fault.today,
            )
        where = fault.where or planted.where
        told = [each for each in found if each.code == fault.code]
        assert [(each.where, each.severity) for each in told] == [(where, fault.severity)], found
        assert {each.code for each in found} - {fault.code} == fault.beside, found
        for text, parts in ((f"{told[0].what}. {told[0].evidence}", fault.evidence), (told[0].remedy, fault.remedy)):
            for part in parts:
                assert part.replace("HERE", where) in text, text


@contextmanager
def checking(folder: Path, *stacks: str) -> Iterator[Checking]:
    """Open an account in a folder of its own, with the networks of these stacks. Only one can be open in a process."""
    with Account.open(folder / "account.json", aws.RESOURCE_TYPES) as account:
        for stack in stacks:
            Site.of_stack_file(PROJECT / f"Pulumi.{stack}.yaml").build(account)
        environment = SimulatedEnvironment(account=account, vpc_id=None)
        yield Checking(account=account, sound=account.path.read_bytes(), environment=environment)


def changed(sections: Mapping[str, Any], changes: Config) -> dict[str, Any]:
    """The sections with some of their keys replaced."""
    merged = {section: {**(sections.get(section) or {}), **values} for section, values in changes.items()}
    return {**sections, **merged}
