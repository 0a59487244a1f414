"""The KubeRay operator as a program beside the cluster, in the place of its pod."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubernetes import client

from simulator.cluster import kubeconfig, rest
from simulator.cluster.processes import Process, Processes
from simulator.cluster.programs import Site

NAME = "kuberay-operator"
NAMESPACE = "kuberay-system"
TOKEN_SECONDS = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the operator's pod says about running it."""

    arguments: tuple[str, ...]
    variables: Mapping[str, str]
    service_account: str

    @classmethod
    def of(cls, pod: Mapping[str, Any]) -> Work:
        (container,) = pod["spec"]["containers"]
        return cls(
            arguments=tuple(container.get("args", [])),
            variables={each["name"]: _value(each, pod) for each in container.get("env", [])},
            service_account=pod["spec"]["serviceAccountName"],
        )


class OperatorProcess:
    """Runs the operator as its Deployment says, while a pod of it runs."""

    def __init__(self, api: client.ApiClient, site: Site, processes: Processes) -> None:
        self.log = processes.log_of(NAME)
        self._api = api
        self._site = site
        self._processes = processes
        self._running: tuple[Work, Process] | None = None
        self._lock = threading.Lock()

    def follow(self) -> None:
        """Starts, ends or restarts the operator, so that it is as the cluster has it now."""
        with self._lock:
            pod = self._pod()
            wanted = Work.of(pod) if pod else None
            if self._running and self._running[0] != wanted:
                self._processes.stop(self._running[1])
                self._running = None
            if wanted and self._running is None:
                self._running = wanted, self._start(wanted)

    def _pod(self) -> dict[str, Any] | None:
        """A running pod of the Deployment that is not on its way out."""
        try:
            deployment = rest.call(self._api, "GET", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{NAME}")
        except client.ApiException as error:
            if error.status == rest.NOT_FOUND:
                return None
            raise
        labels = ",".join(f"{key}={value}" for key, value in deployment["spec"]["selector"]["matchLabels"].items())
        pods = rest.items(self._api, f"/api/v1/namespaces/{NAMESPACE}/pods", labelSelector=labels)
        return next((pod for pod in pods if _is_at_work(pod)), None)

    def _start(self, work: Work) -> Process:
        path = self._site.kubeconfig(NAME)
        user = {"token": self._token(work.service_account)}
        kubeconfig.write(path, server=self._site.server, authority=self._site.credentials.authority, user=user)
        # Of a flag given twice the last counts. The Deployment's addresses would be open to the network, and
        # outside a pod the operator does not know its namespace.
        command = [*self._site.command(NAME, {}), *work.arguments]
        command += ["--kubeconfig", path, "--leader-election-namespace", NAMESPACE]
        command += ["--metrics-addr", "0", "--health-probe-bind-address", "0"]
        return self._processes.start(command, environment=work.variables)

    def _token(self, service_account: str) -> str:
        """A token as the kubelet gets it for the pod."""
        path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{service_account}/token"
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": TOKEN_SECONDS},
        }
        return str(rest.call(self._api, "POST", path, body=request)["status"]["token"])


def _is_at_work(pod: Mapping[str, Any]) -> bool:
    return pod["status"]["phase"] == "Running" and "deletionTimestamp" not in pod["metadata"]


def _value(variable: Mapping[str, Any], pod: Mapping[str, Any]) -> str:
    """A variable's text. Of what a pod can say of itself only its names, which is what an operator asks for."""
    if "valueFrom" not in variable:
        return str(variable.get("value", ""))
    names = {f"metadata.{name}": pod["metadata"][name] for name in ("namespace", "name")}
    return str(names[variable["valueFrom"]["fieldRef"]["fieldPath"]])
