"""Licences, hashes and known vulnerabilities of the packages, and the bill of materials."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ray_platform import versions
from tools.bootstrap.environment import LOCK
from tools.bootstrap.steps import ROOT
from tools.dependencies import audit, bom, exceptions, licences, lock, packages

DOCUMENT = (ROOT / licences.PART.document).read_text(encoding="utf-8")
FLAW = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"]}


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(bom.as_json(bom.bill(ROOT)))
    return content


@pytest.fixture
def excepting(tmp_path: Path) -> Any:
    """Writes a tree's file of exceptions."""

    def write(**kinds: dict[str, str]) -> Path:
        place = tmp_path / exceptions.FILE
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({"licences": {}, "vulnerabilities": {}, **kinds}))
        (tmp_path / LOCK).write_text("rich==1.0 \\\n    --hash=sha256:00\nsix==2.0\n")
        return tmp_path

    return write


def report(*flaws: dict[str, Any], six: str = "version") -> dict[str, Any]:
    return {"dependencies": [{"name": "rich", "version": "1.0", "vulns": list(flaws)}, {"name": "six", six: "2.0"}]}


def test_the_table_of_licences_is_that_of_the_pinned_packages() -> None:
    assert licences.PART.put(DOCUMENT, licences.table(ROOT)) == DOCUMENT, "run `make docs`"


def test_the_table_names_every_pin_whatever_is_installed_here() -> None:
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (\d\S*) \|", DOCUMENT, re.MULTILINE)
    assert dict(rows) == lock.pins(ROOT, packages.CONSTRAINTS)


def test_every_licence_is_permissive_or_explained() -> None:
    assert licences.violations({name: packages.licence(name) for name in lock.pins(ROOT)}) == []


def test_a_licence_that_is_not_permissive_is_refused_and_a_needless_exception_too(excepting: Any) -> None:
    root = excepting(licences={"gone": "because"})
    found = licences.violations({"a": "MIT OR GPL-3.0-only", "b": "MIT AND GPL-3.0-only", "c": "AGPL-3.0-only"}, root)
    assert [line.split(":")[0] for line in found] == ["b", "c", str(exceptions.FILE)]
    assert "gone" in found[-1]


def test_an_exception_without_a_reason_is_refused(excepting: Any) -> None:
    with pytest.raises(ValueError, match="no reason for igraph"):
        licences.violations({}, excepting(licences={"igraph": " "}))


def test_what_the_product_needs_does_not_include_its_tests() -> None:
    needed = packages.product(ROOT)
    assert {"pulumi", "grpcio", "botocore", "markupsafe"} <= needed.keys() <= lock.pins(ROOT).keys()
    assert not needed.keys() & {"pytest", "moto", "ruff", "mypy"}
    assert needed["jinja2"] == {"markupsafe"}


def test_the_lock_holds_every_pin_with_a_hash() -> None:
    assert lock.pins(ROOT) == lock.pins(ROOT, packages.CONSTRAINTS), "run `make constraints`"
    for name in (LOCK, lock.AUDIT_LOCK):
        hashes = lock.hashes(ROOT, name)
        assert hashes.keys() == lock.pins(ROOT, name).keys()
        assert [package for package, known in hashes.items() if not known] == []


def test_the_scanner_of_vulnerabilities_is_the_one_that_its_lock_holds() -> None:
    (pin,) = [line for line in (ROOT / lock.AUDIT).read_text().splitlines() if line[:1] != "#"]
    name, version = pin.split("==")
    assert lock.pins(ROOT, lock.AUDIT_LOCK)[name] == version


def test_a_vulnerability_is_told_with_its_remedy_unless_it_is_explained(excepting: Any) -> None:
    root = excepting()
    assert audit.unexplained(report(FLAW), root) == ["rich 1.0: PYSEC-1, mended in 2.0"]
    assert audit.unexplained(report(FLAW | {"fix_versions": []}), root) == ["rich 1.0: PYSEC-1, not mended yet"]
    assert audit.unexplained(report(FLAW), excepting(vulnerabilities={"CVE-1": "not called"})) == []


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (
            "import sys; sys.exit('Traceback\\nValueError: no hash for six\\n')",
            "ended with 1: ValueError: no hash for six",
        ),
        ("pass", "ended with 0: it said nothing"),
        ("import threading; threading.Event().wait()", "no answer in 0.1 s"),
    ],
)
def test_a_service_that_gives_no_report_is_told_with_what_the_scanner_said_last(
    program: str, reason: str, excepting: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = subprocess.run
    monkeypatch.setattr(audit, "python", lambda _: Path(sys.executable))
    monkeypatch.setattr(audit, "PATIENCE_SECONDS", 0.1 if "threading" in program else 60)
    monkeypatch.setattr(subprocess, "run", lambda command, **options: run([command[0], "-c", program], **options))
    assert audit.main(excepting()) == audit.UNKNOWN
    pypi, osv, _ = capsys.readouterr().out.splitlines()
    assert pypi.startswith("pypi: ") and osv.startswith("osv: ")
    assert pypi.endswith(reason) and osv.endswith(reason)


def test_a_needless_exception_of_a_vulnerability_is_told(excepting: Any) -> None:
    root = excepting(vulnerabilities={"CVE-1": "not called", "CVE-2": "not called either"})
    (line,) = audit.needless(report(FLAW), root)
    assert "CVE-2" in line


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"pypi": report()}, 0),
        ({"pypi": report(FLAW)}, 1),
        ({"pypi": report(six="skip_reason"), "osv": report()}, 0),
        ({"pypi": report(FLAW, six="skip_reason"), "osv": report()}, 1),
        ({"pypi": report(six="skip_reason")}, 2),
        ({}, 2),
    ],
)
def test_an_audit_is_clean_only_when_every_package_was_looked_at(
    answers: dict[str, dict[str, Any]], code: int, excepting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(_: Path, service: str) -> dict[str, Any]:
        if service not in answers:
            raise audit.NotAnswered("nobody is there")
        return answers[service]

    monkeypatch.setattr(audit, "ask", ask)
    assert audit.main(excepting()) == code


def test_the_bill_lists_what_the_product_needs_with_licence_hashes_and_who_needs_whom(bill: dict[str, Any]) -> None:
    libraries = {each["name"]: each for each in bill["components"] if each["type"] == "library"}
    assert libraries.keys() == packages.product(ROOT).keys()
    assert all(each["licenses"] and each["hashes"] and each["purl"] for each in libraries.values())
    needs = {each["ref"]: set(each.get("dependsOn", [])) for each in bill["dependencies"]}
    assert needs["jinja2"] == {"markupsafe"}
    assert "jinja2" in needs["ray-platform"] and "markupsafe" not in needs["ray-platform"]


def test_what_the_project_names_itself_hangs_on_it_even_where_another_package_needs_it_too(
    bill: dict[str, Any],
) -> None:
    needs = {each["ref"]: set(each.get("dependsOn", [])) for each in bill["dependencies"]}
    assert "pulumi" in needs["pulumi-aws"]
    assert {"pulumi", "pulumi-aws", "pyyaml", versions.KUBERAY_OPERATOR_IMAGE} <= needs["ray-platform"]


def test_the_bill_lists_the_images_of_the_platform(bill: dict[str, Any]) -> None:
    images = {f"{each['name']}:{each['version']}" for each in bill["components"] if each["type"] == "container"}
    assert {versions.KUBERAY_OPERATOR_IMAGE, versions.DEVICE_PLUGIN_IMAGE, versions.TERMINATION_HANDLER_IMAGE} <= images
    assert set(map(versions.cluster_autoscaler_image, versions.KUBERNETES_MINORS)) <= images
    assert len([each for each in images if each.startswith("rayproject/ray:")]) == 3


def test_two_bills_of_one_tree_are_the_same(bill: dict[str, Any]) -> None:
    assert json.loads(bom.as_json(bom.bill(ROOT))) == bill
