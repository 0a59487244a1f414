"""The control plane: its start and its end, what it keeps, whom it lets in, and what it says when it breaks."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3
from kubernetes import client

from simulator.cluster import rest
from simulator.cluster.control_plane import ControlPlane, ControlPlaneError, control_plane
from simulator.cluster.processes import Process, Processes, free_port
from tools.bootstrap.steps import ROOT

pytestmark = pytest.mark.cluster

NAMESPACES = "/api/v1/namespaces"


def names(plane: ControlPlane, path: str) -> set[str]:
    return {each["metadata"]["name"] for each in rest.items(plane.api, path)}


def config_map(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


def test_what_is_made_outlives_the_programs(binaries: Path, tmp_path: Path) -> None:
    path = f"{NAMESPACES}/default/configmaps"
    with control_plane(binaries, tmp_path) as first:
        rest.call(first.api, "POST", path, body=config_map("kept"))
    with control_plane(binaries, tmp_path) as second:
        assert "kept" in names(second, path)
        rest.call(second.api, "POST", path, body=config_map("more"))
        assert "more" in names(second, path)


def test_it_is_of_the_version_that_the_platform_installs(plane: ControlPlane) -> None:
    version = rest.call(plane.api, "GET", "/version")
    module = (ROOT / "tools/cluster-binaries/kubernetes/go.mod").read_text(encoding="utf-8")
    assert f"k8s.io/kubernetes {version['gitVersion']}\n" in module


def test_nobody_comes_in_without_credentials(plane: ControlPlane) -> None:
    for path in ("/readyz", NAMESPACES):
        with urllib3.PoolManager(ca_certs=plane.api.configuration.ssl_ca_cert) as anybody:
            assert anybody.request("GET", plane.server + path, retries=False).status == 401


def test_only_the_owner_can_read_the_credentials(plane: ControlPlane) -> None:
    folder = plane.kubeconfig.parent
    files = [*folder.glob("*.kubeconfig"), *(folder / "credentials").iterdir()]
    assert len(files) > 8
    assert {file.name: oct(file.stat().st_mode & 0o077) for file in files if file.stat().st_mode & 0o077} == {}


def test_everything_listens_on_loopback_only(plane: ControlPlane, tmp_path: Path) -> None:
    """Seen from another address of this machine, the ports are closed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no other address than loopback")
        address = probe.getsockname()[0]
    port = urllib3.util.parse_url(plane.server).port
    assert port is not None
    with socket.socket() as caller:
        assert caller.connect_ex((address, port)) != 0
    with socket.socket() as caller:
        assert caller.connect_ex(("127.0.0.1", port)) == 0


def test_a_second_process_cannot_run_the_same_cluster(binaries: Path, plane: ControlPlane) -> None:
    with (
        pytest.raises(ControlPlaneError, match="another process runs the cluster in"),
        control_plane(binaries, plane.kubeconfig.parent),
    ):
        pass


def test_kuberays_definitions_are_at_hand(plane: ControlPlane) -> None:
    definition = plane.crd("ray.io_rayclusters.yaml")
    assert definition["metadata"]["name"] == "rayclusters.ray.io"
    with pytest.raises(FileNotFoundError):
        plane.crd("ray.io_nothing.yaml")


def test_a_wait_ends_when_its_time_is_up(plane: ControlPlane) -> None:
    with pytest.raises(ControlPlaneError, match=r"^The miracle did not happen within 0 s\.$"):
        plane.wait_until(lambda: False, what="The miracle", seconds=0)


def test_a_program_that_does_not_start_is_named_with_its_last_words(binaries: Path, tmp_path: Path) -> None:
    broken = tmp_path / "binaries"
    broken.mkdir()
    for program in binaries.iterdir():
        (broken / program.name).symlink_to(program)
    (broken / "kube-apiserver").unlink()
    (broken / "kube-apiserver").write_text("#!/bin/sh\necho no such flag >&2\nexit 3\n")
    (broken / "kube-apiserver").chmod(0o755)
    with (
        pytest.raises(ControlPlaneError, match=r"(?s)^kube-apiserver ended with status 3\..*no such flag"),
        control_plane(broken, tmp_path / "cluster"),
    ):
        pass


def test_the_operator_is_not_there_without_its_deployment(plane: ControlPlane) -> None:
    plane.start_operator()
    assert not plane.operator_log.exists()


@pytest.fixture
def lifeline(tmp_path: Path) -> Path:
    """A program that holds the pipe open for as long as it lives: `sh -c "... > pipe"`."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def ends(pipe: int) -> bool:
    """Whether nobody holds the other end of the pipe any more, within half a minute."""
    while select.select([pipe], [], [], 30)[0]:
        if os.read(pipe, 64) == b"":
            return True
    return False


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(process: Process) -> str:
    """What is said of a process that ends by itself, once it has."""
    said: list[str] = []

    def has_ended() -> bool:
        try:
            process.refuse_if_ended()
        except ControlPlaneError as error:
            said.append(str(error))
        return bool(said)

    until(has_ended)
    return said[0]


@pytest.mark.parametrize("trap", ["", "trap '' TERM; "], ids=["a willing program", "one that does not listen"])
def test_a_program_ends_with_the_one_that_started_it_even_when_that_is_killed(lifeline: Path, trap: str) -> None:
    program = f"{trap}echo up > '{lifeline}'; exec sleep 600 > '{lifeline}'"
    impatient = (
        "import sys; from simulator.cluster import keeper; keeper.GRACE_SECONDS = 0.2; keeper.main(sys.argv[1:])"
    )
    holder = (
        "import subprocess, sys; "
        f"subprocess.Popen([sys.executable, '-c', {impatient!r}, 'sh', '-c', sys.argv[1]], stdin=subprocess.PIPE); "
        "sys.stdin.read()"
    )
    reader = os.open(lifeline, os.O_RDONLY | os.O_NONBLOCK)
    with subprocess.Popen([sys.executable, "-c", holder, program], stdin=subprocess.PIPE) as killed:
        assert select.select([reader], [], [], 30)[0]
        killed.send_signal(signal.SIGKILL)
    assert ends(reader)
    os.close(reader)


def test_programs_end_in_the_reverse_order_of_their_start(tmp_path: Path) -> None:
    names, logs = ("first", "second"), tmp_path / "logs"
    for name in names:
        script = tmp_path / name
        script.write_text(
            f"#!/bin/sh\ntrap 'echo {name} >> order; exit' TERM\ntouch {name}.up\nwhile :; do sleep 0.1; done\n"
        )
        script.chmod(0o755)
    with Processes.under(logs) as processes:
        for name in names:
            processes.start([tmp_path / name])
        until(lambda: all((logs / f"{name}.up").exists() for name in names))
        processes.refuse_if_one_ended()
    assert (logs / "order").read_text().split() == ["second", "first"]


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = ended(Process("nothing", [tmp_path / "nothing"], log=tmp_path / "nothing.log", environment={}))
    assert said.startswith("nothing ended with status 127.") and "No such file" in said


def test_the_callers_variables_do_not_reach_the_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "somebody-elses")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    process = Process("env", ["env"], log=tmp_path / "env.log", environment={"GIVEN": "yes"})
    ended(process)
    variables = {line.partition("=")[0] for line in process.log.read_text().splitlines()}
    assert {"PATH", "HOME", "GIVEN"} <= variables
    assert not {"KUBECONFIG", "HTTPS_PROXY"} & variables


def test_ports_are_below_those_that_the_system_gives_away() -> None:
    assert {free_port() in range(20000, 32000) for _ in range(20)} == {True}


def test_the_clients_errors_are_those_of_the_api_server(plane: ControlPlane) -> None:
    with pytest.raises(client.ApiException) as caught:
        rest.call(plane.api, "GET", f"{NAMESPACES}/nobody")
    assert caught.value.status == 404
    rest.delete(plane.api, f"{NAMESPACES}/nobody")
