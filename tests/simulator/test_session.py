"""The folder of a simulated stack: what it takes from the project and what it keeps for itself."""

from pathlib import Path

import pytest
import yaml

from simulator.session import Place

SALT = "v1:bm90IG91cnM=:v1:bm90IG91cnM=:bm90IG91cnM="


@pytest.fixture
def place(tmp_path: Path) -> Place:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: ray-on-eks\nruntime: python\n", encoding="utf-8")
    settings = f"config:\n  ray-on-eks:cluster: {{name: one}}\nencryptionsalt: {SALT}\n"
    (project / "Pulumi.dev.yaml").write_text(settings, encoding="utf-8")
    return Place(project=project, folder=tmp_path / "folder", stack="dev")


def settings(place: Place) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(place.stack_file.read_text(encoding="utf-8"))
    return found


def test_the_passphrase_of_the_real_stack_stays_behind(place: Place) -> None:
    place.take_settings()

    assert settings(place) == {"config": {"ray-on-eks:cluster": {"name": "one"}}}


def test_edits_of_the_projects_file_count_from_the_next_time_and_the_folders_own_salt_is_kept(place: Place) -> None:
    place.take_settings()
    with place.stack_file.open("a", encoding="utf-8") as own:
        own.write("encryptionsalt: ours\n")
    edited = place.project / "Pulumi.dev.yaml"
    edited.write_text(edited.read_text(encoding="utf-8").replace("one", "two"), encoding="utf-8")
    place.take_settings()

    assert settings(place) == {"config": {"ray-on-eks:cluster": {"name": "two"}}, "encryptionsalt": "ours"}


def test_texts_that_look_like_numbers_stay_texts(place: Place) -> None:
    """Pulumi reads the file, and takes more for numbers and less for truth than YAML 1.1."""
    project = place.project / "Pulumi.dev.yaml"
    project.write_text("config:\n  ray-on-eks:aws: {tags: {a: '0089', b: '1e2', c: yes}}\n", encoding="utf-8")
    place.take_settings()
    taken = place.stack_file.read_text(encoding="utf-8")
    place.change("cluster", name="0o17")
    changed = place.stack_file.read_text(encoding="utf-8")
    place.replace_config({"cluster": {"name": "2026-1-2"}})

    assert all(each in taken and each in changed for each in ('"a": "0089"', '"b": "1e2"', '"c": "yes"'))
    assert '"name": "0o17"' in changed
    assert '"name": "2026-1-2"' in place.stack_file.read_text(encoding="utf-8")


def test_a_file_that_is_no_yaml_for_pulumi_is_refused_in_a_sentence(place: Place) -> None:
    (place.project / "Pulumi.dev.yaml").write_text("config: {a: 1, a: 2}\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"Pulumi\.dev\.yaml is not valid YAML: .*the key a stands twice"):
        place.take_settings()


def test_a_change_is_made_here_and_not_in_the_project(place: Place) -> None:
    place.take_settings()
    before = (place.project / "Pulumi.dev.yaml").read_bytes()
    place.change("operations", protect=True)

    assert place.is_protected()
    assert (place.project / "Pulumi.dev.yaml").read_bytes() == before
