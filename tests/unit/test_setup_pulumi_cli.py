"""Where the set-up finds a Pulumi CLI, and how it gets one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import cli as support
from tools.bootstrap import go_build, pulumi_cli, steps
from tools.bootstrap.progress import SetupError
from tools.bootstrap.pulumi_cli import Source

PINNED = (3, 259, 0)
# A `go` that accepts the module and whose build answers with the version that the linker was given.
FAKE_GO = """
import os, sys
arguments = sys.argv[1:]
if arguments[0] == "build":
    version = arguments[arguments.index("-ldflags") + 1].rsplit("=", 1)[1]
    with open(arguments[arguments.index("-o") + 1], "w") as file:
        file.write("#!/bin/sh\\necho v" + version + "\\n")
    os.chmod(file.name, 0o755)
"""


def program(path: Path, body: str, interpreter: str = "/bin/sh") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{interpreter}\n{body}\n")
    path.chmod(0o755)
    return path


def fake_cli(directory: Path, version: str = "3.259.0") -> Path:
    return program(directory / "bin" / "pulumi", f"echo v{version}")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory whose bin is all there is on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "system" / "bin"))
    return tmp_path / "system"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with the pin and the Go module."""
    module = tmp_path / "tree" / "tools" / "pulumi-cli"
    module.mkdir(parents=True)
    (module / "go.mod").write_text("module m\n\ngo 1.25.11\n")
    (tmp_path / "tree" / "requirements.txt").write_text("pulumi-aws==7.51.1\npulumi==3.259.0\n")
    return tmp_path / "tree"


def gives(version: str) -> Source:
    def fetch(content: Path) -> None:
        fake_cli(content, version)

    return Source(title=f"a source of {version}", fetch=fetch)


def breaks_off(leaving: Callable[[Path], object] = lambda _: None) -> Source:
    def fetch(content: Path) -> None:
        leaving(content)
        raise SetupError("the line went dead")

    return Source(title="a source that breaks off", fetch=fetch)


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("v3.259.0\n", (3, 259, 0)),
        ("3.260.1-alpha.7+dirty", (3, 260, 1)),
        ("", None),
        ("pulumi: not found", None),
    ],
)
def test_a_version_is_read_as_the_cli_prints_it(output: str, version: pulumi_cli.Version | None) -> None:
    assert pulumi_cli.parse_version(output) == version


def test_the_version_to_get_is_that_of_the_python_sdk(root: Path) -> None:
    assert pulumi_cli.pinned_version(root) == PINNED


def test_requirements_without_the_sdk_are_refused(root: Path) -> None:
    (root / "requirements.txt").write_text("pulumi-aws==7.51.1\n")
    with pytest.raises(SetupError, match="no line `pulumi==MAJOR"):
        pulumi_cli.pinned_version(root)


@pytest.mark.parametrize("version", ["3.259.0", "3.259.4", "3.300.0"])
def test_a_cli_on_path_comes_before_the_cached_one(system: Path, cache: Path, version: str) -> None:
    fake_cli(cache / "3.259.0")
    assert pulumi_cli.find(PINNED, cache) == cache / "3.259.0" / "bin" / "pulumi"
    on_path = fake_cli(system, version)
    assert pulumi_cli.find(PINNED, cache) == on_path


@pytest.mark.parametrize("version", ["3.258.9", "2.300.0", "4.0.0", "unknown"])
def test_a_cli_on_path_that_does_not_suit_the_sdk_is_passed_over(system: Path, cache: Path, version: str) -> None:
    fake_cli(system, version)
    assert pulumi_cli.find(PINNED, cache) is None
    cached = fake_cli(cache / "3.259.0")
    assert pulumi_cli.find(PINNED, cache) == cached


def test_a_cli_on_path_that_does_not_run_is_passed_over(system: Path, cache: Path) -> None:
    program(system / "bin" / "pulumi", "echo v3.259.0; exit 1")
    assert pulumi_cli.find(PINNED, cache) is None


def test_a_cli_outside_a_bin_directory_counts_only_as_a_link_into_one(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    shim = program(tmp_path / "shims" / "pulumi", "echo v3.259.0")
    assert pulumi_cli.find(PINNED, cache) is None
    shim.unlink()
    real = fake_cli(tmp_path / "opt")
    shim.symlink_to(real)
    assert pulumi_cli.find(PINNED, cache) == real


def test_a_cached_cli_of_another_version_is_not_taken(system: Path, cache: Path) -> None:
    fake_cli(cache / "3.258.0", "3.258.0")
    assert pulumi_cli.find(PINNED, cache) is None


def test_the_installer_comes_first_and_saves_the_build(root: Path, cache: Path) -> None:
    cli = pulumi_cli.obtain(PINNED, cache, [gives("3.259.0"), breaks_off()])
    assert cli == pulumi_cli.cached(cache, PINNED)
    titles = [source.title for source in pulumi_cli.sources(root, PINNED)]
    assert [title.split()[0] for title in titles] == ["downloading", "building"]


def test_a_download_that_breaks_off_gives_way_to_the_build(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli = pulumi_cli.obtain(PINNED, cache, [breaks_off(fake_cli), gives("3.259.0")])
    assert pulumi_cli.version_of(cli) == PINNED
    assert "that did not work: the line went dead" in capsys.readouterr().out


@pytest.mark.parametrize("last", [breaks_off(fake_cli), gives("3.258.0")])
def test_a_cli_that_is_not_whole_never_gets_into_the_cache(system: Path, cache: Path, last: Source) -> None:
    with pytest.raises(SetupError):
        pulumi_cli.obtain(PINNED, cache, [last])
    assert pulumi_cli.find(PINNED, cache) is None
    assert list(cache.iterdir()) == []


def test_an_interrupted_build_leaves_the_cache_as_it_was(cache: Path) -> None:
    def interrupted(content: Path) -> None:
        fake_cli(content)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pulumi_cli.obtain(PINNED, cache, [Source(title="a build", fetch=interrupted)])
    assert list(cache.iterdir()) == []


def test_what_a_killed_set_up_left_behind_is_cleared_away(cache: Path) -> None:
    fake_cli(cache / ".partial-1" / "content")
    fake_cli(cache / "3.259.0", "broken").chmod(0o600)
    pulumi_cli.obtain(PINNED, cache, [gives("3.259.0")])
    assert [path.name for path in cache.iterdir()] == ["3.259.0"]
    assert pulumi_cli.cached(cache, PINNED) is not None


def test_pulumis_installer_is_run_by_the_environments_python(root: Path, tmp_path: Path) -> None:
    installer = 'mkdir -p "$3/bin"; echo "echo v$4" > "$3/bin/pulumi"'
    program(root / ".venv" / "bin" / "python", installer)
    pulumi_cli.download(tmp_path / "content", root=root, version=PINNED)
    assert (tmp_path / "content" / "bin" / "pulumi").read_text() == "echo v3.259.0\n"


def test_an_installer_that_fails_is_told_by_its_last_line(root: Path, tmp_path: Path) -> None:
    program(root / ".venv" / "bin" / "python", "echo Traceback; echo URLError: no route; exit 1")
    with pytest.raises(SetupError, match=r"^URLError: no route$"):
        pulumi_cli.download(tmp_path / "content", root=root, version=PINNED)


def test_a_built_cli_knows_its_version(root: Path, system: Path, tmp_path: Path) -> None:
    program(system / "bin" / "go", FAKE_GO, interpreter=sys.executable)
    pulumi_cli.build(tmp_path / "content", root=root, version=PINNED)
    assert pulumi_cli.version_of(tmp_path / "content" / "bin" / "pulumi") == PINNED


def test_a_build_that_fails_says_what_to_do(root: Path, system: Path, tmp_path: Path) -> None:
    program(system / "bin" / "go", '[ "$1" = env ] || { echo "no such host"; exit 1; }')
    with pytest.raises(SetupError, match="see to the connection to the Go module proxy or install"):
        pulumi_cli.build(tmp_path / "content", root=root, version=PINNED)


def test_without_go_one_sentence_says_what_to_install(root: Path, system: Path) -> None:
    with pytest.raises(SetupError) as caught:
        go_build.find_go(pulumi_cli.go_module(root, PINNED))
    assert str(caught.value) == (
        "There is no Go on PATH to build the Pulumi CLI with: install Go 1.25.11 or later, or the Pulumi CLI "
        "3.259.0 or later, then run the same command again."
    )


def test_with_an_old_go_one_sentence_says_what_to_install(root: Path, system: Path) -> None:
    program(system / "bin" / "go", "echo 'go.mod requires go >= 1.25.11 (running go 1.22.2)'; exit 1")
    with pytest.raises(SetupError, match=r"^The Go on PATH is too old .* install Go 1\.25\.11 or later, or"):
        go_build.find_go(pulumi_cli.go_module(root, PINNED))


def test_tests_use_the_cli_that_the_set_up_recorded(
    root: Path, system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support, "ROOT", root)
    with pytest.raises(RuntimeError, match="run `make setup`"):
        support.pulumi_root()
    fake_cli(system)
    assert support.pulumi_root() == str(system)
    steps.record(root).parent.mkdir()
    steps.record(root).write_text(f"{fake_cli(tmp_path / 'recorded')}\n")
    assert support.pulumi_root() == str(tmp_path / "recorded")
    assert str(support.pulumi_command().version) == "3.259.0"
