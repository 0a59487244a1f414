"""AWS's price list in the simulated account: the part `prices` of its file, which few accounts have.

Each entry is one product: `service` as the price list calls it, its `attributes`, and the price `usd` of one unit.
Without entries the price list may not be read, which is how most callers find it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from simulator.account.resource import Refusal

if TYPE_CHECKING:
    from simulator.account import Account


def get_products(account: Account, arguments: dict[str, Any]) -> dict[str, Any]:
    if not account.prices:
        raise Refusal("AccessDeniedException", "not authorized to perform: pricing:GetProducts")
    found = [
        entry
        for entry in account.prices
        if entry["service"] == arguments["ServiceCode"]
        and all(_passes(entry["attributes"], each) for each in arguments.get("Filters", ()))
    ]
    return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(_as_listed(entry)) for entry in found]}


def _passes(attributes: dict[str, str], wanted: dict[str, str]) -> bool:
    value = attributes.get(wanted["Field"], "")
    if wanted["Type"] == "CONTAINS":
        return wanted["Value"] in value
    if wanted["Type"] == "TERM_MATCH":
        return wanted["Value"] == value
    raise Refusal("InvalidParameterException", f"the simulator knows no filter of the type {wanted['Type']}")


def _as_listed(entry: dict[str, Any]) -> dict[str, Any]:
    dimension = {"beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": f"{entry['usd']:.10f}"}}
    return {
        "serviceCode": entry["service"],
        "product": {"attributes": {"servicecode": entry["service"], **entry["attributes"]}},
        "terms": {"OnDemand": {"TERM": {"priceDimensions": {"DIMENSION": dimension}}}},
    }
