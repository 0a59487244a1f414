"""Where a stack runs: what of it the account has to hold before Pulumi comes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.account import Account, yaml_file
from simulator.account.network_fixture import ensure_network

VPC = "aws:ec2/vpc:Vpc"


@dataclass(frozen=True, kw_only=True)
class Site:
    """The region and the network that a stack's config names; None where it names none."""

    region: str | None = None
    vpc_id: str | None = None
    subnet_ids: tuple[str, ...] = ()

    @classmethod
    def of_stack_file(cls, path: Path) -> Site:
        """Raises ValueError when the file is no stack file."""
        config = _sections(path)
        network = config.get("network", {})
        return cls(
            region=config.get("aws", {}).get("region"),
            vpc_id=network.get("vpcId"),
            subnet_ids=tuple(network.get("subnetIds", ())),
        )

    def build(self, account: Account) -> None:
        """Let the account hold the network, with exactly these ids. A VPC that a program made there is one it has."""
        if self.vpc_id is not None and account.record(VPC, self.vpc_id) is None:
            ensure_network(account, self.vpc_id, self.subnet_ids)


def _sections(path: Path) -> dict[str, Any]:
    """The sections of a stack file without their project's namespace."""
    try:
        config = yaml_file.read(path).get("config", {})
        return {key.split(":", 1)[-1]: value for key, value in config.items() if value}
    except AttributeError as error:
        raise ValueError(f"{path} is not a stack file: {error}") from None
