"""The account file: what it holds, how it is read and written, and how it is kept from two simulators at
once.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simulator.account.resource import Failure

FORMAT = 1


class AccountError(Exception):
    """The account file cannot be used. The message is one sentence with the thing to do."""


@dataclass(kw_only=True)
class Record:
    """A resource that Pulumi, or a hand, made in the account. From `seed` its ids are drawn.

    `failure` is why it is there and does not work.
    """

    token: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    seed: int
    urn: str = ""
    failure: Failure | None = None


DEFAULT_QUOTAS: Mapping[str, float] = {"L-1216C47A": 256, "L-34B43A08": 256, "L-DB2E81BA": 64, "L-3819A6DF": 128}
"""The vCPUs an account has that has grown for a while: Standard on demand and on spot, G and VT on demand and on spot.
Of other classes it has none, like every account that never asked for them.
"""


def _no_network() -> dict[str, Any]:
    return {"vpcs": []}


@dataclass(kw_only=True)
class Contents:
    """What one file holds. `network` is described by network_fixture, the parts after it by Account's properties."""

    account_id: str
    region: str
    network: dict[str, Any] = field(default_factory=_no_network)
    records: list[Record] = field(default_factory=list)
    kubernetes: list[dict[str, Any]] = field(default_factory=list)
    quotas: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_QUOTAS))
    prices: list[dict[str, Any]] = field(default_factory=list)


def write(path: Path, contents: Contents) -> None:
    """Write the file: whole or not at all."""
    document = {
        "format": FORMAT,
        "accountId": contents.account_id,
        "region": contents.region,
        "network": contents.network,
        "resources": [_record_to_json(record) for record in contents.records],
        "kubernetes": contents.kubernetes,
        "quotas": contents.quotas,
        **({"prices": contents.prices} if contents.prices else {}),
    }
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)


def read(path: Path) -> Contents:
    """What the file holds. Raises AccountError when it is not an account file."""
    try:
        return _from_json(json.loads(path.read_text(encoding="utf-8")))
    except KeyError as missing:
        problem = f"{missing} is missing"
    except (ValueError, TypeError) as error:
        problem = str(error)
    raise AccountError(
        f"{path} is not a readable account file ({problem}): mend it, or delete it to start with an empty account."
    )


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep other simulators from the account file. Raises AccountError when one has it.

    A file of its own is locked, since each write replaces the account file.
    """
    with path.with_name(path.name + ".lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AccountError(f"{path} is in use by another simulator: end that one first.") from None
        yield


def _record_to_json(record: Record) -> dict[str, Any]:
    named = {"urn": record.urn} if record.urn else {}
    return {
        "type": record.token,
        "id": record.id,
        **named,
        "seed": record.seed,
        "inputs": record.inputs,
        "outputs": record.outputs,
        **({"failure": asdict(record.failure)} if record.failure else {}),
    }


def _from_json(document: Any) -> Contents:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'"format" is not {FORMAT}')
    # The account files of earlier simulators have no quotas and no prices.
    document = {"quotas": dict(DEFAULT_QUOTAS), "prices": [], **document}
    parts = {"network": dict, "resources": list, "kubernetes": list, "quotas": dict, "prices": list}
    for part, kind in parts.items():
        if not isinstance(document[part], kind):
            raise ValueError(f'"{part}" has the wrong shape')
    records = [
        Record(
            token=each["type"],
            id=each["id"],
            inputs=each["inputs"],
            outputs=each["outputs"],
            seed=each["seed"],
            urn=each.get("urn", ""),
            failure=Failure(**each["failure"]) if "failure" in each else None,
        )
        for each in document["resources"]
    ]
    return Contents(
        account_id=document["accountId"],
        region=document["region"],
        network=document["network"],
        records=records,
        kubernetes=document["kubernetes"],
        quotas=document["quotas"],
        prices=document["prices"],
    )
