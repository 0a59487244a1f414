"""What is written about the configuration is made from the model and fresh."""

from pathlib import Path

import pytest

from ray_platform.config import reference
from ray_platform.generated import END

ROOT = Path(__file__).parents[3]


def test_the_tables_in_the_documentation_are_fresh() -> None:
    document = (ROOT / reference.DOCUMENT).read_text(encoding="utf-8")

    assert reference.with_reference(document) == document, "run python -m ray_platform.config.reference --write"


def test_the_declarations_in_the_project_file_are_fresh() -> None:
    project = (ROOT / reference.PROJECT_FILE).read_text(encoding="utf-8")

    assert reference.with_declarations(project) == project, "run python -m ray_platform.config.reference --write"


def test_every_key_has_a_type_and_a_meaning() -> None:
    rows = [line for line in reference.markdown().splitlines() if line.startswith("| `")]

    for row in rows:
        kind, default, meaning = [cell.strip() for cell in row.split("|")[2:5]]
        assert kind not in ("", "anything")
        assert default
        assert meaning.endswith(".")


@pytest.mark.parametrize(
    "row",
    [
        "| `network.vpcId` | VPC id | required, or `network.fromStack` |",
        "| `network.fromStack.stack` | name of a stack | required |",
        "| `security.kmsDeletionWindowDays` | whole number from 7 to 30 | `7` |",
        "| `cluster.accessEntries.NAME.principalArn` | IAM role or user ARN | required |",
        "| `nodePools.NAME.minSize` | whole number from 0 to 100000 | 2, with gpu: 0 |",
        "| `nodePools.NAME.taints[N].effect` | one of `NoSchedule`, `PreferNoSchedule`, `NoExecute` | required |",
        "| `nodePools.NAME.onDemandFallback.enabled` | true or false | unset |",
        "| `addons.vpcCni.networkPolicy` | true or false | `true` |",
    ],
)
def test_a_row_tells_path_type_and_default(row: str) -> None:
    assert row in reference.markdown()


def test_the_command_prints_the_tables(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["reference"])

    reference.main()

    assert capsys.readouterr().out == f"{reference.markdown()}\n"


def test_the_command_writes_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / reference.DOCUMENT).write_text(f"Before\n\n{reference.PART.begin}\nstale\n{END}\nAfter\n")
    (tmp_path / reference.PROJECT_FILE).write_text("name: x\nconfig:\n  stale: {}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["reference", "--write"])

    reference.main()

    document = (tmp_path / reference.DOCUMENT).read_text()
    assert document.startswith("Before\n") and document.endswith("After\n") and "stale" not in document
    assert (tmp_path / reference.PROJECT_FILE).read_text() == f"name: x\n{reference.pulumi_config()}"
