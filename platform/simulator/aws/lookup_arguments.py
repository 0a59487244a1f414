"""What every lookup makes of its arguments."""

from __future__ import annotations

from typing import Any

from simulator.account.resource import Refusal

NO_RESULT = "empty result"


def refuse_other_arguments(function: str, args: dict[str, Any], *known: str) -> None:
    """A lookup by anything but these would find another resource than AWS does, so it finds none."""
    others = sorted(key for key, value in args.items() if value is not None and key not in (*known, "region"))
    if others:
        raise Refusal("NotSimulated", f"the simulator looks up {function} by {', '.join(known)} only, not {others}")
