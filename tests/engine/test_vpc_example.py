"""The VPC of examples/vpc: it comes up in an empty account, carries the platform, and both go without a trace."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation as auto
from pulumi.automation.errors import CommandError

from ray_platform.check import judged
from ray_platform.checks.finding import Finding
from ray_platform.config.load import declared, parse
from ray_platform.config.stack_file import read_sections
from ray_platform.survey.read import survey
from simulator.account import Account
from simulator.aws import RESOURCE_TYPES
from simulator.protocol.serve import served
from simulator.reads import SimulatedEnvironment
from simulator.session import Place, engine_stack
from tests.engine.test_private import MIRRORS
from tests.support.checking import TODAY
from tests.support.cli import pulumi_command
from tests.support.deployment import ROOT, Run, account, deployment, made, new_place

pytestmark = pytest.mark.engine

EXAMPLE = ROOT / "examples" / "vpc"


@contextmanager
def example(place: Place, **config: str) -> Iterator[auto.Stack]:
    """The example's stack beside the platform's, in the same account and in the same backend."""
    folder = place.folder / "vpc"
    if not folder.exists():
        folder.mkdir()
        (place.folder / "state").mkdir()
        (folder / "state").symlink_to(place.folder / "state")
    shutil.copyfile(EXAMPLE / "Pulumi.yaml", folder / "Pulumi.yaml")
    with Account.open(place.account, RESOURCE_TYPES) as opened, served(opened, ["aws"]) as providers:
        stack = engine_stack(
            "dev",
            project="ray-vpc",
            folder=folder,
            providers=providers,
            command=pulumi_command(),
            program=_run_program,
        )
        for key, value in config.items():
            stack.set_config(key, auto.ConfigValue(value))
        yield stack


def _run_program() -> None:
    runpy.run_path(str(EXAMPLE))


def up(stack: auto.Stack) -> dict[str, Any]:
    return {name: output.value for name, output in stack.up().outputs.items()}


def changes(stack: auto.Stack) -> dict[str, int]:
    run = Run()
    stack.preview(on_event=run.take)
    return run.changes


def paste(place: Place, text: str) -> None:
    """What the README says to do with the output ``config``."""
    (section,) = yaml.safe_load(text).values()
    place.change("network", **section)


def refer(place: Place, stack: str) -> None:
    """Instead of the ids, name the stack that has them."""
    settings = yaml.safe_load(place.stack_file.read_text(encoding="utf-8"))
    settings["config"]["ray-on-eks:network"] = {"fromStack": {"stack": stack}}
    place.stack_file.write_text(yaml.safe_dump(settings), encoding="utf-8")


def checked(place: Place, text: str, **sections: Any) -> list[Finding]:
    """What `check` finds in the stack that would be built in this VPC."""
    (network,) = yaml.safe_load(text).values()
    raw = read_sections(place.folder, place.stack) | sections | {"network": network}
    settings, problems = parse(raw)
    assert settings, problems
    with Account.open(place.account, RESOURCE_TYPES) as opened:
        environment = SimulatedEnvironment(account=opened, vpc_id=network["vpcId"])
        return judged(settings, declared(raw), survey(environment, raw, today=TODAY))[1]


def test_the_platform_comes_up_in_it_and_both_leave_nothing(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    with example(place) as vpc:
        outputs = up(vpc)
        assert changes(vpc) == {}
        vpc.set_config("natGateways", auto.ConfigValue("3"))
        # Two addresses and two gateways; the routes of two tables.
        assert changes(vpc) == {"create": 4, "update": 2}
        assert up(vpc) == outputs
        assert changes(vpc) == {}
    assert checked(place, outputs["config"]) == []
    refer(place, "organization/ray-vpc/development")
    with deployment(place) as dev:
        with pytest.raises(CommandError, match=r"\. network\.fromStack\.stack = ") as refusal:
            dev.preview()
        assert 'unknown stack "organization/ray-vpc/development"' in " ".join(str(refusal.value).split())
        refer(place, "organization/ray-vpc/dev")
        network = dev.up().outputs
        assert dev.preview().changes == {}
    assert len(made(place, "NatGateway")) == 3
    assert len(made(place, "NodeGroup")) == 3
    assert network["clusterName"] == "ray-dev"
    (cluster,) = made(place, "Cluster")
    assert cluster["inputs"]["vpcConfig"]["subnetIds"] == outputs["subnetIds"]

    with example(place) as vpc, pytest.raises(CommandError, match="has dependencies and cannot be deleted"):
        vpc.destroy()
    with example(place) as vpc:
        up(vpc)
    with deployment(place) as dev:
        dev.destroy()
    with example(place) as vpc:
        vpc.destroy()
    assert account(place)["resources"] == []
    assert account(place)["network"] == {"vpcs": []}


def test_with_interface_endpoints_it_carries_a_stack_without_a_way_out(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    with example(place, interfaceEndpoints="true", cidr="172.16.0.0/18") as vpc:
        outputs = up(vpc)
        assert changes(vpc) == {}
    private = {"security": {"egress": "private"}, "addons": {"imageMirrors": MIRRORS}}
    assert checked(place, outputs["config"], **private) == []
    paste(place, outputs["config"])
    place.change("security", egress="private")
    place.change("addons", imageMirrors=MIRRORS)
    with deployment(place) as dev:
        dev.up()
        assert dev.preview().changes == {}
        assert len(made(place, "NodeGroup")) == 3
        dev.destroy()
    with example(place) as vpc:
        vpc.destroy()
    assert account(place)["resources"] == []


def test_faults_of_its_config_come_together_in_plain_words(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    with (
        example(place, cidr="10.100.0.0/20", natGateways="2") as vpc,
        pytest.raises(CommandError) as refusal,
    ):
        vpc.up()
    message = str(refusal.value)

    assert "3 problems in the stack configuration; nothing was created or changed." in message
    assert "Traceback" not in message
    with Account.open(place.account, RESOURCE_TYPES) as opened:
        assert opened.records() == []
