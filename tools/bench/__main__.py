"""`python -m tools.bench`, or `make bench`: every measurement, the targets, and with `--write` what is in docs/.

In the repository's root. Ends with 1 when a target is missed, and names it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from tools.bench import chart, document, figures, measure
from tools.bench.engine import OperationFailed

RESULT: Final = Path("docs/performance.json")
CHART: Final = Path("docs/performance.svg")
PACKAGES: Final = ("pulumi", "pulumi-aws", "pulumi-eks", "pulumi-kubernetes")
# What takes long has fewer rounds: the ratios of a preview of 200 pools vary less than those of one of dev.
ROUNDS: Final = {"program": 5, "recorded": 3, "pools": 3}
QUICK_ROUNDS: Final = {"program": 2, "recorded": 1, "pools": 1}


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        result = _measured(QUICK_ROUNDS if chosen.quick else ROUNDS, chosen.date)
    except OperationFailed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    result["runs"] = figures.runs(result, json.loads(RESULT.read_text(encoding="utf-8")))
    if chosen.write:
        RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        CHART.write_text(chart.render(result), encoding="utf-8")
        document.PART.write(document.tables(result))
    else:
        print(json.dumps(result, indent=2))
    targets = figures.targets(result)
    for target in targets:
        _tell(str(target))
    return 0 if all(target.met for target in targets) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--write", action="store_true", help="write the result, the chart and the tables into docs/")
    parser.add_argument(
        "--date", type=date.fromisoformat, default=date.today(), help="the day of the result; otherwise today"
    )
    return parser


def _measured(rounds: Mapping[str, int], today: date) -> dict[str, Any]:
    return {
        "made": {
            "date": today.isoformat(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "rounds": dict(rounds),
            **{package: version(package) for package in PACKAGES},
        },
        "imports": measure.imports(rounds["program"], _tell),
        "program": measure.program(rounds["program"], today, _tell),
        "growth": measure.growth(rounds["recorded"], rounds["pools"], today, _tell),
        "sideBySide": measure.side_by_side(_tell),
    }


def _tell(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
