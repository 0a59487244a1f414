"""Unit prices as AWS's own price list has them, for a caller who may read it (IAM action ``pricing:GetProducts``)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ray_platform.costs.prices import Prices, table_prices

# Questions asked at the same time: all of them take one answer's time or two.
WORKERS: Final = 8


@dataclass(frozen=True, kw_only=True)
class _Product:
    """Where the price list has one unit price.

    ``usage`` is the end of its usage type, before which other regions than us-east-1, and some services everywhere,
    put a name of the region and a hyphen. ``name`` is for people.
    """

    name: str
    service: str
    usage: str
    attributes: Mapping[str, str] = field(default_factory=dict)


# Field of `Prices` -> product. Usage types as in the price list files of the services, read 2026-11-23.
_UNITS: Final[Mapping[str, _Product]] = {
    "control_plane_hour": _Product(
        name="the EKS control plane", service="AmazonEKS", usage="AmazonEKS-Hours:perCluster"
    ),
    "extended_support_hour": _Product(
        name="EKS extended support", service="AmazonEKS", usage="AmazonEKS-Hours:extendedSupport"
    ),
    "gp3_gib_month": _Product(name="gp3 volumes", service="AmazonEC2", usage="EBS:VolumeUsage.gp3"),
    "key_month": _Product(name="KMS keys", service="awskms", usage="KMS-Keys"),
    "endpoint_hour": _Product(name="interface endpoints", service="AmazonVPC", usage="VpcEndpoint-Hours"),
    "log_gb": _Product(name="writing logs", service="AmazonCloudWatch", usage="VendedLog-Bytes"),
    "log_gb_month": _Product(name="keeping logs", service="AmazonCloudWatch", usage="TimedStorage-ByteHrs"),
}


def _instance(instance_type: str) -> _Product:
    return _Product(
        name=instance_type,
        service="AmazonEC2",
        usage=f"BoxUsage:{instance_type}",
        attributes={
            "instanceType": instance_type,
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
        },
    )


def api_prices(client: Any, *, region: str, instance_types: Iterable[str], today: date) -> Prices | None:
    """The prices of the region today, or None when AWS does not tell them to this caller.

    ``client`` is boto3's ``pricing``. What the answers lack comes from the dated table, and ``remarks`` say so.
    """
    types = sorted(set(instance_types))
    products = [*_UNITS.values(), *map(_instance, types)]
    try:
        with ThreadPoolExecutor(WORKERS) as workers:
            answers = list(workers.map(lambda product: _price(client, region, product), products))
    except (BotoCoreError, ClientError):
        return None
    found = {product.usage: usd for product, usd in zip(products, answers, strict=True) if usd is not None}
    if not found:
        return None
    table = table_prices()
    missing = [product for product in products if product.usage not in found]
    return replace(
        table,
        region=region,
        as_of=today,
        source="AWS price API",
        instance_hour={name: usd for name in types if (usd := _hour(name, found, table)) is not None},
        older={},
        remarks=tuple(_remarks(missing, table)),
        **{name: found[product.usage] for name, product in _UNITS.items() if product.usage in found},
    )


def _hour(instance_type: str, found: Mapping[str, float], table: Prices) -> float | None:
    return found.get(_instance(instance_type).usage, table.instance_hour.get(instance_type))


def _remarks(missing: Iterable[_Product], table: Prices) -> Iterator[str]:
    for product in missing:
        known = product in _UNITS.values() or product.name in table.instance_hour
        if known:
            day = table.older.get(product.name, table.as_of)
            yield f"AWS's price API had no price for {product.name}: that of {table.region} of {day} is taken."


def _price(client: Any, region: str, product: _Product) -> float | None:
    """USD per unit. Of several products that fit, the dearest: an estimate had better be too high."""
    prices = [
        usd
        for entry in _entries(client, region, product)
        if _has_usage(entry, product.usage) and (usd := _on_demand(entry)) is not None
    ]
    return max(prices, default=None)


def _entries(client: Any, region: str, product: _Product) -> Iterator[dict[str, Any]]:
    matches = {"regionCode": region, **product.attributes}
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in matches.items()]
    filters.append({"Type": "CONTAINS", "Field": "usagetype", "Value": product.usage})
    for page in client.get_paginator("get_products").paginate(ServiceCode=product.service, Filters=filters):
        yield from map(json.loads, page["PriceList"])


def _has_usage(entry: Mapping[str, Any], usage: str) -> bool:
    told = str(entry["product"]["attributes"].get("usagetype", ""))
    return told == usage or told.endswith(f"-{usage}")


def _on_demand(entry: Mapping[str, Any]) -> float | None:
    """The price of the first tier that costs something: a free tier is the account's, and soon used up."""
    tiers = [
        (float(dimension.get("beginRange") or 0), float(usd))
        for term in entry.get("terms", {}).get("OnDemand", {}).values()
        for dimension in term["priceDimensions"].values()
        if (usd := dimension["pricePerUnit"].get("USD")) is not None
    ]
    return next((usd for _, usd in sorted(tiers) if usd > 0), None)
