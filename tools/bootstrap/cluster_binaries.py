"""The programs of a Kubernetes control plane, built from source, and the definitions that KubeRay brings along.

The cluster tests and `make demo CLUSTER=real` run them. They are together in one directory of the cache, named
after the pins in tools/cluster-binaries: other pins are another directory.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap import cache as caches
from tools.bootstrap import go_build
from tools.bootstrap.go_build import GoModule
from tools.bootstrap.progress import say

MODULES = Path("tools", "cluster-binaries")
KUBERNETES = "k8s.io/kubernetes"
KUBERAY = "github.com/ray-project/kuberay/ray-operator"
KUBERNETES_VERSION = "k8s.io/component-base/version"
DEFINITIONS = Path("config", "crd", "bases")


@dataclass(frozen=True, kw_only=True)
class Program:
    """One program: its file, the module under tools/cluster-binaries, and the package of its main function."""

    name: str
    module: str
    package: str


PROGRAMS = (
    Program(name="etcd", module="etcd", package="go.etcd.io/etcd/server/v3"),
    Program(name="kwok", module="kwok", package="sigs.k8s.io/kwok/cmd/kwok"),
    Program(name="kuberay-operator", module="kuberay-operator", package=KUBERAY),
    Program(name="kube-apiserver", module="kubernetes", package=f"{KUBERNETES}/cmd/kube-apiserver"),
    Program(name="kube-controller-manager", module="kubernetes", package=f"{KUBERNETES}/cmd/kube-controller-manager"),
    Program(name="kube-scheduler", module="kubernetes", package=f"{KUBERNETES}/cmd/kube-scheduler"),
)


def cached(root: Path, cache: Path) -> Path | None:
    """The finished directory in the cache for the pins of this tree; needs no network."""
    directory = cache / fingerprint(root)
    complete = all(os.access(directory / each.name, os.X_OK) for each in PROGRAMS)
    return directory if complete and any((directory / "crds").glob("*.yaml")) else None


def fingerprint(root: Path) -> str:
    """A hash of the pins of every module that goes into the programs."""
    texts = [(root / MODULES / each / name).read_bytes() for each in _modules() for name in ("go.mod", "go.sum")]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def obtain(root: Path, cache: Path) -> Path:
    """Builds all of it. Only one set-up at a time may be in here.

    It gets its name in one step when all is there. A build that was cut short is quick up to where it ended: Go
    keeps what it compiled.
    """
    caches.clear_leftovers(cache)
    # All are asked before the first is built: a Go that is too old for one of them is told at once.
    for name in _modules():
        go_build.find_go(_module(root, name))
    final = cache / fingerprint(root)
    with caches.made_whole(final) as content:
        for program in PROGRAMS:
            _build(root, program, content)
        _take_definitions(root, content / "crds")
    return final


def _modules() -> list[str]:
    return list(dict.fromkeys(program.module for program in PROGRAMS))


def _module(root: Path, name: str) -> GoModule:
    return GoModule(directory=root / MODULES / name, title=f"the control plane's {name}")


def _build(root: Path, program: Program, content: Path) -> None:
    say(f"        building {program.name}")
    module = _module(root, program.module)
    go_build.build(
        module,
        program.package,
        content / program.name,
        doing=f"building {program.name}",
        linked=dict(_versions(module)) if program.module == "kubernetes" else {},
    )


def _versions(module: GoModule) -> Iterator[tuple[str, str]]:
    """What the programs of Kubernetes say they are; without it they take themselves for a build without a version."""
    version = module.version_of(KUBERNETES)
    major, minor, _ = version.split(".")
    for variable, value in {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}.items():
        yield f"{KUBERNETES_VERSION}.{variable}", value


def _take_definitions(root: Path, into: Path) -> None:
    """KubeRay's CustomResourceDefinitions, out of the source that the operator was built from."""
    into.mkdir()
    for file in sorted((go_build.source_of(_module(root, "kuberay-operator"), KUBERAY) / DEFINITIONS).glob("*.yaml")):
        (into / file.name).write_bytes(file.read_bytes())
