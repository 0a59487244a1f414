"""Secrets in the repository and in an exported state: what is planted is found, and nothing else is there.

The secrets are put together here, so that this file holds none.
"""

from __future__ import annotations

import base64
import fnmatch
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ray_platform.marks import SECRET_VALUE, SIGNATURE
from tools.bootstrap.steps import ROOT
from tools.dependencies import exceptions, leaks

FIXTURE = ROOT / "tests" / "engine" / "fixtures" / "previous-release.json.gz"
AWS_KEY = "AKIA" + "Q7XZ2LM4KP9RT3WB"
GITHUB_TOKEN = "ghp_" + "ray0Ray1Ray2" * 3
JWT = ".".join(
    base64.urlsafe_b64encode(each).decode().rstrip("=") for each in (b'{"alg":"HS256"}', b'{"sub":"1"}', b"s")
)
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n"
EKS_TOKEN = "k8s-aws-" + "v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdz"
MARK = {SIGNATURE: SECRET_VALUE}
EXEC = {"exec": {"command": "aws", "args": ["eks", "get-token"]}}


@pytest.fixture(scope="module")
def deployment() -> dict[str, Any]:
    """The state of the demo's stack dev, as an earlier release made it."""
    content: dict[str, Any] = json.loads(gzip.decompress(FIXTURE.read_bytes()))["state"]["deployment"]
    return content


def state(**outputs: Any) -> dict[str, Any]:
    return {"resources": [{"type": "a:b:C", "urn": "urn:pulumi:dev::p::a:b:C::name", "outputs": outputs}]}


def kubeconfig(**user: Any) -> dict[str, Any]:
    return {"clusters": [{"cluster": {"server": "https://host"}}], "users": [{"name": "u", "user": user}]}


def secret(**content: Any) -> dict[str, Any]:
    return {"kind": "Secret", "metadata": {"name": "ray"}, **content}


def test_the_state_of_the_demo_holds_no_secret_in_clear(deployment: dict[str, Any]) -> None:
    assert leaks.in_state(deployment) == []


def test_each_excepted_kubeconfig_is_there_and_each_one_that_is_there_is_named(
    deployment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    patterns = exceptions.excepted("kubeconfigs")
    monkeypatch.setattr(exceptions, "excepted", lambda _: {})
    found = [line.rpartition(": ") for line in leaks.in_state(deployment)]
    assert {what for *_, what in found} == {"a kubeconfig in clear"}
    places = [place for place, *_ in found]
    assert [each for each in patterns if not fnmatch.filter(places, each)] == []
    assert [each for each in places if not any(fnmatch.fnmatchcase(each, pattern) for pattern in patterns)] == []


def test_a_secret_that_the_caller_knows_is_found_anywhere(deployment: dict[str, Any]) -> None:
    token = "correct horse battery"
    assert leaks.in_state(deployment, known=[token]) == []
    in_base64 = base64.b64encode(token.encode()).decode()
    for text in (f"--token={token}", f"x {in_base64}"):
        assert leaks.in_state(state(command=text), known=[token]) == ["a:b:C name: a secret that was looked for"]


@pytest.mark.parametrize(
    ("outputs", "what"),
    [
        ({"a": {"b": [f"export KEY={AWS_KEY}"]}}, "outputs.a.b[0]: AWS Access Key"),
        ({"a": GITHUB_TOKEN}, "outputs.a: GitHub Token"),
        ({"a": f"Bearer {JWT}"}, "outputs.a: JSON Web Token"),
        ({"a": PRIVATE_KEY}, "outputs.a: Private Key"),
        ({"a": base64.b64encode(PRIVATE_KEY.encode()).decode()}, "outputs.a: Private Key"),
        ({"a": json.dumps({"b": PRIVATE_KEY})}, "outputs.a.b: Private Key"),
        ({"a": "https://me:" + "hunter22@host/"}, "outputs.a: Basic Auth Credentials"),
        ({"a": EKS_TOKEN}, "outputs.a: EKS token"),
        ({"rayAuthToken": "abc"}, "outputs.rayAuthToken: a value whose name says that it is secret"),
        ({"db-password": "abc"}, "outputs.db-password: a value whose name says that it is secret"),
        ({"accessKeys": "abc"}, "outputs.accessKeys: a value whose name says that it is secret"),
        ({"password": ["abc"]}, "outputs.password[0]: a value whose name says that it is secret"),
        ({"tokens": [["abc"]]}, "outputs.tokens[0][0]: a value whose name says that it is secret"),
        ({"a": MARK | {"plaintext": '"x"'}}, "outputs.a: a secret, exported in clear"),
        ({"a": kubeconfig(**EXEC)}, "outputs.a: a kubeconfig in clear"),
        ({"a": secret(data={"auth_token": "eA=="})}, "outputs.a: a Kubernetes Secret in clear"),
        ({"a": secret(stringData={"x": "y"})}, "outputs.a: a Kubernetes Secret in clear"),
    ],
)
def test_what_is_planted_in_a_state_is_found_and_not_repeated(outputs: dict[str, Any], what: str) -> None:
    assert leaks.in_state(state(**outputs)) == [f"a:b:C name {what}"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (kubeconfig(token="x"), "token"),
        (json.dumps(kubeconfig(**{"client-key-data": "x"})), "client-key-data"),
        ("clusters: []\nusers:\n- user: {password: x}\n", "password"),
    ],
)
def test_a_kubeconfig_with_credentials_is_told_with_where_they_are(given: object, name: str) -> None:
    assert leaks.in_state(state(a=given)) == [
        "a:b:C name outputs.a: a kubeconfig with credentials",
        f"a:b:C name outputs.a.users[0].user.{name}: a value whose name says that it is secret",
    ]


@pytest.mark.parametrize(
    "outputs",
    [
        {"kubeconfig": MARK | {"ciphertext": "v1:x"}},
        {"a": secret(data=MARK | {"ciphertext": "v1:x"})},
        {"a": secret(data={"x": MARK | {"ciphertext": "v1:x"}})},
        {"rayTokenCommand": "kubectl get secret ray", "authOptions": {"mode": "token"}},
        {"token": "", "arn": "arn:aws:kms:us-east-1:123456789012:key/0f3c", "policy": '{"Statement": []}'},
    ],
)
def test_what_is_encrypted_or_no_secret_is_not_told(outputs: dict[str, Any]) -> None:
    assert leaks.in_state(state(**outputs)) == []


def test_an_exception_does_not_cover_a_kubeconfig_with_credentials() -> None:
    given = state(kubeconfig=kubeconfig(token="x"))
    given["resources"][0] |= {"type": "eks:index:Cluster", "urn": "urn:pulumi:dev::p::eks:index:Cluster::ray-dev"}
    where = "eks:index:Cluster ray-dev outputs.kubeconfig"
    assert leaks.in_state(given)[0] == f"{where}: a kubeconfig with credentials"
    given["resources"][0]["outputs"] = {"kubeconfig": kubeconfig(**EXEC)}
    assert leaks.in_state(given) == []


def test_an_exception_does_not_cover_what_stands_in_a_kubeconfig_beside_the_credentials_of_its_users() -> None:
    environment = {"exec": EXEC["exec"] | {"env": [{"name": "AWS_ACCESS_KEY_ID", "value": AWS_KEY}]}}
    server = {"clusters": [{"cluster": {"server": "https://me:" + "hunter22@host"}}]}
    given = state(kubeconfig=kubeconfig(**environment) | server)
    given["resources"][0] |= {"type": "eks:index:Cluster", "urn": "urn:pulumi:dev::p::eks:index:Cluster::ray-dev"}
    where = "eks:index:Cluster ray-dev outputs.kubeconfig"
    assert leaks.in_state(given) == [
        f"{where}.clusters[0].cluster.server: Basic Auth Credentials",
        f"{where}.users[0].user.exec.env[0].value: AWS Access Key",
    ]


def test_what_is_pending_is_looked_at_too() -> None:
    (resource,) = state(a=AWS_KEY)["resources"]
    assert leaks.in_state({"pending_operations": [{"type": "creating", "resource": resource}]}) != []


def test_a_state_of_nothing_is_not_called_clean() -> None:
    with pytest.raises(ValueError, match="nothing was looked at"):
        leaks.in_state({})


def test_what_is_planted_in_a_file_is_found_even_where_a_comment_lets_it_pass(tmp_path: Path) -> None:
    lines = [f'key = "{AWS_KEY}"  # pragma: allowlist secret', 'name = "ray"', PRIVATE_KEY, f'token = "{GITHUB_TOKEN}"']
    file = tmp_path / "settings.py"
    file.write_text("\n".join(lines))
    found = {(line, kind) for _, line, kind, _ in leaks.in_files([file])}
    assert {(1, "AWS Access Key"), (3, "Private Key"), (6, "GitHub Token")} <= found
    assert 2 not in {line for line, _ in found}


def test_a_repository_is_refused_for_a_secret_and_for_a_needless_exception(tmp_path: Path) -> None:
    """By its own exceptions: those of this repository are not those of another tree."""
    place, value = tmp_path / exceptions.FILE, hashlib.sha256(b"ray").hexdigest()[:32]
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps({"values": {value: "made up", SIGNATURE: "not there"}}))
    (tmp_path / ".venv").mkdir()
    for settings in (tmp_path / "settings.py", tmp_path / ".venv" / "settings.py"):
        settings.write_text(f'key = "{AWS_KEY}"\nname = "{value}"\n')
    first, *others = leaks.in_repository(tmp_path)
    assert first == "settings.py:1: AWS Access Key"
    (needless,) = [line for line in others if "nothing matches" in line]
    assert SIGNATURE in needless
    assert not any(line.startswith((".venv", "settings.py:2")) for line in others)
