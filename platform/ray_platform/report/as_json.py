"""The report as one JSON document, for pipelines. docs/check.md describes it; ``SCHEMA`` grows when a key changes."""

import json
from collections.abc import Sequence
from typing import Any, Final

from ray_platform.plan.picture import Box, Picture
from ray_platform.plan.timeline import Timeline
from ray_platform.report.model import SEVERITIES, Report

SCHEMA: Final = 1


def render(report: Report) -> str:
    return json.dumps(document(report), indent=2, ensure_ascii=False)


def render_picture(report: Report, files: Sequence[str]) -> str:
    """The picture alone, and the files that it was written to."""
    whole = document(report)
    return json.dumps({**{key: whole[key] for key in ("schema", "stack", "picture")}, "files": list(files)}, indent=2)


def document(report: Report) -> dict[str, Any]:
    """The same keys for every report; a part that could not be worked out is null."""
    return {
        "schema": SCHEMA,
        "stack": report.stack,
        "region": report.region,
        "checkedOn": report.checked_on.isoformat(),
        "simulated": report.simulated,
        "checks": report.checks,
        "counts": {severity: report.count(severity) for severity in SEVERITIES},
        "findings": [finding.as_dict() for finding in report.findings],
        "cost": report.cost.as_dict() if report.cost else None,
        "time": _time(report.timeline) if report.timeline else None,
        "picture": _picture(report.picture) if report.picture else None,
    }


def _time(timeline: Timeline) -> dict[str, Any]:
    return {
        "secondsToReady": timeline.time_to_ready,
        "criticalPath": [
            {"name": step.name, "type": step.token, "start": step.start, "seconds": step.seconds}
            for step in timeline.notable_path
        ],
    }


def _picture(picture: Picture) -> dict[str, Any]:
    return {
        "boxes": [_box(box) for box in picture.boxes],
        "arrows": [
            {"before": arrow.before, "after": arrow.after, "critical": arrow.critical} for arrow in picture.arrows
        ],
    }


def _box(box: Box) -> dict[str, Any]:
    return {
        "name": box.name,
        "kind": box.kind,
        "resources": box.resources,
        "start": box.start,
        "finish": box.finish,
        "critical": box.critical,
        "steps": [{"label": step.label, "seconds": step.seconds, "critical": step.critical} for step in box.steps],
    }
