"""The stack's file for one run: the changed sections in it are for Pulumi what they are here."""

from pathlib import Path

from ray_platform.config.stack_file import read_sections
from ray_platform.pipeline import opening

# Texts that Pulumi reads as numbers and times where they are not quoted, and YAML 1.1 as texts.
TEXTS = ["0089", "1e2", "0o17", "012345678901", "2026-1-2", "2026-01-01 10:00:00", "trueblue"]


def project(folder: Path, settings: str) -> Path:
    (folder / "Pulumi.yaml").write_text("name: ray-on-eks\n", encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text(settings, encoding="utf-8")
    return folder


def test_texts_stay_texts_and_the_rest_of_the_file_is_kept(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        "encryptionsalt: v1:x\nconfig:\n  aws:region: us-east-1\n  aws:skip: 'true'\n  ray-on-eks:cluster: {name: a}\n",
    )
    sections = {
        "aws": {"tags": {text: text for text in TEXTS}},
        "cluster": {"logRetentionDays": 30, "deep": [True, None]},
    }

    text = opening._with_sections(folder, "Pulumi.dev.yaml", sections)
    (folder / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")

    assert read_sections(folder, "dev") == sections
    assert all(f'"{each}": "{each}"\n' in text for each in TEXTS)
    assert '"aws:skip": "true"\n' in text and '"encryptionsalt": "v1:x"\n' in text


def test_how_a_new_stack_encrypts_is_kept_in_the_projects_file(tmp_path: Path) -> None:
    kept, used = tmp_path / "kept.yaml", tmp_path / "used.yaml"
    kept.write_text("config: {}\n", encoding="utf-8")
    used.write_text("config: {}\nencryptionsalt: 'v1:0089'\n", encoding="utf-8")

    opening._keep_encryption(used, kept)
    opening._keep_encryption(used, kept)

    assert kept.read_text(encoding="utf-8") == 'config: {}\n"encryptionsalt": "v1:0089"\n'
