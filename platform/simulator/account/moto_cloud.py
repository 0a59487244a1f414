"""moto in this process: started without what costs time, and seeded so that ids can be drawn again."""

from __future__ import annotations

import copy
import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError
from botocore.loaders import JSONFileLoader

__all__ = ["ClientError", "client", "new_client", "reset", "running", "seed", "start_services"]

SERVICES = ("autoscaling", "budgets", "ec2", "eks", "events", "iam", "kms", "logs", "sqs", "sts")

_mock: Any = None
_managed_policies: dict[tuple[str, str], list[Any]] = {}


@contextmanager
def running(account_id: str) -> Iterator[None]:
    """Every AWS call of this process goes to moto, with credentials that are none."""
    global _mock
    if _mock is not None:
        raise RuntimeError("an account is open in this process already, and moto is global")
    import moto

    environment = {
        # Else moto's first call looks for the account of the credentials in all partitions, and makes each one's
        # IAM with its managed policies: most of a second, and ids drawn in the middle of some resource's create.
        "MOTO_ACCOUNT_ID": account_id,
        # Machine images take a fifth of a second each start, and nothing here looks one up.
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    }
    with (
        mock.patch.dict(os.environ, environment),
        _policies_parsed_once(),
        _operations_listed_once(),
        _models_read_once(),
    ):
        _mock = moto.mock_aws(config={"iam": {"load_aws_managed_policies": True}})
        _mock.start()
        try:
            yield
        finally:
            _mock.stop(remove_data=False)
            _mock = None
            client.cache_clear()


@contextmanager
def _policies_parsed_once() -> Iterator[None]:
    """Parsing AWS's 1,600 managed policies takes longer than all else that a new account needs."""
    from moto.iam.models import IAMBackend

    parse = IAMBackend._init_aws_policies

    def policies(backend: Any) -> list[Any]:
        key = (backend.account_id, backend.region_name)
        if key not in _managed_policies:
            _managed_policies[key] = parse(backend)
        return [copy.copy(policy) for policy in _managed_policies[key]]

    with mock.patch.object(IAMBackend, "_init_aws_policies", policies):
        yield


@contextmanager
def _operations_listed_once() -> Iterator[None]:
    """For each call moto lists the methods of the service's class, which takes it a quarter of its time."""
    from moto.core.utils import method_names_from_class

    with mock.patch("moto.core.responses.method_names_from_class", functools.cache(method_names_from_class)):
        yield


@contextmanager
def _models_read_once() -> Iterator[None]:
    """Each session reads a service's description again, and moto has many; that of EC2 takes a tenth of a second."""
    with mock.patch.object(JSONFileLoader, "load_file", lambda _, path: _model(path)):
        yield


_load_file = JSONFileLoader.load_file


@functools.cache
def _model(path: str) -> Any:
    return _load_file(JSONFileLoader(), path)


def reset() -> None:
    """Forget all resources."""
    _mock.reset()


@functools.cache
def client(service: str, region: str) -> Any:
    """The boto3 client. Session and credentials are given, so that the user's AWS profile plays no part."""
    return new_client(service, region)


def new_client(service: str, region: str) -> Any:
    """A client of one's own, to whose events one may add."""
    return _session().client(service, region_name=region)


def start_services(account_id: str, region: str) -> None:
    """Make each service's backend now: one made later would draw its ids out of some resource's seed."""
    from moto.backends import get_backend
    from moto.utilities.utils import get_partition

    for service in SERVICES:
        backends = get_backend(service)[account_id]  # type: ignore[call-overload]
        backends[region if region in backends else get_partition(region)]


def seed(value: int) -> None:
    """Start moto's random source at `value`: the ids it makes from here on are the same each time."""
    from moto.moto_api._internal import mock_random

    mock_random.seed(value)


@functools.cache
def _session() -> Any:
    import boto3

    return boto3.Session(aws_access_key_id="simulated", aws_secret_access_key="simulated")
