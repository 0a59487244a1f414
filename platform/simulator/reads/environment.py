"""The simulated account in place of AWS, and a machine inside its VPC in place of this one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from ray_platform.checks.facts import Machine
from ray_platform.config.load import declared
from ray_platform.config.network_source import StackOutputs, resolved
from simulator import aws
from simulator.account import Account, moto_cloud
from simulator.account.resource import Refusal
from simulator.account.site import Site
from simulator.aws.eks_access import caller_arn
from simulator.aws.eks_versions import PLATFORM_VERSIONS
from simulator.reads import answers, eks, network, prices
from simulator.reads.backend import read_stack_outputs

# A release of the AWS CLI's second version.
AWS_CLI = "2.31.0"
# Where the machine stands in its VPC: at this place, counted from the beginning of the first block.
MACHINE_OFFSET = 250
PRICE_REGION = "us-east-1"
NOT_OF_MOTO = ("pricing", "service-quotas")


@dataclass(kw_only=True)
class SimulatedEnvironment:
    """An open account, as the survey asks it. ``machine_facts`` replace the sound machine inside ``vpc_id``.

    ``denied`` are IAM actions, as ``ec2:DescribeRouteTables``, for which the caller lacks the right. ``clients`` are
    those made so far. ``backend`` is the folder with the states of stacks, where there is one.
    """

    account: Account
    vpc_id: str | None
    machine_facts: Machine | None = None
    denied: frozenset[str] = frozenset()
    backend: Path | None = None
    # moto is not thread-safe.
    workers: int = 1
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def region(self) -> str:
        return self.account.region

    def client(self, service: str) -> Any:
        """Raises ValueError for a service that nobody answers for: such a call would leave this process."""
        if service not in self.clients:
            self.clients[service] = self._new_client(service)
        return self.clients[service]

    def machine(self, endpoint: str | None) -> Machine:
        if self.machine_facts is not None:
            return self.machine_facts
        return Machine(
            pulumi=version("pulumi"),
            aws_cli=AWS_CLI,
            kubectl=f"{max(PLATFORM_VERSIONS)}.0",
            addresses=self._addresses(),
            reaches_endpoint=None if endpoint is None else True,
        )

    def holdings(self) -> frozenset[str]:
        """What Pulumi made in the account, and not a hand."""
        return frozenset(record.id for record in self.account.records() if record.urn)

    def stack_outputs(self, stack: str) -> StackOutputs:
        return read_stack_outputs(self.backend, stack)

    def _addresses(self) -> tuple[str, ...]:
        in_vpc = [{"Name": "vpc-id", "Values": [self.vpc_id]}]
        vpcs = self.account.client("ec2").describe_vpcs(Filters=in_vpc)["Vpcs"] if self.vpc_id else []
        return tuple(str(IPv4Network(vpc["CidrBlock"])[MACHINE_OFFSET]) for vpc in vpcs)

    def _new_client(self, service: str) -> Any:
        if service not in (*moto_cloud.SERVICES, *NOT_OF_MOTO):
            raise ValueError(f"the simulator does not answer for {service}")
        client = moto_cloud.new_client(service, PRICE_REGION if service == "pricing" else self.region)
        answers.amend(client, self._amendments().get(service, {}))
        answers.answer(client, self._answers().get(service, {}))
        answers.deny(client, self.denied)
        return client

    def _answers(self) -> dict[str, dict[str, answers.Answer]]:
        """Service -> what is answered here, and not by moto."""
        return {
            "eks": {
                "DescribeAddon": partial(eks.describe_addon, self.account),
                "DescribeAddonVersions": partial(eks.describe_addon_versions, self.account),
                "ListAccessEntries": partial(eks.list_access_entries, self.account),
                "ListAddons": partial(eks.list_addons, self.account),
            },
            "pricing": {"GetProducts": partial(prices.get_products, self.account), "*": _not_simulated},
            "service-quotas": {"GetServiceQuota": self._quota, "*": _not_simulated},
        }

    def _amendments(self) -> dict[str, dict[str, answers.Amendment]]:
        """Service -> what moto answers otherwise than AWS."""
        return {
            "ec2": {"DescribeRouteTables": partial(network.tell_black_holes, self.account)},
            "eks": {"DescribeCluster": partial(eks.tell_access_config, self.account)},
            "sts": {"GetCallerIdentity": self._name_caller},
        }

    def _quota(self, arguments: dict[str, Any]) -> dict[str, Any]:
        code = arguments["QuotaCode"]
        return {"Quota": {"ServiceCode": "ec2", "QuotaCode": code, "Value": float(self.account.quotas.get(code, 0))}}

    def _name_caller(self, answer: dict[str, Any]) -> None:
        answer["Arn"] = caller_arn(self.account)


def _not_simulated(arguments: dict[str, Any]) -> dict[str, Any]:
    raise Refusal("AccessDeniedException", "the simulator does not answer this call")


@contextmanager
def open_environment(project: Path, stack: str, sections: Mapping[str, Any]) -> Iterator[SimulatedEnvironment]:
    """The account of `make demo` for the stack, or a fresh one, with the network that the config's sections name.

    It is a copy: nothing that happens to it is kept, and a demo may run beside it. Raises AccountError when the demo's
    account file cannot be used.
    """
    demo = project / ".demo" / stack / "account.json"
    backend = demo.with_name("state")
    named = declared(resolved(sections, partial(read_stack_outputs, backend))[0])
    with tempfile.TemporaryDirectory(prefix="account-") as folder:
        path = Path(folder) / demo.name
        if demo.exists():
            shutil.copyfile(demo, path)
        with Account.open(path, aws.RESOURCE_TYPES, region=named.region) as account:
            Site(region=named.region, vpc_id=named.vpc_id, subnet_ids=named.subnet_ids).build(account)
            yield SimulatedEnvironment(account=account, vpc_id=named.vpc_id, backend=backend)
