"""The workflows for GitHub Actions: pinned, without keys, with least rights, and of commands that exist."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ray_platform.cli.main import main as command_line
from ray_platform.cli.options import Exit
from ray_platform.pipeline.drift_report import DriftReport, Item, Property
from tools.bootstrap.steps import ROOT, built_linter

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
DOCUMENT = ROOT / "docs" / "pipelines.md"
PINNED = re.compile(r"^\s*(?:- )?uses: (?:\./\S+|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
WRITES = {"pull-requests", "issues"}
of_each_workflow = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
of_each_file = pytest.mark.parametrize("file", [*FILES, *ACTIONS], ids=lambda file: file.stem)


def loaded(file: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true.
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {"on" if key is True else str(key): value for key, value in content.items()}


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    return dict(loaded(file)["jobs"])


def steps(file: Path) -> list[dict[str, Any]]:
    """Of all jobs of a workflow, or of a composite action."""
    content = loaded(file)
    of_jobs = [step for job in content.get("jobs", {}).values() for step in job["steps"]]
    return [*of_jobs, *content.get("runs", {}).get("steps", [])]


def step(workflow: str, name: str) -> dict[str, Any]:
    (found,) = [each for each in steps(ROOT / ".github" / "workflows" / f"{workflow}.yml") if each.get("name") == name]
    return found


def command_lines(text: str) -> Iterator[list[str]]:
    """Every `ray-platform …` that begins a line, up to where the shell goes on with something else."""
    for line in text.splitlines():
        if found := re.match(r"\s*(?:\$ )?ray-platform (.+)", line):
            words = shlex.split(found[1], comments=True)
            ends = [place for place, word in enumerate(words) if word in {"|", "||", "&&", ";"}]
            yield words[: min(ends, default=len(words))]


SCRIPTS = "\n".join(each["run"] for file in [*FILES, *ACTIONS] for each in steps(file) if "run" in each)
COMMAND_LINES = [*command_lines(SCRIPTS), *command_lines(DOCUMENT.read_text(encoding="utf-8"))]


def test_the_ways_of_use_are_there() -> None:
    assert [file.stem for file in FILES] == ["drift", "proof", "pull-request", "up"]
    assert {words[0] for words in command_lines(SCRIPTS)} == {"check", "preview", "up", "outputs", "drift"}


@pytest.mark.parametrize("words", COMMAND_LINES, ids=" ".join)
def test_every_command_line_is_one_that_ray_platform_takes(words: list[str]) -> None:
    verb = command_line.commands.get(words[0])
    assert verb is not None, f"there is no verb {words[0]}"
    try:
        verb.make_context(words[0], list(words[1:]))
    except click.UsageError as error:
        pytest.fail(f"{' '.join(words)}: {error.format_message()}", pytrace=False)


@of_each_file
def test_every_action_is_pinned_by_its_digest_with_its_version_beside_it(file: Path) -> None:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if "uses:" in line]

    assert lines
    assert [line for line in lines if not PINNED.match(line)] == []


def test_an_action_has_the_same_digest_everywhere() -> None:
    texts = "".join(file.read_text(encoding="utf-8") for file in [*FILES, *ACTIONS])
    pins = set(re.findall(r"uses: ([\w./-]+)@(\S+ # \S+)", texts))

    assert len({name for name, _ in pins}) == len(pins)


@of_each_workflow
def test_nothing_is_permitted_but_what_a_job_names(file: Path) -> None:
    assert loaded(file)["permissions"] == {}
    for name, job in jobs(file).items():
        rights = job.get("permissions", {})
        assert set(rights.values()) <= {"read", "write"}, name
        written = {right for right, value in rights.items() if value == "write"}
        assert written <= {"id-token"} or written < WRITES, name


@of_each_workflow
def test_what_writes_to_github_gets_no_credentials_and_runs_no_code_of_the_repository(file: Path) -> None:
    for name, job in jobs(file).items():
        if WRITES & job.get("permissions", {}).keys():
            assert "id-token" not in job["permissions"], name
            assert not [each for each in job["steps"] if re.search(r"checkout|^\./", each.get("uses", ""))], name


@of_each_workflow
def test_every_job_ends_and_waits_for_the_variable(file: Path) -> None:
    for name, job in jobs(file).items():
        assert isinstance(job["timeout-minutes"], int), name
        variable = "PROOF" if file.stem == "proof" else "STACKS"
        assert "needs" in job or f"vars.{variable} != ''" in job["if"], f"{name} would run before it is set up"


def test_every_proof_of_the_night_is_a_target_of_make_that_takes_too_long_for_each_change() -> None:
    (job,) = jobs(ROOT / ".github" / "workflows" / "proof.yml").values()
    targets = job["strategy"]["matrix"]["target"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rows = DOCUMENT.read_text(encoding="utf-8").splitlines()
    (row,) = [each for each in rows if "`.github/workflows/proof.yml`" in each]

    assert set(targets) == {"test-faults", "scan", "bench", "audit"}
    assert [each for each in targets if not re.search(rf"^{each}:.*## ", makefile, re.MULTILINE)] == []
    assert set(re.findall(r"`make ([a-z-]+)`", row)) == set(targets)
    assert job["permissions"] == {"contents": "read"}


@of_each_workflow
def test_a_checkout_leaves_no_token_behind(file: Path) -> None:
    for each in steps(file):
        if each.get("uses", "").startswith("actions/checkout@"):
            assert each["with"]["persist-credentials"] is False


@of_each_file
def test_no_script_has_anything_put_into_it(file: Path) -> None:
    assert [each["run"] for each in steps(file) if "${{" in each.get("run", "")] == []


@of_each_file
def test_no_key_is_stored(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert not re.search(r"secrets\.AWS_|aws-access-key-id|aws-secret-access-key|pull_request_target", text)
    assert set(re.findall(r"secrets\.(\w+)", text)) <= {"PULUMI_ACCESS_TOKEN"}


def test_a_forks_pull_request_gets_no_role() -> None:
    (file,) = [each for each in FILES if each.stem == "pull-request"]

    assert "github.event.pull_request.head.repo.full_name == github.repository" in jobs(file)["look"]["if"]
    assert "look" in jobs(file)["comment"]["needs"]


def test_a_running_up_is_never_ended_and_has_its_environment() -> None:
    (file,) = [each for each in FILES if each.stem == "up"]
    job = jobs(file)["up"]

    assert job["concurrency"] == {"group": "up-${{ needs.choose.outputs.stack }}", "cancel-in-progress": False}
    assert job["environment"] == "${{ needs.choose.outputs.stack }}"
    (prepared,) = [each for each in job["steps"] if each.get("uses", "").startswith("./")]
    assert job["timeout-minutes"] * 60 < int(prepared["with"]["seconds"]), "the credentials outlast the job"


def test_the_set_up_sees_no_credentials() -> None:
    (file,) = ACTIONS
    done = [each.get("uses", each.get("name", "")).partition("@")[0] for each in steps(file)]

    assert done.index("Set up") < done.index("aws-actions/configure-aws-credentials")


@pytest.mark.linter
def test_actionlint_has_nothing_to_say() -> None:
    linter = built_linter(ROOT)
    if linter is None:
        pytest.fail("The linter of the workflows is not here yet: run `make cluster-binaries`.", pytrace=False)
    # Shellcheck and pyflakes are there on some machines only: with them the outcome would depend on the machine.
    done = subprocess.run(
        [linter, "-no-color", "-shellcheck=", "-pyflakes=", *FILES], cwd=ROOT, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_zizmor_has_nothing_to_say() -> None:
    auditor = Path(sys.executable).with_name("zizmor")
    assert auditor.exists(), "zizmor is not installed: run `make setup`"
    done = subprocess.run(
        [auditor, "--offline", "--no-progress", "--quiet", "--format=plain", ROOT / ".github"],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr


# What the scripts do: as they stand in the workflows, with a `gh` that notes how it was called.
GH = """
import json, sys
if "--slurp" in sys.argv:
    print(open("answer.json").read())
else:
    with open("calls", "a") as calls:
        calls.write(json.dumps(sys.argv[1:]) + "\\n")
"""
BOT = {"login": "github-actions[bot]"}
SHELLS = {
    # As GitHub runs a step with each `shell`.
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"],
    "python": [sys.executable, "-c"],
}


class Runner:
    """A folder in which a step's script runs. ``answer`` is what GitHub has of comments or issues, in two pages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        self.program("gh", f"#!{sys.executable}\n{GH}")
        self.answer: list[dict[str, Any]] = []

    def program(self, name: str, text: str) -> None:
        file = self.folder / "bin" / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)

    def changes(self, of: dict[str, Any], **environment: str) -> list[list[str]]:
        """Run a step; the calls of `gh` that change something."""
        (self.folder / "answer.json").write_text(json.dumps([self.answer[:1], self.answer[1:]]), encoding="utf-8")
        (self.folder / "calls").write_text("", encoding="utf-8")
        done = self.run(of, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line) for line in (self.folder / "calls").read_text(encoding="utf-8").splitlines()]

    def run(self, of: dict[str, Any], **environment: str) -> "subprocess.CompletedProcess[str]":
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [*SHELLS[of["shell"]], of["run"]],
            cwd=self.folder,
            env={"PATH": path, **environment},
            capture_output=True,
            text=True,
        )


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def drift(found: int, *, why: str = "") -> str:
    """What `ray-platform drift` writes of a group that somebody made larger, and of a role that could not be read."""
    size = Property(path="scalingConfig.maxSize", expected=4, found=found)
    group = Item(urn="urn:a", type="Group", name="a", component="pools", kind="changed", properties=(size,))
    role = Item(urn="urn:b", type="Role", name="b", component="roles", kind="unreadable", why=why)
    return DriftReport(items=(group, role), left_out=()).markdown()


def open_issue(runner: Runner, text: str) -> list[list[str]]:
    (runner.folder / "drifts").mkdir(exist_ok=True)
    (runner.folder / "drifts" / "dev.md").write_text(text, encoding="utf-8")
    return runner.changes(step("drift", "Open, rewrite or close the issue of each stack"), GH_REPO="acme/ray")


def filed(runner: Runner, *, user: dict[str, str] = BOT) -> None:
    """What was written into the body is now an open issue, behind one of somebody else with the same words."""
    body = (runner.folder / "body.md").read_text(encoding="utf-8")
    copied = {"number": 6, "user": {"login": "somebody"}, "body": body}
    runner.answer = [copied, {"number": 7, "user": user, "body": body}]


def test_the_first_drift_opens_an_issue(runner: Runner) -> None:
    runner.answer = [{"number": 1, "user": BOT, "body": None}, {"number": 2, "user": BOT, "body": "Something else"}]

    created = ["issue", "create", "--title", "Drift of dev", "--body-file", "body.md"]
    assert open_issue(runner, drift(9)) == [created]
    body = (runner.folder / "body.md").read_text(encoding="utf-8")
    assert body.startswith("<!-- ray-platform: drift of dev -->\n<!-- ray-platform drift ")
    assert body.endswith(f"\n\n{drift(9)}")


def test_the_same_drift_is_never_filed_twice(runner: Runner) -> None:
    open_issue(runner, drift(9, why="request 1 was throttled"))
    filed(runner)

    assert open_issue(runner, drift(9, why="request 2 was throttled")) == []


def test_another_drift_rewrites_the_issue(runner: Runner) -> None:
    open_issue(runner, drift(9))
    filed(runner)

    assert open_issue(runner, drift(12)) == [["issue", "edit", "7", "--body-file", "body.md"]]


def test_an_issue_of_somebody_else_is_left_alone(runner: Runner) -> None:
    open_issue(runner, drift(9))
    filed(runner, user={"login": "mallory"})

    assert open_issue(runner, drift(9))[0][:2] == ["issue", "create"]


def test_the_issue_is_closed_when_the_drift_is_gone(runner: Runner) -> None:
    assert open_issue(runner, "") == []
    open_issue(runner, drift(9))
    filed(runner)

    assert open_issue(runner, "") == [["issue", "close", "7", "--comment", "The drift is gone."]]


@pytest.mark.parametrize(("status", "ends", "text"), [(0, 0, ""), (3, 0, "told\n"), (1, 1, "told\n"), (2, 2, "told\n")])
def test_drift_is_no_failure_and_a_failure_is_no_drift(runner: Runner, status: int, ends: int, text: str) -> None:
    runner.program("ray-platform", f'#!/bin/sh\nfor last; do :; done; echo told > "$last"; exit {status}\n')

    assert runner.run(step("drift", "Look for drift"), STACK="dev").returncode == ends
    assert (runner.folder / "drift" / "dev.md").read_text(encoding="utf-8") == text


def test_a_check_that_finds_something_fails_the_job_and_is_kept(runner: Runner) -> None:
    runner.program("ray-platform", "#!/bin/sh\necho 'too few addresses'; exit 1\n")

    assert runner.run(step("pull-request", "Check"), STACK="dev").returncode == 1
    assert (runner.folder / "look" / "dev.txt").read_text(encoding="utf-8") == "too few addresses\n"


def comment(runner: Runner, **looks: str) -> list[list[str]]:
    (runner.folder / "looks").mkdir()
    for name, text in looks.items():
        stack, _, suffix = name.rpartition("_")
        (runner.folder / "looks" / f"{stack}.{suffix}").write_text(text, encoding="utf-8")
    written = step("pull-request", "Write or rewrite the comment")
    return runner.changes(written, GITHUB_REPOSITORY="acme/ray", NUMBER="12", COMMIT="abc", RUN="https://example.com/1")


def test_the_comment_has_each_stacks_check_and_preview(runner: Runner) -> None:
    (call,) = comment(runner, dev_txt="sound\n", dev_md="3 to create\n", prod_txt="too few addresses\n")

    assert call[:4] == ["api", "--method", "POST", "repos/acme/ray/issues/12/comments"]
    text = (runner.folder / "comment.md").read_text(encoding="utf-8")
    assert text.startswith("<!-- ray-platform: check and preview -->\n")
    for part in ("## dev", "sound", "3 to create", "## prod", "too few addresses", "There is no preview"):
        assert part in text


def test_a_second_run_rewrites_the_comment(runner: Runner) -> None:
    mark = "<!-- ray-platform: check and preview -->\n"
    others = [{"id": 3, "user": BOT, "body": "Another workflow's"}, {"id": 4, "user": {"login": "x"}, "body": mark}]
    runner.answer = [*others, {"id": 5, "user": BOT, "body": mark}]
    (call,) = comment(runner, dev_txt="sound\n")

    assert call[:4] == ["api", "--method", "PATCH", "repos/acme/ray/issues/comments/5"]


def test_a_comment_is_cut_to_what_github_takes(runner: Runner) -> None:
    comment(runner, dev_txt="sound\n", dev_md="ä" * 70_000)
    text = (runner.folder / "comment.md").read_text(encoding="utf-8")

    assert len(text) <= 65_536
    assert text.endswith("The rest is among the artifacts.\n")


@pytest.mark.parametrize(
    ("stack", "ends", "chosen"),
    [("prod", 0, "stack=prod\nregion=eu-west-1\n"), ("prdo", 1, "")],
)
def test_a_stack_that_is_not_listed_is_refused(runner: Runner, stack: str, ends: int, chosen: str) -> None:
    stacks = '[{"name": "dev", "region": "us-east-1"}, {"name": "prod", "region": "eu-west-1"}]'
    output = runner.folder / "output"
    output.touch()
    done = runner.run(step("up", "Choose"), STACKS=stacks, STACK=stack, GITHUB_OUTPUT=str(output))

    assert done.returncode == ends
    assert output.read_text(encoding="utf-8") == chosen
    assert ends == 0 or f"no stack {stack}" in done.stderr


def test_the_document_has_every_file_variable_and_secret() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    texts = "".join(file.read_text(encoding="utf-8") for file in [*FILES, *ACTIONS])
    named = set(re.findall(r"\b(?:vars|secrets)\.([A-Z_]+)", texts))

    assert {"STACKS", "PULUMI_BACKEND_URL", "AWS_APPLY_ROLE_ARN"} <= named
    assert [name for name in sorted(named) if f"`{name}`" not in document] == []
    assert [file.name for file in FILES if f"`.github/workflows/{file.name}`" not in document] == []


def test_the_document_has_every_way_in_which_a_command_ends() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    section = document.partition("## How a command ends")[2].partition("\n## ")[0]

    assert [int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)] == [int(each) for each in Exit]
