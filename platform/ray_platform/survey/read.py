"""All facts that the checks look at, asked for side by side."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from botocore.loaders import create_loader

from ray_platform.account import AwsAccount
from ray_platform.checks.facts import ClusterFacts, Facts, Machine, NetworkFacts
from ray_platform.config.load import Declared, declared, parse
from ray_platform.config.sections import Settings
from ray_platform.survey import addresses, cluster, hardware, key, leftovers, network
from ray_platform.survey.environment import Environment
from ray_platform.survey.questions import Questions

T = TypeVar("T")


def survey(environment: Environment, raw: Mapping[str, Any], *, today: date) -> Facts:
    """Read what the configuration names, and what stands in its way. Nothing is changed.

    ``raw`` are the sections as ``config.load`` takes them; of those that are not valid the facts are those that
    ``declared`` names. What AWS does not know is missing from the facts; what it does not tell is in ``unread`` too.
    """
    ask = Questions(environment=environment)
    caller = ask.one("who is asking", "sts", "get_caller_identity")
    if not caller:
        machine = environment.machine(None)
        return Facts(today=today, machine=machine, holdings=environment.holdings(), unread=tuple(ask.unread))
    settings, _ = parse(raw)
    account = _account(environment, caller["Account"])
    with ThreadPoolExecutor(environment.workers) as pool:
        return _Survey(ask=ask, pool=pool, named=declared(raw), settings=settings, account=account).facts(
            today=today, caller_arn=caller["Arn"]
        )


@dataclass(frozen=True, kw_only=True)
class _Survey:
    """The questions of one survey. Each part of the facts is a job of its own; a job waits for no other."""

    ask: Questions
    pool: ThreadPoolExecutor
    named: Declared
    settings: Settings | None
    account: AwsAccount

    def facts(self, *, today: date, caller_arn: str) -> Facts:
        """Start all jobs, the longest first, and put the answers together."""
        ask, settings, environment = self.ask, self.settings, self.ask.environment
        types = tuple(dict.fromkeys(name for pool in self.named.pools for _, name in pool.paths()))
        met = self._job(_meet, ask, settings.cluster.name if settings else None)
        holdings = self._job(environment.holdings)
        network_facts = self._network()
        instance_types = self._job(hardware.read_instance_types, ask, types)
        offerings = self._job(hardware.read_offerings, ask, types)
        rest = {} if settings is None else self._of_valid_settings(settings)
        cluster_facts, machine = met.result()
        return Facts(
            today=today,
            machine=machine,
            caller_arn=caller_arn,
            account=self.account,
            network=network_facts(),
            instance_types=instance_types.result(),
            offerings=offerings.result(),
            cluster=cluster_facts,
            holdings=holdings.result(),
            **{name: job.result() for name, job in rest.items()},
            # Last, when everything has been asked.
            unread=tuple(dict.fromkeys(ask.unread)),
        )

    def _job(self, read: Callable[..., T], *arguments: Any) -> Future[T]:
        return self.pool.submit(read, *arguments)

    def _network(self) -> Callable[[], NetworkFacts]:
        ask, vpc_id = self.ask, self.named.vpc_id
        subnets = self._job(_subnets, ask, self.named.subnet_ids)
        if vpc_id is None:
            return lambda: NetworkFacts(subnets=subnets.result()[0], free_blocks=subnets.result()[1])
        vpc = self._job(network.read_vpc, ask, vpc_id)
        tables = self._job(network.read_route_tables, ask, vpc_id)
        gateways = self._job(network.read_nat_gateways, ask, vpc_id)
        endpoints = self._job(network.read_endpoints, ask, vpc_id, ask.environment.region)
        return lambda: NetworkFacts(
            vpc=vpc.result(),
            subnets=subnets.result()[0],
            route_tables=tables.result(),
            nat_gateways=gateways.result(),
            endpoints=endpoints.result(),
            free_blocks=subnets.result()[1],
        )

    def _of_valid_settings(self, settings: Settings) -> dict[str, Future[Any]]:
        ask, key_arn = self.ask, settings.security.kms_key_arn
        principals = [entry.principal_arn for entry in settings.cluster.access_entries.values()]
        jobs: dict[str, Future[Any]] = {
            "quotas": self._job(hardware.read_quotas, ask, [*settings.node_pools.values()], settings.cluster.name),
            "addon_versions": self._job(cluster.read_addon_versions, ask, settings),
            "missing_principals": self._job(cluster.read_missing_principals, ask, principals, self.account.account_id),
            "leftovers": self._job(leftovers.read_leftovers, ask, settings),
        }
        return jobs if key_arn is None else {**jobs, "key": self._job(key.read_key, ask, key_arn)}


def _meet(ask: Questions, name: str | None) -> tuple[ClusterFacts | None, Machine]:
    """The cluster, and the machine, which tries to reach it."""
    found = cluster.read_cluster(ask, name) if name else None
    return found, ask.environment.machine(found.endpoint or None if found else None)


def _subnets(ask: Questions, subnet_ids: tuple[str, ...]) -> tuple[Any, Mapping[str, int] | None]:
    found = network.read_subnets(ask, subnet_ids)
    return found, addresses.read_free_blocks(ask, found)


def _account(environment: Environment, account_id: str) -> AwsAccount:
    """The partition is the SDK's, which knows it from the region; so is the partition's domain."""
    partition = environment.client("sts").meta.partition
    known = create_loader().load_data("partitions")["partitions"]
    (suffix,) = (each["outputs"]["dnsSuffix"] for each in known if each["id"] == partition)
    return AwsAccount(account_id=account_id, partition=partition, dns_suffix=suffix, region=environment.region)
