"""How an operation that fails is told."""

from __future__ import annotations

import pytest
from pulumi.automation import CommandResult
from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from ray_platform.pipeline.events import Message
from ray_platform.pipeline.operation import Told, failure


def error(stderr: str, kind: type[CommandError] = CommandError) -> CommandError:
    return kind(CommandResult(stdout="", stderr=stderr, code=255))


def told(*errors: str) -> Told:
    heard = Told()
    for each in errors:
        heard.take(Message(severity="error", text=each, urn=""))
    return heard


def test_what_the_engine_said_is_the_reason_each_once() -> None:
    failed = failure(error("update failed"), told("no such role", "no such role", "no such key"), "dev")

    assert (failed.reason, failed.messages) == ("failed", ["no such role", "no such key"])


def test_what_stops_the_engine_before_it_begins_is_read_from_its_standard_error() -> None:
    assert failure(error("error: no passphrase"), Told(), "dev").messages == ["error: no passphrase"]


@pytest.mark.parametrize(
    ("stderr", "who"),
    [
        ("locked by 1 lock(s)\n  file:///s/l.json: created by ann@host (pid 12) at 2026-11-23T10:00:00Z", "ann@host"),
        ("error: failed to load checkpoint: EOF", "was being written"),
    ],
)
def test_a_lock_is_told_with_its_holder_and_what_to_do(stderr: str, who: str) -> None:
    failed = failure(error(stderr), Told(), "dev")

    assert failed.reason == "locked"
    assert "Somebody else is changing dev" in failed.messages[0] and who in failed.messages[0]
    assert "pulumi cancel --stack dev" in failed.messages[0]


def test_pulumi_clouds_word_of_another_update_is_a_lock_too() -> None:
    failed = failure(error("[409] Conflict", ConcurrentUpdateError), Told(), "dev")

    assert failed.reason == "locked" and "another update is under way" in failed.messages[0]


@pytest.mark.parametrize(
    ("message", "refused"),
    [
        ('resource "urn" cannot be deleted\nbecause it is protected. To unprotect', True),
        ('unable to replace resource "urn"\nas it is currently marked for protection. To unprotect', True),
        ("AccessDenied", False),
    ],
)
def test_what_is_protected_is_known_by_the_engines_words(message: str, refused: bool) -> None:
    assert failure(error("preview failed"), told(message), "dev").is_protected is refused


def test_a_refusal_of_the_program_is_bad_config() -> None:
    message = "1 problem in the stack configuration; nothing was created or changed.\n\n1. …"

    assert failure(error("preview failed"), told(message), "dev").is_bad_config
    assert not failure(error("preview failed"), told("AccessDenied"), "dev").is_bad_config
