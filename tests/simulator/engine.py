"""The real Pulumi engine on a simulated account, for the tests of the protocol."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pulumi import automation

from simulator.account import Account
from simulator.account.network_fixture import ensure_network
from simulator.aws import RESOURCE_TYPES
from simulator.protocol import serve
from simulator.session import engine_stack
from tests.support.cli import pulumi_command

VPC_ID = "vpc-0123456789abcdef0"
SUBNET_IDS = ("subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2")
PROJECT = "simulated"


@functools.cache
def _command() -> automation.PulumiCommand:
    return pulumi_command()


@dataclass(frozen=True)
class Engine:
    """A backend and an account file under one directory."""

    directory: Path

    @property
    def account_path(self) -> Path:
        return self.directory / "account.json"

    @contextmanager
    def serving(
        self, packages: Sequence[str] = ("aws",)
    ) -> Iterator[Callable[[automation.PulumiFn], automation.Stack]]:
        """Serve the account; yields what makes the stack of a program."""
        with Account.open(self.account_path, RESOURCE_TYPES) as account:
            ensure_network(account, VPC_ID, SUBNET_IDS)
            with serve.served(account, packages) as providers:
                yield lambda program: self._stack(program, providers)

    def _stack(self, program: automation.PulumiFn, providers: str) -> automation.Stack:
        return engine_stack(
            "test",
            project=PROJECT,
            folder=self.directory,
            providers=providers,
            command=_command(),
            program=program,
        )
