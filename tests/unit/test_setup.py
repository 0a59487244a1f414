"""The set-up: its steps, how it talks, and when it does nothing."""

from __future__ import annotations

import ast
import fcntl
import importlib
import json
import os
import select
import shutil
from pathlib import Path
from typing import Any

import pytest

from tools import constraints
from tools.bootstrap import __main__ as entry
from tools.bootstrap import cache as caches
from tools.bootstrap import environment, progress, pulumi_cli, steps

PYPROJECT = '[build-system]\nrequires = ["hatchling==1"]\n[tool.ruff]\nline-length = 110\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with the files that the environment is made from."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "pyproject.toml").write_text(PYPROJECT)
    for name in (*environment.REQUIREMENT_FILES, environment.LOCK):
        (tree / name).write_text("pulumi==3.259.0\n")
    return tree


@pytest.fixture
def commands(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The programs that the set-up ran; instead of a virtual environment there is a file in its place."""
    ran: list[list[str]] = []

    def run(command: list[object], **_: Any) -> None:
        ran.append([str(part) for part in command])
        environment.python(root).parent.mkdir(parents=True, exist_ok=True)
        environment.python(root).touch()

    monkeypatch.setattr(progress, "run", run)
    return ran


@pytest.fixture
def cached_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CLI in the user's cache, and none on PATH."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    cli = caches.directory("pulumi") / "3.259.0" / "bin" / "pulumi"
    cli.parent.mkdir(parents=True)
    cli.touch(mode=0o755)
    return cli


def test_an_environment_is_fresh_once_it_was_built(root: Path, commands: list[list[str]]) -> None:
    assert not environment.is_fresh(root)
    environment.build(root)
    assert environment.is_fresh(root)


@pytest.mark.parametrize("name", [*environment.REQUIREMENT_FILES, environment.LOCK])
def test_an_edited_requirement_makes_the_environment_stale(root: Path, commands: list[list[str]], name: str) -> None:
    environment.build(root)
    (root / name).write_text("pulumi==3.260.0\n")
    assert not environment.is_fresh(root)


def test_an_edited_lint_rule_leaves_the_environment_fresh(root: Path, commands: list[list[str]]) -> None:
    environment.build(root)
    (root / "pyproject.toml").write_text(PYPROJECT.replace("110", "100"))
    assert environment.is_fresh(root)


def test_an_edited_build_backend_makes_the_environment_stale(root: Path, commands: list[list[str]]) -> None:
    environment.build(root)
    (root / "pyproject.toml").write_text(PYPROJECT.replace("hatchling==1", "hatchling==2"))
    assert not environment.is_fresh(root)


def test_an_environment_in_a_tree_that_was_moved_is_stale(root: Path, commands: list[list[str]]) -> None:
    environment.build(root)
    assert not environment.is_fresh(root.rename(root.with_name("moved")))


def test_an_environment_whose_interpreter_has_gone_is_stale(root: Path, commands: list[list[str]]) -> None:
    environment.build(root)
    environment.python(root).unlink()
    assert not environment.is_fresh(root)


def test_an_installation_that_fails_leaves_no_fresh_environment(
    root: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_venv = progress.run

    def run(command: list[str | Path], **options: Any) -> None:
        if "pip" in command:
            raise progress.ProgramFailed(["ERROR: No matching distribution found"])
        make_venv(command, **options)

    monkeypatch.setattr(progress, "run", run)
    with pytest.raises(progress.SetupError, match="see to the connection to the package index"):
        environment.build(root)
    assert not environment.is_fresh(root)
    assert "No matching distribution found" in capsys.readouterr().out


def test_a_set_up_machine_needs_no_program_and_no_network(
    root: Path, commands: list[list[str]], cached_cli: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.prepare(root)
    commands.clear()
    capsys.readouterr()
    steps.prepare(root)
    assert commands == []
    assert capsys.readouterr().out == "set-up: ready, Pulumi CLI from the cache (0 s)\n"
    assert steps.recorded_cli(root) == cached_cli


def test_the_recorded_cli_is_forgotten_when_it_has_gone(
    root: Path, commands: list[list[str]], cached_cli: Path
) -> None:
    steps.prepare(root)
    cached_cli.unlink()
    assert steps.recorded_cli(root) is None


def test_a_cli_that_is_nowhere_is_got_after_the_packages(
    root: Path, commands: list[list[str]], cached_cli: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached_cli.unlink()

    def obtain(*_: object) -> Path:
        commands.append(["obtain"])
        return cached_cli

    monkeypatch.setattr(pulumi_cli, "obtain", obtain)
    steps.prepare(root)
    assert ["pip" in command for command in commands] == [False, True, True, False]
    assert commands[-1] == ["obtain"]


def test_what_is_missing_is_one_line_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(_: Path, *, cluster: bool) -> None:
        raise progress.SetupError("There is no Go: install it.")

    monkeypatch.setattr(steps, "prepare", prepare)
    assert steps.main([]) == 1
    assert capsys.readouterr().err == "set-up: There is no Go: install it.\n"


def test_an_interrupted_set_up_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prepare(_: Path, *, cluster: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(steps, "prepare", prepare)
    assert steps.main([]) == steps.INTERRUPTED
    assert "the same command goes on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("newer", "remedy"), [("python3.12", "run make with PYTHON=python3.12."), (None, "install Python 3.11")]
)
def test_a_python_that_is_too_old_gets_one_sentence(
    newer: str | None, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name if name == newer else None)
    assert remedy in (entry.python_problem((3, 9)) or "")
    assert entry.python_problem((3, 11)) is None


@pytest.mark.parametrize("module", ["tools", "tools.bootstrap", "tools.bootstrap.__main__"])
def test_what_runs_before_the_version_check_parses_on_an_old_python(module: str) -> None:
    file = importlib.import_module(module).__file__
    assert file and ast.parse(Path(file).read_text(), feature_version=(3, 6))


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    fifo = tmp_path / "held-open-by-the-grandchild"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(progress.ProgramFailed, match="it took longer than"):
        progress.run(["sh", "-c", f"sleep 600 > '{fifo}' & wait"], doing="waiting", timeout=0.3)
    ended, _, _ = select.select([reader], [], [], 30)
    assert ended and os.read(reader, 1) == b""
    os.close(reader)


def test_a_program_that_fails_is_told_by_its_last_line() -> None:
    with pytest.raises(progress.ProgramFailed, match=r"^disk full$"):
        progress.run(["sh", "-c", "echo compiling; echo disk full >&2; exit 1"], doing="building")


def test_a_long_program_shows_what_it_is_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if line.endswith("compiling moto") and said.count(line) == 1:
            gate.write_text("go on\n")

    monkeypatch.setattr(progress, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(progress, "say", say)
    progress.run(["sh", "-c", f"echo compiling moto; read line < '{gate}'"], doing="building the CLI")
    assert "        building the CLI, 0 s so far; compiling moto" in said


def test_a_second_set_up_waits_for_the_first_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = tmp_path / "cache" / "set-up.lock"
    lock.parent.mkdir()
    with lock.open("a") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        with progress.exclusive(lock, sleep=lambda _: fcntl.flock(first, fcntl.LOCK_UN)):
            assert "another set-up is at work; waiting for it" in capsys.readouterr().out
            with lock.open() as third, pytest.raises(BlockingIOError):
                fcntl.flock(third, fcntl.LOCK_SH | fcntl.LOCK_NB)


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (59.4, "59 s"), (80, "1 min 20 s")])
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text


def test_new_constraints_do_not_depend_on_the_old_ones_or_on_this_project() -> None:
    assert constraints.without_local_lines("-c constraints.txt\nrich==1\n-e .\n") == "rich==1\n"


def test_constraints_are_sorted_and_named_as_the_index_names_them() -> None:
    packages = [{"metadata": {"name": n, "version": "1"}} for n in ("pulumi_aws", "Jinja2", "py.test")]
    assert constraints.pins(json.dumps({"install": packages})) == ["jinja2==1", "pulumi-aws==1", "py-test==1"]
