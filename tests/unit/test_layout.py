"""What the layout of the repository promises."""

from __future__ import annotations

import ast
import fnmatch
import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.bootstrap.environment import REQUIREMENT_FILES
from tools.bootstrap.steps import ROOT

PRODUCT = ROOT / "platform" / "ray_platform"
# What knows names, limits and policies, and nothing of the configuration.
BASE = {"naming", "versions", "account", "policies", "node_config", "images", "generated", "marks", "eks_status"}
# Each part may import itself and the parts before it.
ORDER = ("config", "scheduling", "manifests", "components")
ALLOWED = {each: BASE | set(ORDER[: place + 1]) for place, each in enumerate(ORDER)} | dict.fromkeys(BASE, BASE)
# What looks at a stack from outside: no component is among what it stands on.
RULES = BASE | {"config", "scheduling"}
ALLOWED |= {
    "components": ALLOWED["components"] | {"costs"},
    "examination": RULES | {"checks", "examination"},
    "checks": RULES | {"checks"},
    "costs": BASE | {"config", "costs"},
    "survey": RULES | {"checks", "costs", "survey"},
    "plan": RULES | {"checks", "plan"},
    "guardrails": BASE | {"config", "guardrails"},
    "report": RULES | {"checks", "costs", "plan", "report"},
}
EXACT_PIN = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,]+\])?==[0-9][A-Za-z0-9.]*")
# Escaped, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:work|root|tmp|home/\w+|Users/\w+)/[\w.-]+")
REGISTRY_HOST = re.compile(
    r"\b(?:pypi\.org|files\.pythonhosted\.org|(?:proxy|sum)\.golang\.org|registry\.npmjs\.org|get\.pulumi\.com"
    r"|index\.crates\.io|deb\.debian\.org)\b"
)


def imported(file: Path) -> set[str]:
    """The dotted names that a module imports; `from a import b` counts as a.b, for b may be a module."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def part(file: Path) -> str:
    """The part of the product that a file is in: the name of a module or of a package at its top."""
    return file.relative_to(PRODUCT).parts[0].removesuffix(".py")


def files() -> Iterator[Path]:
    """Every file of the repository that .gitignore does not name."""
    ignored = [
        ".git",
        *(line for line in (ROOT / ".gitignore").read_text().splitlines() if line[:1] not in "#"),
    ]
    waiting = [ROOT]
    while waiting:
        for path in waiting.pop().iterdir():
            if any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored):
                continue
            if path.is_dir():
                waiting.append(path)
            else:
                yield path


def python(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_platform_is_the_standard_librarys_module_also_at_the_repositorys_root() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    origin = python("-c", "import platform; platform.system(); print(platform.__file__)")
    assert Path(origin) == Path(python("-c", "import os; print(os.__file__)")).with_name("platform.py")


def test_the_product_and_the_simulator_can_be_imported() -> None:
    found = python("-c", "import ray_platform, simulator; print(ray_platform.__path__[0], simulator.__path__[0])")
    assert found.split() == [str(PRODUCT), str(ROOT / "platform" / "simulator")]


def test_the_program_fits_on_a_page() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 60


@pytest.mark.parametrize("file", sorted(PRODUCT.rglob("*.py")), ids=lambda file: str(file.relative_to(PRODUCT)))
def test_imports_point_from_the_program_to_the_rules(file: Path) -> None:
    names = imported(file)
    outside = {name for name in names if name.split(".")[0] in {"simulator", "tests", "tools", "__main__"}}
    assert not outside, "the product stands alone"
    parts = {name.split(".")[1] for name in names if name.startswith("ray_platform.")}
    assert parts <= ALLOWED.get(part(file), parts)


@pytest.mark.parametrize("file", sorted((PRODUCT / "components").glob("*.py")), ids=lambda file: file.stem)
def test_a_component_reads_no_configuration_and_exports_nothing(file: Path) -> None:
    used = {ast.unparse(node) for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Attribute)}
    assert not (used | imported(file)) & {"pulumi.Config", "pulumi.export"}


@pytest.mark.parametrize("layer", ["scheduling", "manifests", "checks", "costs", "guardrails"])
def test_rules_and_manifests_know_nothing_of_pulumi(layer: str) -> None:
    """Plain values in and out: they are tested, and sent to a real API server, without a program around them."""
    used = {name.split(".")[0] for file in (PRODUCT / layer).rglob("*.py") for name in imported(file)}
    assert used and not {name for name in used if name.startswith("pulumi")}


def test_requirements_are_exact_and_end_with_the_project() -> None:
    lines = {name: (ROOT / name).read_text().splitlines() for name in REQUIREMENT_FILES}
    assert lines["requirements.txt"][-1] == "-e ."
    for name, text in lines.items():
        packages = [line for line in text if line and line[0] not in "#-"]
        assert [line for line in packages if not EXACT_PIN.fullmatch(line)] == [], name


def test_every_requirement_says_what_it_is_for() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text().splitlines()
        bare = [line for before, line in itertools.pairwise(lines) if "==" in line and before[:1] != "#"]
        assert bare == [], name


def test_constraints_hold_every_requirement_at_the_same_version() -> None:
    pins = {
        name: {re.sub(r"\[.*\]", "", line).lower() for line in (ROOT / name).read_text().splitlines() if "==" in line}
        for name in REQUIREMENT_FILES
    }
    assert pins["requirements.txt"] | pins["requirements-dev.txt"] <= pins["constraints.txt"]


def test_the_build_backend_is_pinned() -> None:
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert requires and all(EXACT_PIN.fullmatch(line) for line in requires)


def test_the_cli_module_is_at_the_version_of_the_python_sdk() -> None:
    pin = re.search(r"^pulumi==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    required = re.search(r"pulumi/pkg/v3 v(\S+)$", (ROOT / "tools/pulumi-cli/go.mod").read_text(), re.MULTILINE)
    assert pin and required and pin[1] == required[1]


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY_HOST], ids=["machine-path", "registry-host"])
def test_no_file_knows_a_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    found = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in files()
        for match in pattern.finditer(path.read_text(errors="replace"))
    }
    assert not found
