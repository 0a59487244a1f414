"""A price API that answers from a list of products; what is asked goes through boto3, which checks it."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.exceptions import EndpointConnectionError


def product(usage: str, *tiers: tuple[str, str], service: str, currency: str = "USD", **attributes: str) -> str:
    """One entry as `GetProducts` gives it, a JSON text; each tier is where it begins and what a unit costs there."""
    sku = usage.replace(":", "").upper()
    dimensions = {
        f"{sku}.JRTCKXETXF.{number}": {
            "unit": "Hrs",
            "beginRange": begin,
            "endRange": "Inf",
            "description": usage,
            "rateCode": f"{sku}.JRTCKXETXF.{number}",
            "appliesTo": [],
            "pricePerUnit": {currency: usd},
        }
        # The API tells tiers in no order.
        for number, (begin, usd) in reversed(list(enumerate(tiers)))
    }
    term = {
        "priceDimensions": dimensions,
        "sku": sku,
        "effectiveDate": "2026-11-01T00:00:00Z",
        "offerTermCode": "JRTCKXETXF",
        "termAttributes": {},
    }
    return json.dumps(
        {
            "product": {
                "productFamily": "any",
                "attributes": {"usagetype": usage, "servicecode": service, **attributes},
                "sku": sku,
            },
            "serviceCode": service,
            "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": term}},
            "version": "20261101000000",
            "publicationDate": "2026-11-01T00:00:00Z",
        }
    )


@functools.cache
def _session() -> boto3.Session:
    """One for all, because reading the descriptions of the API takes most of a client's time."""
    return boto3.Session(aws_access_key_id="none", aws_secret_access_key="none")


class PriceList:
    """Answers as AWS does: the products of the service whose attributes are as the filters say, ``page`` at a time.

    With ``error`` every question is answered with it: an error code of AWS, or ``no answer``.
    """

    def __init__(self, products: Sequence[str], *, error: str | None = None, page: int = 100) -> None:
        self._products = [json.loads(each) for each in products]
        self._error, self._page = error, page
        self.asked: list[dict[str, Any]] = []
        self.client = _session().client("pricing", region_name="us-east-1")
        self.client.meta.events.register("before-call.pricing.GetProducts", self._answer)

    def _answer(self, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        asked = json.loads(params["body"])
        self.asked.append(asked)
        if self._error == "no answer":
            raise EndpointConnectionError(endpoint_url="https://pricing.example")
        if self._error:
            return SimpleNamespace(status_code=400), {"Error": {"Code": self._error, "Message": "no"}}
        fitting = [json.dumps(each) for each in self._products if self._fits(each, asked)]
        begin = int(asked.get("NextToken", 0))
        answer: dict[str, Any] = {"FormatVersion": "aws_v1", "PriceList": fitting[begin : begin + self._page]}
        if begin + self._page < len(fitting):
            answer["NextToken"] = str(begin + self._page)
        return SimpleNamespace(status_code=200), answer

    @staticmethod
    def _fits(entry: dict[str, Any], asked: dict[str, Any]) -> bool:
        return entry["serviceCode"] == asked["ServiceCode"] and all(
            _passes(entry["product"]["attributes"].get(each["Field"], ""), each) for each in asked["Filters"]
        )


def _passes(value: str, condition: dict[str, str]) -> bool:
    wanted = {"TERM_MATCH": value == condition["Value"], "CONTAINS": condition["Value"] in value}
    return wanted[condition["Type"]]
