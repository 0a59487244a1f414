"""`make demo` as a newcomer sees it."""

import re
import shutil
from pathlib import Path

import pytest

from simulator.demo import clusters, command, report
from simulator.kubernetes.pods import Landed
from tests.support.cli import pulumi_root
from tests.support.deployment import ROOT

pytestmark = pytest.mark.engine


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files a stack is made of, so that the demo's folder is not the developer's own."""
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "__main__.py"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(verb: str, stack: str, *options: str) -> int:
    return command.main([verb, "--stack", stack, *options, "--pulumi", f"{pulumi_root()}/bin/pulumi"])


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_demo_comes_up_says_so_says_0_changes_and_leaves_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], stack: str
) -> None:
    assert run("up", stack) == 0
    first = capsys.readouterr().out
    assert run("up", stack) == 0
    second = capsys.readouterr().out
    assert run("destroy", stack) == 0
    last = capsys.readouterr().out

    assert f"{stack} is up: " in first
    assert "created" in first
    assert f"ray-{stack}-eksCluster aws:eks/cluster:Cluster" in first
    assert "[secret]" in first
    assert '"apiVersion"' not in first
    assert re.search(rf"On AWS this takes about .* → ray-{stack}-ray 2 min 0 s\n", first)
    assert "Ray 2.58.1: cluster ray in namespace ray" in first
    assert re.search(rf"head .* ray-{stack}-cpu-\w+-\d, m5.xlarge of pool cpu", first)
    assert re.search(r"gpu .* 1 GPU .* nowhere yet: pool gpu makes room when Ray asks", first)
    assert "Open the dashboard: kubectl -n ray port-forward" in first
    assert re.search(r"Each of the \d+ pods has a node", first)
    assert "USD a month as configured" in first
    assert f"{stack} is up: 0 changes" in second
    assert "The account is as it was." in last
    assert not (project / ".demo" / stack).exists()


def test_an_interrupted_demo_ends_without_a_traceback_and_its_lock_does_not_keep_the_next_one_out(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(resources: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(report, "resource_tree", interrupted)
        assert run("up", "dev") == 130
    assert "Nothing is lost" in capsys.readouterr().out

    lock = project / ".demo/dev/state/.pulumi/locks/organization/ray-on-eks/dev/0a1b2c3d.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text('{"pid": 1, "username": "me", "hostname": "here", "timestamp": "2026-11-23T00:00:00Z"}')
    assert run("up", "dev") == 0
    assert "dev is up: 0 changes" in capsys.readouterr().out


def test_a_fault_in_the_config_is_told_in_plain_words(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = project / "Pulumi.dev.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("logRetentionDays: 7", "logRetentionDays: 8"))

    assert run("up", "dev") == 1
    out = capsys.readouterr().out
    assert out.count("cluster.logRetentionDays = 8") == 1
    assert "Traceback" not in out


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("config: [", "Pulumi.dev.yaml is not valid YAML"),
        ("config:\n  ray-on-eks:cluster: {name: x}\n", "network"),
    ],
)
def test_a_stack_file_that_is_broken_or_empty_is_told_in_plain_words(
    project: Path, capsys: pytest.CaptureFixture[str], settings: str, told: str
) -> None:
    (project / "Pulumi.dev.yaml").write_text(settings, encoding="utf-8")

    assert run("up", "dev") == 1
    out = capsys.readouterr().out
    assert told in out
    assert "Traceback" not in out


def test_a_stack_that_the_project_does_not_have_is_one_sentence(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("up", "staging") == 1
    assert "Pulumi.staging.yaml" in capsys.readouterr().out


def test_a_real_cluster_without_its_programs_says_the_one_thing_to_do(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("up", "dev", "--cluster", "real", "--cluster-binaries", str(project / "nowhere")) == 1
    assert "run `make cluster-binaries` first" in capsys.readouterr().out


def test_a_pod_without_a_node_fails_the_demo(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Landed(namespace="ray", name="ray-head", labels={"ray.io/group": "headgroup"}, reason="no room")
    monkeypatch.setattr(clusters, "placements", lambda account: [lost])

    assert run("up", "dev") == 1
    out = capsys.readouterr().out
    assert "pending: no room" in out
    assert "ray/ray-head has no node: no room" in out


def test_destroying_what_is_not_there_says_so(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("destroy", "dev") == 0
    assert "nothing to destroy" in capsys.readouterr().out
