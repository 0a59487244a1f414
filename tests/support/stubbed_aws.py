"""An environment whose AWS answers what a test has put into its mouth, and nothing else."""

from typing import Any

import boto3
from botocore.stub import Stubber

from ray_platform.checks.facts import Machine
from ray_platform.config.network_source import StackOutputs

SESSION = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="eu-west-1")


class Stubbed:
    """An environment of these services, whose answers are given in order."""

    region = "eu-west-1"
    workers = 1

    def __init__(self, *services: str) -> None:
        self._clients = {service: SESSION.client(service) for service in services}
        self.answers = {service: Stubber(client) for service, client in self._clients.items()}
        for stubber in self.answers.values():
            stubber.activate()

    def client(self, service: str) -> Any:
        return self._clients[service]

    def machine(self, endpoint: str | None) -> Machine:
        raise NotImplementedError

    def holdings(self) -> frozenset[str] | None:
        raise NotImplementedError

    def stack_outputs(self, stack: str) -> StackOutputs:
        raise NotImplementedError
