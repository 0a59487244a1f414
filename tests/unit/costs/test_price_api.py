"""AWS's price list, read: which product is taken, and what happens when there is none."""

from datetime import date
from typing import Any

import pytest

from ray_platform.costs.price_api import api_prices
from ray_platform.costs.prices import Prices, table_prices
from tests.unit.costs.price_list import PriceList, product

TODAY = date(2026, 11, 23)
REGION = "eu-central-1"


def here(usage: str, *tiers: tuple[str, str], service: str, region: str = REGION, **more: Any) -> str:
    return product(usage, *tiers, service=service, regionCode=region, **more)


LINUX = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}


def instance(name: str, usd: str, **changes: str) -> str:
    sold = {"usage": f"EUC1-BoxUsage:{name}", "instanceType": name, **LINUX, **changes}
    return here(sold.pop("usage"), ("0", usd), service="AmazonEC2", **sold)


# The prices are made up; the usage types are AWS's.
UNITS = (
    here("EUC1-AmazonEKS-Hours:perCluster", ("0", "0.11"), service="AmazonEKS"),
    here("EUC1-AmazonEKS-Hours:extendedSupport", ("0", "0.51"), service="AmazonEKS"),
    here("EUC1-EBS:VolumeUsage.gp3", ("0", "0.0952"), service="AmazonEC2"),
    here("eu-central-1-KMS-Keys", ("0", "1.1"), service="awskms"),
    here("EUC1-VpcEndpoint-Hours", ("0", "0.012"), service="AmazonVPC"),
    here("EUC1-VendedLog-Bytes", ("0", "0.63"), ("10240", "0.25"), service="AmazonCloudWatch"),
    here("EUC1-TimedStorage-ByteHrs", ("0", "0.0"), ("5", "0.0324"), service="AmazonCloudWatch"),
)
# Near the wanted ones in the list, and others.
STRANGERS = (
    here("EUC1-AmazonEKS-Hours:perCluster-AutoMode", ("0", "9"), service="AmazonEKS"),
    here("EUC1-EBS:VolumeUsage.gp3-IOPS", ("0", "9"), service="AmazonEC2"),
    here("EUC1-VpcEndpoint-Service-Hours", ("0", "9"), service="AmazonVPC"),
    here("EUC1-VendedLog-Bytes-WAFLogs", ("0", "9"), service="AmazonCloudWatch"),
    here("EBS:VolumeUsage.gp3", ("0", "9"), service="AmazonEC2", region="us-east-1"),
    instance("m5.xlarge", "9", operatingSystem="Windows"),
    instance("m5.xlarge", "9", tenancy="Dedicated"),
    instance("m5.xlarge", "9", preInstalledSw="SQL Std"),
    instance("m5.xlarge", "9", capacitystatus="AllocatedCapacityReservation"),
    instance("m5.xlarge", "9", usage="EUC1-CapacityBlockUsage:m5.xlarge"),
)
NODES = (instance("m5.xlarge", "0.23"), instance("g5.xlarge", "1.258"))


def asked(*products: str, types: tuple[str, ...] = ("m5.xlarge", "g5.xlarge"), **more: Any) -> Prices | None:
    return api_prices(PriceList(products, **more).client, region=REGION, instance_types=types, today=TODAY)


def told(*products: str, **more: Any) -> Prices:
    prices = asked(*products, **more)
    assert prices is not None
    return prices


def test_every_unit_price_is_the_one_of_the_region() -> None:
    prices = told(*STRANGERS, *UNITS, *NODES)

    assert prices == Prices(
        region=REGION,
        as_of=TODAY,
        source="AWS price API",
        instance_hour={"g5.xlarge": 1.258, "m5.xlarge": 0.23},
        control_plane_hour=0.11,
        extended_support_hour=0.51,
        gp3_gib_month=0.0952,
        key_month=1.1,
        endpoint_hour=0.012,
        log_gb=0.63,
        log_gb_month=0.0324,
    )


def test_answers_of_several_pages_are_read_to_the_end() -> None:
    assert told(*STRANGERS, *UNITS, *NODES, page=1) == told(*STRANGERS, *UNITS, *NODES)


def test_of_several_products_that_fit_the_dearest_counts() -> None:
    assert told(*UNITS, instance("m5.xlarge", "0.2"), *NODES, instance("m5.xlarge", "0.21")).instance_hour[
        "m5.xlarge"
    ] == pytest.approx(0.23)


def test_in_us_east_1_usage_types_have_no_region_before_them() -> None:
    list_of_virginia = PriceList(
        [
            instance("m5.xlarge", "0.2", usage="BoxUsage:m5.xlarge", region="us-east-1"),
            here("EBS:VolumeUsage.gp3", ("0", "0.09"), service="AmazonEC2", region="us-east-1"),
        ]
    )
    prices = api_prices(list_of_virginia.client, region="us-east-1", instance_types=["m5.xlarge"], today=TODAY)

    assert prices is not None
    assert (prices.instance_hour["m5.xlarge"], prices.gp3_gib_month) == (0.2, 0.09)


@pytest.mark.parametrize("error", ["AccessDeniedException", "ThrottlingException", "no answer"])
def test_a_caller_who_gets_no_answer_gets_no_prices(error: str) -> None:
    assert asked(*UNITS, *NODES, error=error) is None


def test_a_price_list_without_any_of_it_is_no_answer_either() -> None:
    assert asked(*STRANGERS) is None


def test_what_the_answers_lack_comes_from_the_table_and_is_told() -> None:
    prices = told(*[each for each in UNITS if "KMS" not in each], NODES[0])

    assert prices.key_month == table_prices().key_month
    assert prices.instance_hour == {"m5.xlarge": 0.23, "g5.xlarge": 1.006}
    assert [each.partition(":")[0] for each in prices.remarks] == [
        "AWS's price API had no price for KMS keys",
        "AWS's price API had no price for g5.xlarge",
    ]
    assert all("us-east-1 of 2026-07-20" in each for each in prices.remarks)


def test_a_type_that_neither_knows_has_no_price() -> None:
    prices = told(*UNITS, *NODES, types=("m5.xlarge", "x9.huge"))

    assert prices.instance_hour.keys() == {"m5.xlarge"}
    assert prices.remarks == ()


def test_prices_in_another_currency_are_none() -> None:
    in_yuan = here("EUC1-VpcEndpoint-Hours", ("0", "0.07"), service="AmazonVPC", currency="CNY")
    prices = told(*[each for each in UNITS if "VpcEndpoint" not in each], in_yuan, *NODES)

    assert prices.endpoint_hour == table_prices().endpoint_hour


def test_each_type_is_asked_for_once_and_in_the_region() -> None:
    price_list = PriceList([*UNITS, *NODES])
    api_prices(price_list.client, region=REGION, instance_types=["m5.xlarge", "m5.xlarge"], today=TODAY)

    assert len(price_list.asked) == len(UNITS) + 1
    for question in price_list.asked:
        assert {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION} in question["Filters"]
