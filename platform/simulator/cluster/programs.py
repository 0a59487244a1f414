"""How each program of the control plane is started: its flags, and why where that is not plain.

Where it matters the API server is set up as EKS sets it up (EKS user guide, "Amazon EKS architecture"):
authorization by Node and RBAC, Pod Security by namespace labels, privileged pods allowed where those do not
forbid them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.cluster.credentials import SERVER, Credentials

ADDRESS = "127.0.0.1"
# EKS takes this one unless the VPC has it.
SERVICE_RANGE = "172.20.0.0/16"
POD_RANGE = "10.128.0.0/14"
ISSUER = "https://kubernetes.default.svc"
LEASE_SECONDS = 40
# The default limits guard an API server that many share; here they would only be waited for.
UNLIMITED: Final = {"kube-api-qps": 1000, "kube-api-burst": 2000}

Flags = Mapping[str, str | int | Path]


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where one control plane is: its programs, its data and its ports."""

    binaries: Path
    folder: Path
    etcd_port: int
    peer_port: int
    server_port: int

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.folder / "credentials")

    @property
    def server(self) -> str:
        return f"https://{ADDRESS}:{self.server_port}"

    def kubeconfig(self, client: str) -> Path:
        return self.folder / f"{client}.kubeconfig"

    def command(self, program: str, flags: Flags) -> list[str | Path]:
        return [self.binaries / program, *(f"--{name}={value}" for name, value in flags.items())]


def etcd(site: Site) -> list[str | Path]:
    """One member, which nobody reaches without a certificate of ours."""
    files = site.credentials
    clients, peers = (f"https://{ADDRESS}:{port}" for port in (site.etcd_port, site.peer_port))
    flags: Flags = {
        "name": "simulated",
        "data-dir": site.folder / "etcd",
        "listen-client-urls": clients,
        "advertise-client-urls": clients,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"simulated={peers}",
        "client-cert-auth": "true",
        "cert-file": files.certificate(SERVER),
        "key-file": files.key(SERVER),
        "trusted-ca-file": files.authority,
        "peer-client-cert-auth": "true",
        "peer-cert-file": files.certificate(SERVER),
        "peer-key-file": files.key(SERVER),
        "peer-trusted-ca-file": files.authority,
        # A simulated cluster survives the end of its programs; it need not survive a power cut.
        "unsafe-no-fsync": "true",
        "log-level": "warn",
    }
    return site.command("etcd", flags)


def api_server(site: Site) -> list[str | Path]:
    files = site.credentials
    flags: Flags = {
        "bind-address": ADDRESS,
        "secure-port": site.server_port,
        "advertise-address": ADDRESS,
        # It would publish the address above, which Kubernetes refuses in an endpoint.
        "endpoint-reconciler-type": "none",
        "etcd-servers": f"https://{ADDRESS}:{site.etcd_port}",
        "etcd-cafile": files.authority,
        "etcd-certfile": files.certificate(SERVER),
        "etcd-keyfile": files.key(SERVER),
        "tls-cert-file": files.certificate(SERVER),
        "tls-private-key-file": files.key(SERVER),
        "client-ca-file": files.authority,
        "anonymous-auth": "false",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "allow-privileged": "true",
        "service-cluster-ip-range": SERVICE_RANGE,
        "service-account-issuer": ISSUER,
        "service-account-key-file": files.service_account_public_key,
        "service-account-signing-key-file": files.service_account_key,
    }
    return site.command("kube-apiserver", flags)


def controller_manager(site: Site) -> list[str | Path]:
    files = site.credentials
    flags: Flags = {
        "kubeconfig": site.kubeconfig("controller-manager"),
        "secure-port": 0,
        "leader-elect": "false",
        "use-service-account-credentials": "true",
        "service-account-private-key-file": files.service_account_key,
        "root-ca-file": files.authority,
        **UNLIMITED,
    }
    return site.command("kube-controller-manager", flags)


def scheduler(site: Site) -> list[str | Path]:
    flags: Flags = {"kubeconfig": site.kubeconfig("scheduler"), "secure-port": 0, "leader-elect": "false", **UNLIMITED}
    return site.command("kube-scheduler", flags)


def kwok(site: Site) -> list[str | Path]:
    """Plays the kubelets: nodes are ready, and pods run, as soon as they are bound (its built-in stages)."""
    flags: Flags = {
        "kubeconfig": site.kubeconfig("kwok"),
        "manage-nodes-with-annotation-selector": "kwok.x-k8s.io/node=fake",
        # Renewed, so that the controller manager does not take the nodes for lost.
        "node-lease-duration-seconds": LEASE_SECONDS,
        "cidr": POD_RANGE,
    }
    return site.command("kwok", flags)
