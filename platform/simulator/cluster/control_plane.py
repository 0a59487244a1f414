"""A Kubernetes control plane of plain programs on loopback: `with control_plane(binaries, folder) as plane`."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import urllib3
import yaml
from kubernetes import client

from simulator.cluster import kubeconfig, programs, rest
from simulator.cluster.credentials import CLIENTS, Credentials
from simulator.cluster.operator_process import OperatorProcess
from simulator.cluster.processes import ControlPlaneError, Processes, free_port
from simulator.cluster.programs import Site

__all__ = ["ControlPlane", "ControlPlaneError", "control_plane"]

START_SECONDS = 120.0
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.1
# KubeRay's definitions are long: PyYAML's own parser takes seconds for each, libyaml's a tenth of it.
YAML_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

T = TypeVar("T")


class ControlPlane:
    """A control plane while it runs. Every wait here ends with a sentence when one of its programs has died."""

    def __init__(self, site: Site, processes: Processes) -> None:
        self.server = site.server
        self.kubeconfig = site.kubeconfig("admin")
        self.api = _api_client(site)
        """The official client, with an administrator's rights."""
        self._site = site
        self._processes = processes
        self._operator = OperatorProcess(self.api, site, processes)

    def start_operator(self) -> None:
        """Let the KubeRay operator run for as long as its Deployment has a pod with a node.

        The pods of a simulated node run nothing, so the operator's program runs here in their place, with the
        arguments and variables of the Deployment and the token of its service account. Call it again whenever the
        cluster may have changed: it starts the program, starts it anew after an edit of the Deployment, and ends
        it when the pod has gone.
        """
        self._operator.follow()

    @property
    def operator_log(self) -> Path:
        """What the operator wrote; there is no file before its first start."""
        return self._operator.log

    def crd(self, file_name: str) -> dict[str, Any]:
        """A CustomResourceDefinition of KubeRay by the name of its file, as `ray.io_rayclusters.yaml`.

        Raises FileNotFoundError for a file that this version of KubeRay does not have.
        """
        text = (self._site.binaries / "crds" / Path(file_name).name).read_text(encoding="utf-8")
        definition: dict[str, Any] = yaml.load(text, Loader=YAML_LOADER)
        return definition

    def wait_until(self, condition: Callable[[], T | None], *, what: str, seconds: float = WAIT_SECONDS) -> T:
        """Ask until the answer is true, and return it. Raises ControlPlaneError after `seconds`, naming `what`."""
        deadline = time.monotonic() + seconds
        while not (answer := condition()):
            self._processes.refuse_if_one_ended()
            if time.monotonic() >= deadline:
                raise ControlPlaneError(f"{what} did not happen within {seconds:.0f} s.")
            time.sleep(POLL_SECONDS)
        return answer

    def serves(self) -> bool:
        """Whether the API server is ready, its default roles and namespaces included."""
        try:
            self.api.call_api("/readyz", "GET", auth_settings=[])
        except (client.ApiException, urllib3.exceptions.HTTPError):
            return False
        return True

    def controls(self) -> bool:
        """Whether the controllers are at work: they make the account without which no pod can be made."""
        return bool(rest.items(self.api, "/api/v1/namespaces/default/serviceaccounts"))


@contextmanager
def control_plane(binaries: Path, folder: Path) -> Iterator[ControlPlane]:
    """Run etcd, API server, controller manager, scheduler and KWOK until the end of the context.

    `binaries` is the directory that the set-up made (`make cluster-binaries`). Everything of the cluster is kept in
    `folder`: the next control plane there goes on with the same objects, on other ports. Raises ControlPlaneError
    when another process holds the folder, or when a program does not start.
    """
    site = Site(
        binaries=binaries.absolute(),
        folder=folder.absolute(),
        etcd_port=free_port(),
        peer_port=free_port(),
        server_port=free_port(),
    )
    site.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(_held(site.folder))
        _write_credentials(site)
        processes = stack.enter_context(Processes.under(site.folder / "logs"))
        plane = ControlPlane(site, processes)
        stack.callback(plane.api.close)
        processes.start(programs.etcd(site))
        processes.start(programs.api_server(site))
        plane.wait_until(plane.serves, what="The start of the API server", seconds=START_SECONDS)
        # Not before: what they do not find at once they look for in growing intervals.
        for program in (programs.controller_manager, programs.scheduler, programs.kwok):
            processes.start(program(site))
        plane.wait_until(plane.controls, what="The start of the controllers", seconds=START_SECONDS)
        yield plane


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """One process at a time: two etcds on the same data wait for each other."""
    with (folder / "lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ControlPlaneError(f"another process runs the cluster in {folder}: wait until it is done.") from None
        yield


def _write_credentials(site: Site) -> None:
    site.credentials.make()
    for name in CLIENTS:
        user = kubeconfig.by_certificate(site.credentials, name)
        kubeconfig.write(site.kubeconfig(name), server=site.server, authority=site.credentials.authority, user=user)


def _api_client(site: Site) -> client.ApiClient:
    files: Credentials = site.credentials
    configuration = client.Configuration(host=site.server)
    configuration.ssl_ca_cert = str(files.authority)
    configuration.cert_file = str(files.certificate("admin"))
    configuration.key_file = str(files.key("admin"))
    # It takes the proxy of the environment, and no proxy leads to loopback.
    configuration.proxy = None
    # What fails on loopback fails for good, or is waited for by whoever asks.
    configuration.retries = False
    return client.ApiClient(configuration)
