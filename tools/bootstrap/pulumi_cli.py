"""Finds a Pulumi CLI, or gets one: on PATH, in the cache, by Pulumi's own installer, built from source.

Every CLI this module returns is named ROOT/bin/pulumi, the only form that `PulumiCommand(root=ROOT)` takes.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap import cache as caches
from tools.bootstrap import environment, go_build
from tools.bootstrap.go_build import GoModule
from tools.bootstrap.progress import ProgramFailed, SetupError, duration, run, say

# On an open line the download takes a few seconds; where it is blocked without a word, this is what it costs.
DOWNLOAD_TIMEOUT_SECONDS = 60.0
INSTALL = (
    "import sys; from pulumi.automation import PulumiCommand; from semver import VersionInfo; "
    "PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))"
)
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"

Version = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Source:
    """One way to get a CLI. `fetch` fills a directory with bin/pulumi or raises SetupError."""

    title: str
    fetch: Callable[[Path], None]


def dotted(version: Version) -> str:
    return ".".join(map(str, version))


def parse_version(output: str) -> Version | None:
    """What `pulumi version` prints ("v3.259.0", "3.260.0-alpha.1+dirty"), or None when it is no version."""
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", output.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def pinned_version(root: Path) -> Version:
    """The version of the Python SDK in requirements.txt, which is the version of the CLI we get."""
    found = re.search(r"^pulumi==(\S+)$", (root / "requirements.txt").read_text(), re.MULTILINE)
    version = parse_version(found[1]) if found else None
    if version is None:
        raise SetupError("requirements.txt has no line `pulumi==MAJOR.MINOR.PATCH`: put it back.")
    return version


def is_recent_enough(version: Version, pinned: Version) -> bool:
    """Same major version, and not older than the SDK's minor version.

    An engine serves older SDKs; an SDK may use calls that an engine older than itself does not have.
    """
    return version[0] == pinned[0] and version[:2] >= pinned[:2]


def version_of(cli: Path) -> Version | None:
    """Asks a CLI for its version; None when it cannot be run or says something else."""
    environ = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run([cli, "version"], capture_output=True, text=True, timeout=30, env=environ)
        return parse_version(done.stdout) if done.returncode == 0 else None
    return None


def on_path(pinned: Version) -> Path | None:
    """The `pulumi` on PATH, when it is recent enough and in a directory named bin."""
    found = shutil.which("pulumi")
    if found is None:
        return None
    cli = Path(found).absolute()
    if cli.parent.name != "bin":
        cli = cli.resolve()
    version = version_of(cli)
    usable = version is not None and is_recent_enough(version, pinned)
    return cli if usable and cli.match("bin/pulumi") else None


def cached(cache: Path, version: Version) -> Path | None:
    """The finished CLI in the cache. It was checked before it got its name, so it is not run again here."""
    cli = cache / dotted(version) / "bin" / "pulumi"
    return cli if os.access(cli, os.X_OK) else None


def find(pinned: Version, cache: Path) -> Path | None:
    """A CLI that is on this machine already; needs no network."""
    return on_path(pinned) or cached(cache, pinned)


def obtain(pinned: Version, cache: Path, sources: Sequence[Source]) -> Path:
    """Gets the CLI from the first source that has it. Only one set-up at a time may be in here.

    Each source works in a directory of its own, which takes its final name in one step and only after the CLI
    in it has told its version. Raises the SetupError of the last source when none has it.
    """
    caches.clear_leftovers(cache)
    *earlier, last = sources
    for source in earlier:
        try:
            return _fetch(source, pinned, cache)
        except SetupError as error:
            say(f"        that did not work: {error}")
    return _fetch(last, pinned, cache)


def _fetch(source: Source, pinned: Version, cache: Path) -> Path:
    say(f"        {source.title}")
    final = cache / dotted(pinned)
    with caches.made_whole(final) as content:
        source.fetch(content)
        version = version_of(content / "bin" / "pulumi")
        if version != pinned:
            raise SetupError(f"the CLI it gave is {version and dotted(version)} and not {dotted(pinned)}.")
    return final / "bin" / "pulumi"


def sources(root: Path, version: Version) -> tuple[Source, ...]:
    """The two ways to get a CLI, the quick one first."""
    return (
        Source(
            title=f"downloading it by Pulumi's own installer (at most {duration(DOWNLOAD_TIMEOUT_SECONDS)})",
            fetch=functools.partial(download, root=root, version=version),
        ),
        Source(
            title="building it from source (about 3-6 min on two cores, once)",
            fetch=functools.partial(build, root=root, version=version),
        ),
    )


def download(content: Path, *, root: Path, version: Version) -> None:
    """Pulumi's own installer, in a process that can be ended: its download has no time limit."""
    try:
        run(
            [environment.python(root), "-c", INSTALL, content, dotted(version)],
            doing="downloading the Pulumi CLI",
            timeout=DOWNLOAD_TIMEOUT_SECONDS,
        )
    except ProgramFailed as failure:
        raise SetupError(str(failure)) from failure


def go_module(root: Path, version: Version) -> GoModule:
    """The module of the CLI at its pinned version."""
    return GoModule(
        directory=root / "tools" / "pulumi-cli",
        title="the Pulumi CLI",
        instead=f"the Pulumi CLI {dotted(version)} or later",
    )


def build(content: Path, *, root: Path, version: Version) -> None:
    """Builds the CLI with the pinned Go module under tools/. Such a CLI has no language hosts."""
    go_build.build(
        go_module(root, version),
        PACKAGE,
        content / "bin" / "pulumi",
        doing="building the Pulumi CLI from source (about 3-6 min on two cores)",
        linked={VERSION_VARIABLE: dotted(version)},
    )
