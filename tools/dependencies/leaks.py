"""Secrets where they should not be: `python -m tools.dependencies.leaks` scans the repository.

Given files, it scans these as states, as `pulumi stack export` writes them. No finding repeats the secret.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import fnmatch
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from detect_secrets.core.scan import scan_file
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.settings import default_settings

from ray_platform.marks import SECRET_VALUE, SIGNATURE
from tools.bootstrap.steps import ROOT
from tools.dependencies import exceptions

# What is made here and not kept: .gitignore. Locks hold hashes only, thousands of them.
NOT_KEPT: Final = {
    ".git",
    ".venv",
    ".demo",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "dist",
}
# Secrets that have a form of their own. In a state, full of ids and hashes, a measure of entropy would only cry wolf.
DETECTORS: Final = (
    AWSKeyDetector(),
    BasicAuthDetector(),
    GitHubTokenDetector(),
    GitLabTokenDetector(),
    JwtTokenDetector(),
    PrivateKeyDetector(),
)
# A signed request for the caller's identity: what `aws eks get-token` hands to the Kubernetes API.
EKS_TOKEN: Final = re.compile(r"\bk8s-aws-v1\.[\w-]{20,}")
SECRET_NAME: Final = re.compile(
    r"(?i)(?:(?:password|passwd|secret_?string|(?:private|secret|access|api|client)[_-]?key(?:[_-]data)?)s?"
    # httpTokens of a launch template says whether who asks for the metadata of an instance needs a token.
    r"|token|(?<!http)tokens)"
    # A path may end within a list.
    r"(?:\[\d+\])*$"
)
CREDENTIALS: Final = {"token", "tokenFile", "password", "client-key-data", "client-key", "auth-provider"}
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")


def in_repository(root: Path) -> list[str]:
    """What looks like a secret in a text file, and each exception that nothing needs. Takes several seconds.

    The comment by which detect-secrets lets a line pass counts for nothing: exceptions are in one file.
    """
    allowed, used, found = exceptions.excepted("values", root), set[str](), list[str]()
    for file, line, kind, value in in_files(_kept(root)):
        if value in allowed:
            used.add(value)
        else:
            found.append(f"{file.relative_to(root)}:{line}: {kind}")
    return found + exceptions.unused("values", used, root)


def in_files(files: Iterable[Path]) -> Iterator[tuple[Path, int, str, str]]:
    """File, line, kind and value of each."""
    with default_settings() as settings:
        settings.disable_filters("detect_secrets.filters.allowlist.is_line_allowlisted")
        for file in files:
            for secret in scan_file(str(file)):
                yield file, secret.line_number, secret.type, secret.secret_value or ""


def in_state(deployment: Mapping[str, Any], *, known: Iterable[str] = ()) -> list[str]:
    """What an exported state holds in clear: keys, tokens, passwords, Kubernetes Secrets, kubeconfigs.

    `deployment` is the value of that key in an export. `known` are secrets that the caller knows, such as Ray's token:
    they may be nowhere, in base64 neither.
    """
    pending = [each["resource"] for each in deployment.get("pending_operations") or ()]
    resources = [*(deployment.get("resources") or ()), *pending]
    if not resources:
        raise ValueError("there is no resource in this state: nothing was looked at")
    plain = [form for value in known for form in (value, base64.b64encode(value.encode()).decode())]
    allowed, found = exceptions.excepted("kubeconfigs"), list[str]()
    for resource in resources:
        who = f"{resource['type']} {resource['urn'].rpartition('::')[2]}"
        found += [f"{who}: a secret that was looked for" for form in plain if form in json.dumps(resource)]
        for path, what, exceptable in _in_value("", resource):
            if not (exceptable and any(fnmatch.fnmatchcase(f"{who} {path}", each) for each in allowed)):
                found.append(f"{who} {path}: {what}")
    return found


def _in_value(path: str, value: object) -> Iterator[tuple[str, str, bool]]:
    """Path, what it is, and whether an exception may cover it."""
    if isinstance(value, Mapping):
        yield from _in_mapping(path, value)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _in_value(f"{path}[{index}]", each)
    elif isinstance(value, str):
        yield from _in_text(path, value)


def _in_mapping(path: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    if value.get(SIGNATURE) == SECRET_VALUE:
        if "ciphertext" not in value:
            yield path, "a secret, exported in clear", False
    elif value.keys() >= {"clusters", "users"}:
        users = [each.get("user") or {} for each in value["users"] or ()]
        open_ = any(CREDENTIALS & user.keys() for user in users)
        yield path, "a kubeconfig with credentials" if open_ else "a kubeconfig in clear", not open_
        # An exception allows that it stands there, not what may be in its server's address or in what it runs.
        yield from _in_values(path, value)
    elif value.get("kind") == "Secret" and any(_clear(value.get(key)) for key in ("data", "stringData")):
        yield path, "a Kubernetes Secret in clear", False
    else:
        yield from _in_values(path, value)


def _in_values(path: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    for key, each in value.items():
        yield from _in_value(f"{path}.{key}" if path else str(key), each)


def _clear(content: object) -> bool:
    """Whether there is something, and not all of it is encrypted."""
    if not isinstance(content, Mapping) or not content:
        return False
    if SIGNATURE in content:
        return "ciphertext" not in content
    return any(not isinstance(each, Mapping) or "ciphertext" not in each for each in content.values())


def _in_text(path: str, text: str) -> Iterator[tuple[str, str, bool]]:
    if SECRET_NAME.search(path) and text.strip():
        yield path, "a value whose name says that it is secret", False
        return
    for inner in (text, *_decoded(text)):
        document = _document(inner)
        if document is not None:
            yield from _in_value(path, document)
            continue
        kinds = [each.secret_type for each in DETECTORS if any(each.analyze_string(inner))]
        kinds += ["EKS token"] if EKS_TOKEN.search(inner) else []
        yield from ((path, kind, False) for kind in kinds)


def _decoded(text: str) -> list[str]:
    if not _BASE64.fullmatch(text):
        return []
    try:
        return [base64.b64decode(text, validate=True).decode()]
    except (binascii.Error, UnicodeDecodeError):
        return []


def _document(text: str) -> dict[str, Any] | list[Any] | None:
    """What stands in a text as JSON, or as the YAML of a kubeconfig or of an object of Kubernetes."""
    try:
        if text.lstrip()[:1] in ("{", "["):
            content = json.loads(text)
        elif re.search(r"^(?:clusters|users|kind):", text, re.MULTILINE):
            content = yaml.safe_load(text)
        else:
            return None
    except (json.JSONDecodeError, yaml.YAMLError):
        return None
    return content if isinstance(content, dict | list) else None


def _kept(root: Path) -> list[Path]:
    every = (each for each in root.rglob("*") if not NOT_KEPT & set(each.relative_to(root).parts))
    return sorted(each for each in every if each.is_file() and each.suffix != ".lock")


def main() -> None:
    """Scans and says what it found; exit code 1 when there is something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", nargs="*", type=Path, help="exports of a stack, instead of the repository")
    states: list[Path] = parser.parse_args().state
    found = [f"{file}: {leak}" for file in states for leak in in_state(json.loads(file.read_text())["deployment"])]
    found += [] if states else in_repository(ROOT)
    print("\n".join(found) or "no secrets in clear")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
