"""Builds programs with the Go modules under tools/, each of which pins by its go.sum every byte that goes in."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap.progress import TAIL_LINES, ProgramFailed, SetupError, run


@dataclass(frozen=True, kw_only=True)
class GoModule:
    """A module of ours. `title` is what it gives; `instead` is what one may install in the place of Go, if anything."""

    directory: Path
    title: str
    instead: str = ""

    def go_version(self) -> str:
        """The oldest Go that builds it."""
        return str(re.findall(r"^go (\S+)$", self._text(), re.MULTILINE)[0])

    def version_of(self, path: str) -> str:
        """The version, without its v, at which this module requires another by name."""
        found = re.search(rf"^require {re.escape(path)} v(\S+)$", self._text(), re.MULTILINE)
        if found is None:
            raise SetupError(f"{self.directory / 'go.mod'} has no line `require {path} vVERSION`: put it back.")
        return found[1]

    def _text(self) -> str:
        return (self.directory / "go.mod").read_text()


def find_go(module: GoModule) -> str:
    """A go command that accepts the module's `go` line; getting a newer toolchain is Go's own affair."""
    alternative = f", or {module.instead}" if module.instead else ""
    remedy = f"install Go {module.go_version()} or later{alternative}, then run the same command again."
    go = shutil.which("go")
    if go is None:
        raise SetupError(f"There is no Go on PATH to build {module.title} with: {remedy}")
    try:
        run([go, "env", "GOVERSION"], doing="asking Go for its version", cwd=module.directory)
    except ProgramFailed as failure:
        raise failure.explain(f"The Go on PATH is too old to build {module.title}: {remedy}") from failure
    return go


def build(module: GoModule, package: str, program: Path, *, doing: str, linked: Mapping[str, str]) -> None:
    """Builds a package of the module, or of one that it requires, into the file `program`.

    `linked` are the variables that the linker sets. Raises SetupError.
    """
    go = find_go(module)
    linker = " ".join(["-s -w", *(f"-X {variable}={value}" for variable, value in linked.items())])
    options = ["-mod=readonly", "-buildvcs=false", "-trimpath", "-v", "-ldflags", linker]
    program.parent.mkdir(parents=True, exist_ok=True)
    try:
        run(
            [go, "build", *options, "-o", program, package],
            doing=doing,
            cwd=module.directory,
            # Without C it needs neither a compiler here nor this machine's libc where the cache is shared.
            env=os.environ | {"CGO_ENABLED": "0"},
        )
    except ProgramFailed as failure:
        alternative = f" or install {module.instead}" if module.instead else ""
        raise failure.explain(
            f"Building {module.title} failed (the last lines are above): see to the connection to the Go module "
            f"proxy{alternative}, then run the same command again."
        ) from failure


def source_of(module: GoModule, path: str) -> Path:
    """Where Go keeps the source of a module that this one requires; it fetches what is not there yet."""
    # `go list` names the directory only when the module is there already.
    command = [find_go(module), "mod", "download", "-json", path]
    done = subprocess.run(command, cwd=module.directory, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    directory = json.loads(done.stdout or "{}").get("Dir")
    if not directory:
        raise ProgramFailed(done.stderr.splitlines()[-TAIL_LINES:]).explain(
            f"Go does not give the source of {path}: see to the connection to the Go module proxy, "
            "then run the same command again."
        )
    return Path(directory)
