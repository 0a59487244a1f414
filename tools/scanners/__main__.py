"""The scanners over dev and prod: `python -m tools.scanners`, or `make scan`. Ends with 1 when anything is unexplained.

First it plants faults and has them found: what the scanners say of the stacks counts only while they see.
"""

from __future__ import annotations

import sys

from tests.support.graph import recorded
from tools.bootstrap import cache as caches
from tools.bootstrap.progress import SetupError, say
from tools.bootstrap.steps import ROOT
from tools.scanners import environment, planted
from tools.scanners.run import Scan, scan
from tools.scanners.verdict import Excepted, Finding, judge, load

EXCEPTIONS = ROOT / "tools" / "scanners" / "exceptions.yaml"
STACKS = ("dev", "prod")


def main() -> int:
    """Says what was judged and found; returns the exit status."""
    try:
        exceptions = load(EXCEPTIONS, STACKS)
        python = environment.ready(ROOT, caches.directory("scanners"))
        scans = {stack: scan(stack, recorded(stack), python) for stack in STACKS}
        blind = planted_and_unseen(
            scan("dev", planted.planted(recorded("dev"), planted.DEV), python), scans, exceptions
        )
    except (SetupError, ValueError, LookupError) as error:
        print(f"scan: {error}", file=sys.stderr)
        return 1
    for stack, each in scans.items():
        say(
            f"scan: {stack}: {each.resources} AWS resources, {each.policies} policies, {each.manifests} manifests; "
            f"{each.passed} checks of checkov passed, {len(each.findings)} findings"
        )
    return report(_all(scans), exceptions, blind)


def planted_and_unseen(faulty: Scan, scans: dict[str, Scan], exceptions: list[Excepted]) -> list[str]:
    """The planted faults that went unseen, or that an exception hides."""
    left = judge(faulty.findings, exceptions).unexplained
    return planted.unseen(planted.DEV, left, clean=scans["dev"].findings)


def report(findings: list[Finding], exceptions: list[Excepted], blind: list[str]) -> int:
    """Prints the verdict; 0 only when it is clean and every planted fault was seen."""
    verdict = judge(findings, exceptions)
    say(f"scan: {len(planted.DEV) - len(blind)} of {len(planted.DEV)} planted faults seen")
    say(f"scan: {sum(verdict.excused.values())} findings excepted by {len(exceptions)} exceptions with reasons")
    for line in (*map(str, verdict.unexplained), *verdict.idle, *(f"not seen: {fault}" for fault in blind)):
        say(f"  {line}")
    say(f"scan: {len(verdict.unexplained)} unexplained")
    return 0 if verdict.clean and not blind else 1


def _all(scans: dict[str, Scan]) -> list[Finding]:
    return [finding for each in scans.values() for finding in each.findings]


if __name__ == "__main__":
    sys.exit(main())
