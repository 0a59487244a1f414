"""How the set-up gets the programs of a control plane."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ray_platform import versions
from tools.bootstrap import cache as caches
from tools.bootstrap import cluster_binaries, environment, pulumi_cli, steps, workflow_linter
from tools.bootstrap.cluster_binaries import PROGRAMS
from tools.bootstrap.progress import SetupError

MODULES = sorted({program.module for program in PROGRAMS})
# Builds a program that tells what the linker was given, and has the source of any module in SOURCE.
FAKE_GO = """
case "$1" in
  build)
    while [ $# -gt 1 ]; do
      case "$1" in -o) program=$2 ;; -ldflags) linked=$2 ;; esac
      shift
    done
    echo "$1 $linked" > "$program"
    /bin/chmod 755 "$program" ;;
  mod) echo '{"Dir": "SOURCE"}' ;;
esac
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with the Go modules, of no other content than what the set-up reads."""
    tree = tmp_path / "tree"
    for module in [*(tree / cluster_binaries.MODULES / name for name in MODULES), tree / workflow_linter.MODULE]:
        module.mkdir(parents=True)
        (module / "go.mod").write_text("module m\n\ngo 1.25.0\n\nrequire k8s.io/kubernetes v1.35.8\n")
        (module / "go.sum").write_text("")
    return tree


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return caches.directory(steps.CLUSTER_BINARIES)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one directory on PATH; empty."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


@pytest.fixture
def go(path: Path, tmp_path: Path) -> Path:
    """A Go that can build, and that has KubeRay's source."""
    definitions = tmp_path / "source" / cluster_binaries.DEFINITIONS
    definitions.mkdir(parents=True)
    (definitions / "ray.io_rayclusters.yaml").write_text("kind: CustomResourceDefinition\n")
    (definitions / "README").write_text("no definition\n")
    return give_go(path, FAKE_GO.replace("SOURCE", str(tmp_path / "source")))


def give_go(path: Path, body: str) -> Path:
    program = path / "go"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return program


def test_all_programs_and_kuberays_definitions_come_into_one_directory(root: Path, cache: Path, go: Path) -> None:
    made = cluster_binaries.obtain(root, cache)
    assert made == cluster_binaries.cached(root, cache)
    assert {file.name for file in made.iterdir()} == {program.name for program in PROGRAMS} | {"crds"}
    assert [file.name for file in (made / "crds").iterdir()] == ["ray.io_rayclusters.yaml"]


def test_the_programs_of_kubernetes_know_their_version(root: Path, cache: Path, go: Path) -> None:
    made = cluster_binaries.obtain(root, cache)
    for program in PROGRAMS:
        knows = "-X k8s.io/component-base/version.gitVersion=v1.35.8" in (made / program.name).read_text()
        assert knows == (program.module == "kubernetes"), program.name


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("file", ["go.mod", "go.sum"])
def test_other_pins_are_another_directory(root: Path, cache: Path, go: Path, module: str, file: str) -> None:
    before = cluster_binaries.obtain(root, cache)
    with (root / cluster_binaries.MODULES / module / file).open("a") as pins:
        pins.write("// moved\n")
    assert cluster_binaries.cached(root, cache) is None
    assert cluster_binaries.obtain(root, cache) != before


@pytest.mark.parametrize("missing", [program.name for program in PROGRAMS])
def test_a_directory_that_lacks_a_program_is_not_taken(root: Path, cache: Path, go: Path, missing: str) -> None:
    (cluster_binaries.obtain(root, cache) / missing).unlink()
    assert cluster_binaries.cached(root, cache) is None


def test_a_build_that_breaks_off_leaves_nothing_and_says_what_to_do(
    root: Path, cache: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    give_go(path, 'for last; do :; done; case "$last" in k8s.io/kubernetes/*) echo "no such host"; exit 1 ;; esac')
    with pytest.raises(SetupError, match=r"^Building the control plane's kubernetes .* Go module proxy, then run"):
        cluster_binaries.obtain(root, cache)
    assert list(cache.iterdir()) == []
    assert "no such host" in capsys.readouterr().out


def test_a_source_that_go_does_not_give_is_told(root: Path, cache: Path, path: Path) -> None:
    give_go(path, FAKE_GO.replace("SOURCE", ""))
    with pytest.raises(SetupError, match=r"^Go does not give the source of github\.com/ray-project/kuberay"):
        cluster_binaries.obtain(root, cache)
    assert list(cache.iterdir()) == []


def test_without_go_one_sentence_says_what_to_install(root: Path, cache: Path, path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        cluster_binaries.obtain(root, cache)
    assert str(caught.value) == (
        "There is no Go on PATH to build the control plane's etcd with: install Go 1.25.0 or later, "
        "then run the same command again."
    )


def test_a_go_too_old_for_the_last_module_is_told_before_the_first_is_built(
    root: Path, cache: Path, path: Path, tmp_path: Path
) -> None:
    give_go(path, f'[ $1 = build ] && echo > {tmp_path / "built"}; case "$PWD" in */kubernetes) exit 1 ;; esac')
    with pytest.raises(SetupError, match="too old to build the control plane's kubernetes"):
        cluster_binaries.obtain(root, cache)
    assert not (tmp_path / "built").exists()


def test_the_set_up_builds_them_only_when_asked_and_records_where_they_are(
    root: Path, cache: Path, go: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cli = pulumi_cli_in_place(root, monkeypatch)
    steps.prepare(root)
    assert steps.recorded_cluster_binaries(root) is None
    assert steps.built_linter(root) is None
    steps.prepare(root, cluster=True)
    assert steps.recorded_cluster_binaries(root) == cluster_binaries.cached(root, cache)
    assert steps.built_linter(root) is not None
    assert steps.recorded_cli(root) == cli
    capsys.readouterr()
    go.unlink()
    steps.prepare(root, cluster=True)
    assert capsys.readouterr().out == (
        "set-up: ready, Pulumi CLI from the cache, cluster binaries from the cache (0 s)\n"
    )


def test_recorded_binaries_of_other_pins_are_not_used(
    root: Path, cache: Path, go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi_cli_in_place(root, monkeypatch)
    steps.prepare(root, cluster=True)
    (root / cluster_binaries.MODULES / "etcd" / "go.sum").write_text("moved\n")
    assert steps.recorded_cluster_binaries(root) is None


def test_a_linter_of_other_pins_is_built_anew(
    root: Path, cache: Path, go: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi_cli_in_place(root, monkeypatch)
    steps.prepare(root, cluster=True)
    before = steps.built_linter(root)
    (root / workflow_linter.MODULE / "go.sum").write_text("moved\n")
    assert steps.built_linter(root) is None
    steps.prepare(root, cluster=True)
    assert steps.built_linter(root) not in (None, before)


def pulumi_cli_in_place(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All else of the set-up is done already."""
    (root / "requirements.txt").write_text("pulumi==3.259.0\n")
    (root / ".venv").mkdir()
    monkeypatch.setattr(environment, "is_fresh", lambda _: True)
    cli = caches.directory("pulumi") / "3.259.0" / "bin" / "pulumi"
    cli.parent.mkdir(parents=True)
    cli.touch(mode=0o755)
    assert pulumi_cli.find((3, 259, 0), caches.directory("pulumi")) == cli
    return cli


def pinned(module: str, path: str) -> str:
    text = (steps.ROOT / cluster_binaries.MODULES / module / "go.mod").read_text()
    found = re.search(rf"^require {re.escape(path)} v(\S+)$", text, re.MULTILINE)
    assert found
    return found[1]


def test_the_operator_of_the_tests_is_the_one_that_is_installed() -> None:
    assert pinned("kuberay-operator", cluster_binaries.KUBERAY) == versions.KUBERAY_VERSION


def test_the_control_plane_of_the_tests_is_the_minor_that_is_installed() -> None:
    assert pinned("kubernetes", cluster_binaries.KUBERNETES).startswith(f"{versions.DEFAULT_KUBERNETES_VERSION}.")


def test_every_replacement_of_kubernetes_own_libraries_is_at_its_patch() -> None:
    patch = pinned("kubernetes", cluster_binaries.KUBERNETES).removeprefix("1.")
    text = (steps.ROOT / cluster_binaries.MODULES / "kubernetes" / "go.mod").read_text()
    replaced = re.findall(r"^\t(\S+) => (\S+) v0\.(\S+)$", text, re.MULTILINE)
    assert replaced and all(each == (each[0], each[0], patch) for each in replaced)
