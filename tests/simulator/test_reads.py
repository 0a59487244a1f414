"""The simulated account as an environment of the checks: its copy of the demo's account, its answers, its prices."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ray_platform.config.stack_file import read_sections
from ray_platform.costs.price_api import api_prices
from simulator import aws
from simulator.account import Account, AccountError
from simulator.reads import SimulatedEnvironment, open_environment
from tests.support.checking import PROJECT, SUBNETS, VPC

TODAY = date(2026, 11, 23)


@pytest.fixture
def sections() -> dict[str, Any]:
    return read_sections(PROJECT, "dev")


def subnets(environment: SimulatedEnvironment) -> dict[str, Any]:
    found = environment.client("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [VPC]}])["Subnets"]
    return {subnet["SubnetId"]: subnet for subnet in found}


def test_a_stack_that_was_never_up_gets_an_account_with_its_network(tmp_path: Path, sections: dict[str, Any]) -> None:
    with open_environment(tmp_path, "dev", sections) as environment:
        assert set(SUBNETS) <= subnets(environment).keys()
        assert (environment.region, environment.holdings()) == ("us-east-1", frozenset())
        assert environment.machine(None).addresses == ("10.0.0.250",)


def test_the_account_of_the_demo_is_copied_and_never_changed(tmp_path: Path, sections: dict[str, Any]) -> None:
    demo = tmp_path / ".demo" / "dev" / "account.json"
    demo.parent.mkdir(parents=True)
    with open_environment(tmp_path, "dev", sections) as environment:
        queue = aws.sqs.Queue()
        made = environment.account.create(queue, {"name": "held", "tagsAll": {}}, urn="urn:pulumi:dev::queue")
        environment.account.create(queue, {"name": "by-hand", "tagsAll": {}})
        shutil.copyfile(environment.account.path, demo)
    before = demo.read_bytes()

    with open_environment(tmp_path, "dev", sections) as environment:
        assert environment.holdings() == {made.id}
        environment.account.create(queue, {"name": "another", "tagsAll": {}})

    assert demo.read_bytes() == before
    assert [file.name for file in demo.parent.iterdir()] == [demo.name]


def test_an_account_of_another_region_is_refused(tmp_path: Path, sections: dict[str, Any]) -> None:
    demo = tmp_path / ".demo" / "dev" / "account.json"
    with Account.open(demo, aws.RESOURCE_TYPES, region="eu-west-1") as account:
        account.save()

    with pytest.raises(AccountError, match="eu-west-1"), open_environment(tmp_path, "dev", sections):
        pass


def test_a_file_of_an_earlier_simulator_has_tags_quotas_and_no_prices(tmp_path: Path, sections: dict[str, Any]) -> None:
    demo = tmp_path / ".demo" / "dev" / "account.json"
    demo.parent.mkdir(parents=True)
    with open_environment(tmp_path, "dev", sections) as environment:
        document = json.loads(environment.account.path.read_text())
    del document["quotas"]
    for subnet in document["network"]["vpcs"][0]["subnets"]:
        del subnet["tags"]
    demo.write_text(json.dumps(document))

    with open_environment(tmp_path, "dev", sections) as environment:
        assert environment.account.quotas["L-1216C47A"] == 256
        assert environment.account.prices == []
        tags = subnets(environment)[SUBNETS[0]]["Tags"]
        assert tags == [{"Key": "kubernetes.io/role/internal-elb", "Value": "1"}]


def test_quotas_and_tags_are_edited_in_the_file(tmp_path: Path, sections: dict[str, Any]) -> None:
    with open_environment(tmp_path, "dev", sections) as environment:
        account = environment.account
        document = json.loads(account.path.read_text())
        document["quotas"]["L-1216C47A"] = 5
        document["network"]["vpcs"][0]["subnets"][1]["tags"] = {}
        account.path.write_text(json.dumps(document))
        account.reload_if_edited()

        told = environment.client("service-quotas").get_service_quota(ServiceCode="ec2", QuotaCode="L-1216C47A")
        assert told["Quota"]["Value"] == 5
        assert subnets(environment)[SUBNETS[0]]["Tags"] == []


def test_no_call_leaves_the_process(tmp_path: Path, sections: dict[str, Any]) -> None:
    with open_environment(tmp_path, "dev", sections) as environment:
        with pytest.raises(ValueError, match="does not answer for s3"):
            environment.client("s3")
        for service, operation in (("pricing", "describe_services"), ("service-quotas", "list_services")):
            with pytest.raises(ClientError, match="AccessDenied"):
                getattr(environment.client(service), operation)()


def test_the_price_list_may_not_be_read_unless_the_account_has_one(tmp_path: Path, sections: dict[str, Any]) -> None:
    with open_environment(tmp_path, "dev", sections) as environment:
        ask: dict[str, Any] = {"region": "us-east-1", "instance_types": ["m5.xlarge"], "today": TODAY}
        assert api_prices(environment.client("pricing"), **ask) is None

        environment.account.prices.append(
            {
                "service": "AmazonEC2",
                "attributes": {
                    "regionCode": "us-east-1",
                    "usagetype": "BoxUsage:m5.xlarge",
                    "instanceType": "m5.xlarge",
                    "operatingSystem": "Linux",
                    "tenancy": "Shared",
                    "preInstalledSw": "NA",
                    "capacitystatus": "Used",
                },
                "usd": 0.25,
            }
        )
        prices = api_prices(environment.client("pricing"), **ask)
        assert prices is not None
        assert (prices.source, prices.instance_hour["m5.xlarge"]) == ("AWS price API", 0.25)
