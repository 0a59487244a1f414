"""AWS itself, by the credentials in use, and this machine."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import boto3
from botocore.config import Config

from ray_platform.checks.facts import Machine
from ray_platform.config.load import declared
from ray_platform.config.network_source import StackOutputs
from ray_platform.config.sections import AwsConfig
from ray_platform.survey.machine import read_holdings, read_machine, read_stack_outputs

WORKERS: Final = 16
# The price API answers in few regions, and of all of them (AWS Billing user guide, "Price List API", endpoints).
PRICE_REGION: Final = "us-east-1"
# Enough for a throttled call or a slow network; a check that hangs helps nobody.
CONFIG: Final = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=WORKERS,
)


@dataclass(kw_only=True)
class AwsEnvironment:
    """The account of ``session``'s credentials. ``project`` is the folder of the Pulumi project."""

    project: Path
    stack: str
    region: str
    session: Any
    workers: int = WORKERS
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, project: Path, stack: str, sections: Mapping[str, Any]) -> Self:
        """With the credentials, and the profile, that every AWS tool of this shell would use."""
        region = declared(sections).region or AwsConfig().region
        return cls(project=project, stack=stack, region=region, session=boto3.Session(region_name=region))

    def client(self, service: str) -> Any:
        """A client may be shared among threads; a session, which makes them, may not."""
        with self._lock:
            if service not in self._clients:
                region = PRICE_REGION if service == "pricing" else self.region
                self._clients[service] = self.session.client(service, region_name=region, config=CONFIG)
            return self._clients[service]

    def machine(self, endpoint: str | None) -> Machine:
        return read_machine(endpoint)

    def holdings(self) -> frozenset[str] | None:
        return read_holdings(self.project, self.stack)

    def stack_outputs(self, stack: str) -> StackOutputs:
        return read_stack_outputs(self.project, stack)
