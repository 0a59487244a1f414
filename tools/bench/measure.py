"""The measurements, one after the other. Each is a ratio between things that ran in turns in the same minutes."""

from __future__ import annotations

import json
import pickle
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from ray_platform.checks.facts import Facts
from ray_platform.config.stack_file import project_name
from ray_platform.plan.recorder import record
from ray_platform.survey.read import survey
from simulator.reads import SimulatedEnvironment
from tools.bench import figures, stacks
from tools.bench.engine import PROGRAM, Engine, Operation, OperationFailed, Ran, engine, in_own_process
from tools.bench.floor import described
from tools.bench.recorded import Series
from tools.bootstrap.steps import ROOT

Tell = Callable[[str], None]
Figures = dict[str, Any]

BARE_PROGRAM: Final = Path(__file__).with_name("bare_program.py")
STACK: Final = "dev"
FLOOR_FILE: Final = "floor.json"
POOLS: Final = (1, 25, 50, 100, 200)
STACKS: Final = 20
# As many at a time as `preview --all` takes of itself.
PARALLEL: Final = 4


def program(rounds: int, today: date, tell: Tell) -> Figures:
    """Preview and first `up` of dev, the program and the floor in turns."""
    with tempfile.TemporaryDirectory() as folder:
        previews = previews_of_dev(rounds, today, Path(folder))
        tell(f"preview of dev: {_pair(previews)}")
        floor = Path(folder) / FLOOR_FILE
        ups = _turns(rounds, lambda: _up(Path(folder), None), lambda: _up(Path(folder), floor))
        tell(f"up of dev: {_pair(ups)}")
    return {
        "resources": len(previews[0][0].registered),
        "preview": _compared(previews),
        "up": _compared(ups),
        "peakMib": round(max(ran.peak_mib for ran, _ in (*previews, *ups)), 1),
        "floorPeakMib": round(max(ran.peak_mib for _, ran in (*previews, *ups)), 1),
    }


def previews_of_dev(rounds: int, today: date, folder: Path) -> list[tuple[Ran, Ran]]:
    """The program and the floor in turns; what the floor registers is left in the folder."""
    sections = stacks.dev()
    with engine(folder / "preview", sections) as place:
        floor = _written(folder, sections, _facts(place, sections, today))
        return _turns(rounds, lambda: place.run("preview", PROGRAM), lambda: _bare(place, "preview", floor))


def growth(recorded_rounds: int, preview_rounds: int, today: date, tell: Tell) -> Figures:
    """1 to 200 pools: the program alone under the recorder, then previews of it and of the floor on the engine."""
    largest = stacks.with_pools(stacks.dev(), POOLS[-1])
    with tempfile.TemporaryDirectory() as folder, engine(Path(folder) / "growth", largest) as place:
        facts = _facts(place, largest, today)
        configs = [stacks.with_pools(largest, count) for count in POOLS]
        alone = _recorded(Path(folder), facts, configs, recorded_rounds)
        tell(f"recorded with {POOLS} pools: {[round(each, 2) for each in alone]} s")
        sizes = []
        for count, sections in zip(POOLS, configs, strict=True):
            place.place.replace_config(sections)
            floor = _written(Path(folder), sections, facts)
            bare = partial(_bare, place, "preview", floor)
            sizes.append(_turns(preview_rounds, lambda: place.run("preview", PROGRAM), bare))
            tell(f"preview with {count} pools: {_pair(sizes[-1])}")
    peaks = [max(ours.peak_mib for ours, _ in pairs) for pairs in sizes]
    return {
        "pools": list(POOLS),
        "resources": [len(pairs[0][0].registered) for pairs in sizes],
        "recorded": {"seconds": _rounded(alone), "bend": round(figures.bend(POOLS, alone), 3)},
        "preview": _grown(sizes),
        "peakMib": _rounded(peaks),
        "mibPerPool": round(figures.per_added(POOLS, peaks, POOLS[0], POOLS[-1]), 2),
    }


def _grown(sizes: Sequence[Sequence[tuple[Ran, Ran]]]) -> Figures:
    """The medians of the rounds of each size, and their ratios."""
    ours = [median(ran.seconds for ran, _ in pairs) for pairs in sizes]
    floor = [median(ran.seconds for _, ran in pairs) for pairs in sizes]
    return {
        "seconds": _rounded(ours),
        "floorSeconds": _rounded(floor),
        "ratios": _rounded([our / bare for our, bare in zip(ours, floor, strict=True)]),
        "bend": round(figures.bend(POOLS, ours), 3),
        "floorBend": round(figures.bend(POOLS, floor), 3),
    }


def side_by_side(tell: Tell) -> Figures:
    """`preview --all --simulate` of 20 stacks, each of which is new, against one of them alone; once."""
    with tempfile.TemporaryDirectory() as folder:
        single, many = Path(folder) / "one", Path(folder) / "all"
        (name,), names = stacks.new_project(single, 1), stacks.new_project(many, STACKS)
        alone, _ = _previewed(single, "--stack", name)
        tell(f"one stack alone: {alone:.1f} s")
        together, lines = _previewed(many, "--all", "--parallel", str(PARALLEL))
    right = _previewed_rightly(names, lines)
    tell(f"{STACKS} stacks side by side: {together:.1f} s, {right} right")
    return {
        "stacks": STACKS,
        "parallel": PARALLEL,
        "right": right,
        "seconds": round(together, 2),
        "aloneSeconds": round(alone, 2),
        "ratio": round(together / (alone * STACKS), 3),
    }


def imports(rounds: int, tell: Tell) -> Figures:
    """What is imported until the program starts, bytecode cached, against `import pulumi` in the same process."""
    path = str(Path(__file__).with_name("imports.py"))
    # Once for the bytecode and for the system's cache of files.
    in_own_process(path, str(PROGRAM))
    told = [json.loads(in_own_process(path, str(PROGRAM))) for _ in range(rounds)]
    result = {
        "seconds": round(median(each["all"] for each in told), 3),
        "pulumiSeconds": round(median(each["pulumi"] for each in told), 3),
        "ratio": round(figures.ratio([each["all"] for each in told], [each["pulumi"] for each in told]), 3),
    }
    tell(f"imports: {result['seconds']:.2f} s, {result['ratio']:.1f} times `import pulumi`")
    return result


def _turns(rounds: int, ours: Callable[[], Ran], bare: Callable[[], Ran]) -> list[tuple[Ran, Ran]]:
    """Both sides in each round, every other round the floor first.

    Raises ``OperationFailed`` when the floor registers anything else than the program: it would be none.
    """
    pairs = []
    for number in range(rounds):
        if number % 2:
            second, first = bare(), ours()
        else:
            first, second = ours(), bare()
        if first.registered != second.registered:
            raise OperationFailed(f"the floor differs in {sorted(first.registered ^ second.registered)}")
        pairs.append((first, second))
    return pairs


def _up(folder: Path, floor: Path | None) -> Ran:
    """A first `up` in an account of its own; with the file of a floor that of the bare program."""
    with tempfile.TemporaryDirectory(dir=folder) as fresh, engine(Path(fresh), stacks.dev()) as place:
        return place.run("up", PROGRAM) if floor is None else _bare(place, "up", floor)


def _bare(place: Engine, operation: Operation, floor: Path) -> Ran:
    return place.run(operation, BARE_PROGRAM, floor)


def _facts(place: Engine, sections: Mapping[str, Any], today: date) -> Facts:
    environment = SimulatedEnvironment(account=place.account, vpc_id=sections["network"]["vpcId"])
    return survey(environment, sections, today=today)


def _written(folder: Path, sections: Mapping[str, Any], facts: Facts) -> Path:
    """The file of a floor."""
    assert facts.account is not None
    recording = record(PROGRAM, project=project_name(ROOT), stack=STACK, config=sections, facts=facts)
    file = folder / FLOOR_FILE
    file.write_text(json.dumps(described(recording, facts.account)), encoding="utf-8")
    return file


def _recorded(folder: Path, facts: Facts, configs: list[dict[str, Any]], rounds: int) -> list[float]:
    """The median of the processor's seconds for each configuration."""
    project = project_name(ROOT)
    series = Series(program=PROGRAM, project=project, stack=STACK, facts=facts, configs=configs, rounds=rounds)
    file = folder / "series.pickle"
    file.write_bytes(pickle.dumps(series))
    return [median(of_one) for of_one in json.loads(in_own_process("-m", "tools.bench.recorded", str(file)))]


def _previewed(project: Path, *options: str) -> tuple[float, list[str]]:
    """The wall time of `ray-platform preview --simulate` in a project, and the lines that it printed."""
    command = ("-m", "ray_platform.cli.main", "preview", "--simulate", "--json", *options)
    start = time.perf_counter()
    said = in_own_process(*command, folder=project)
    return time.perf_counter() - start, said.splitlines()


def _previewed_rightly(names: Sequence[str], lines: Sequence[str]) -> int:
    """How many stacks ended with 0, with resources to create and nothing else."""
    ends = {each["stack"]: each for each in map(json.loads, lines) if each["event"] == "finished"}
    return sum(_is_right(ends.get(name, {})) for name in names)


def _is_right(end: Mapping[str, Any]) -> bool:
    return end.get("exit_code") == 0 and end.get("changes", {}).keys() <= {"create"} and bool(end.get("changes"))


def _compared(pairs: Sequence[tuple[Ran, Ran]]) -> Figures:
    ours, floor = [ran.seconds for ran, _ in pairs], [ran.seconds for _, ran in pairs]
    return {
        "seconds": round(median(ours), 2),
        "floorSeconds": round(median(floor), 2),
        "ratio": round(figures.ratio(ours, floor), 3),
        "rounds": len(pairs),
    }


def _pair(pairs: Sequence[tuple[Ran, Ran]]) -> str:
    figures_ = _compared(pairs)
    return f"{figures_['seconds']:.2f} s, floor {figures_['floorSeconds']:.2f} s, ratio {figures_['ratio']:.2f}"


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(each, 2) for each in values]
