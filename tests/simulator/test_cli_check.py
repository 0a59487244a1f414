"""`ray-platform check` and `graph` as people run them, in the simulated account."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from ray_platform.cli import check, graph
from ray_platform.cli.main import main
from tests.support.checking import TODAY

ROOT = Path(__file__).parents[2]


class Today(date):
    @classmethod
    def today(cls) -> date:  # type: ignore[override]  # the checks take a plain date
        return TODAY


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "__main__.py"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for verb in (check, graph):
        monkeypatch.setattr(verb, "date", Today)
    yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_healthy_stack_has_no_findings_and_the_report_tells_cost_time_and_picture(stack: str, project: Path) -> None:
    result = run("check", "-s", stack, "--simulate", "--json", "--report", "report.html")

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["findings"] == []
    assert told["simulated"] is True
    assert told["cost"]["floor"] < told["cost"]["configured"] < told["cost"]["ceiling"]
    assert [step["name"].removeprefix(f"ray-{stack}-") for step in told["time"]["criticalPath"]] == [
        "eksCluster",
        "vpc-cni",
        "cpu",
        "kuberay-operator",
        "ray",
    ]
    page = (project / "report.html").read_text()
    assert "found nothing wrong" in page
    assert "Node pool gpu-on-demand" in page


@pytest.mark.parametrize("verb", sorted(main.commands))
def test_every_verb_has_the_common_options(verb: str) -> None:
    options = {name for each in main.commands[verb].params for name in each.opts}

    assert {"--stack", "--json", "--simulate", "--config", "--yes"} <= options
    assert main.commands[verb].get_short_help_str()


def test_what_would_fail_ends_with_1_and_tells_where_and_the_remedy() -> None:
    result = run("check", "-s", "dev", "--simulate", "--config", "nodePools.gpu.instanceTypes[0]=m5.large")

    assert result.exit_code == 1, result.output
    assert "nodePools.gpu.instanceTypes[0]" in result.output
    assert "Choose a type with a GPU, such as g4dn.xlarge, or set gpu to false." in result.output


def test_a_warning_does_not_fail_the_run() -> None:
    result = run("check", "-s", "dev", "--simulate", "--config", "addons.vpcCni.networkPolicy=false")

    assert result.exit_code == 0, result.output
    assert "addons.vpcCni.networkPolicy" in result.output
    assert "1 warning" in result.output


def test_a_config_that_is_not_valid_ends_with_2_and_every_problem() -> None:
    result = run("check", "-s", "dev", "--config", "cluster.name=sg-x", "--config", "aws.region=mars")

    assert result.exit_code == 2
    assert "cluster.name" in result.output and "aws.region" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-s", "test"), "Stacks that have a file: dev, prod."),
        (("-s", "dev", "--config", "cluster"), "is no change of the configuration"),
        (("-s", "dev", "--assume-spot", "0"), "--assume-spot"),
        ((), "--stack"),
    ],
)
def test_what_cannot_be_meant_ends_with_2_and_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    result = run("check", *arguments)

    assert result.exit_code == 2
    assert said in result.output


def test_spot_at_a_share_of_the_price_is_told_as_an_assumption() -> None:
    told = json.loads(run("check", "-s", "dev", "--simulate", "--json", "--assume-spot", "0.4").stdout)
    usual = json.loads(run("check", "-s", "dev", "--simulate", "--json").stdout)

    assert told["cost"]["ceiling"] < usual["cost"]["ceiling"]
    assert told["cost"]["floor"] == usual["cost"]["floor"]
    assert any("Spot at 40% of the on-demand price" in each for each in told["cost"]["assumptions"])


def test_the_graph_is_written_as_svg_mermaid_and_html(project: Path) -> None:
    result = run("graph", "-s", "dev", "--simulate", "--json", "-o", "a.svg", "-o", "a.mmd", "-o", "a.html")

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["files"] == ["a.svg", "a.mmd", "a.html"]
    assert "Ray cluster" in {box["name"] for box in told["picture"]["boxes"]}
    assert ElementTree.fromstring((project / "a.svg").read_text()).tag.endswith("svg")
    assert (project / "a.mmd").read_text().startswith("flowchart LR")
    assert "<svg" in (project / "a.html").read_text()


def test_a_graph_of_another_format_and_of_a_program_that_would_not_run_is_refused() -> None:
    png = run("graph", "-s", "dev", "--simulate", "-o", "a.png")
    unknown = run("graph", "-s", "dev", "--simulate", "--config", "nodePools.cpu.instanceTypes[0]=m5.enormous")

    assert png.exit_code == 2 and ".svg, .mmd, .html" in png.output
    assert unknown.exit_code == 1 and "nothing to draw" in unknown.output and "m5.enormous" in unknown.output


def test_a_drawing_alone_asks_for_no_price(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("ray_platform.check.api_prices", lambda client, **of: asked.append(of["region"]))

    assert run("graph", "-s", "dev", "--simulate", "-o", "a.svg", "-o", "a.mmd").exit_code == 0
    drawn = list(asked)
    assert run("graph", "-s", "dev", "--simulate", "-o", "a.html").exit_code == 0
    assert (drawn, asked) == ([], ["us-east-1"])
