"""The result as tables for docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ray_platform.generated import GeneratedPart
from tools.bench.figures import Target, targets

PART: Final = GeneratedPart(document=Path("docs/performance.md"), command="python -m tools.bench --write")


def tables(result: Mapping[str, Any]) -> str:
    """Everything that was measured, the targets first."""
    return "\n\n".join(
        "\n".join(rows)
        for rows in (_targets(result), _runs(result), _machine(result), _growth(result), _memory(result))
    )


def _targets(result: Mapping[str, Any]) -> Iterator[str]:
    yield from ("| figure | measured | at most |", "|---|---|---|")
    for each in targets(result):
        yield f"| {each.name} | {_measured(each)} | {each.at_most:g} |"


def _runs(result: Mapping[str, Any]) -> Iterator[str]:
    """The judged figures of each run that the result keeps, the newest last."""
    bounds = {each.name: each for each in targets(result)}
    yield f"| run | {' | '.join(bounds)} |"
    yield "|---" * (len(bounds) + 1) + "|"
    for number, run in enumerate(result["runs"], start=1):
        told = (_measured(replace(each, value=run["figures"][name])) for name, each in bounds.items())
        yield f"| {number}, {run['date']} | {' | '.join(told)} |"


def _measured(target: Target) -> str:
    return f"{target.value:.2f}{'' if target.met else ' **missed**'}"


def _machine(result: Mapping[str, Any]) -> Iterator[str]:
    made, program, side, imports = (result[key] for key in ("made", "program", "sideBySide", "imports"))
    yield (
        f"Measured on {made['date']} with Python {made['python']} on {made['cores']} cores, pulumi {made['pulumi']}, "
        f"pulumi-aws {made['pulumi-aws']}, pulumi-eks {made['pulumi-eks']}, "
        f"pulumi-kubernetes {made['pulumi-kubernetes']}. {_rounds(made['rounds'])}"
    )
    yield ""
    yield from ("| what | seconds | against | seconds |", "|---|---|---|---|")
    for verb in ("preview", "up"):
        each = program[verb]
        yield (
            f"| `{verb}` of dev, {program['resources']} resources | {each['seconds']:.2f} | the floor | "
            f"{each['floorSeconds']:.2f} |"
        )
    yield (
        f"| `preview --all`, {side['stacks']} stacks, {side['parallel']} at a time, {side['right']} of them right | "
        f"{side['seconds']:.1f} | one alone | {side['aloneSeconds']:.2f} |"
    )
    yield f"| imports | {imports['seconds']:.2f} | `import pulumi` | {imports['pulumiSeconds']:.2f} |"


def _rounds(rounds: Mapping[str, int]) -> str:
    return (
        f"Medians of rounds: {rounds['program']} of the imports, of dev's `preview` and of its `up`; with each number "
        f"of pools {rounds['recorded']} of the program alone and {rounds['pools']} of the previews. The stacks side by "
        "side ran once."
    )


def _growth(result: Mapping[str, Any]) -> Iterator[str]:
    growth = result["growth"]
    yield from (
        "| pools | resources | program alone, s | preview, s | floor's preview, s | ratio | peak memory, MiB |",
        "|---|---|---|---|---|---|---|",
    )
    preview = growth["preview"]
    for row in zip(
        growth["pools"],
        growth["resources"],
        growth["recorded"]["seconds"],
        preview["seconds"],
        preview["floorSeconds"],
        preview["ratios"],
        growth["peakMib"],
        strict=True,
    ):
        yield f"| {' | '.join(str(each) for each in row)} |"
    yield (
        f"| an added pool, far against near | | {growth['recorded']['bend']:.2f} | {preview['bend']:.2f} | "
        f"{preview['floorBend']:.2f} | | |"
    )


def _memory(result: Mapping[str, Any]) -> Iterator[str]:
    program, growth = result["program"], result["growth"]
    yield (
        f"Peak memory of the program's process for dev: {program['peakMib']:.0f} MiB, of the floor's "
        f"{program['floorPeakMib']:.0f} MiB; each added pool takes {growth['mibPerPool']:.2f} MiB."
    )
