"""The chart of docs/performance.md: previews of stacks with 1 to 200 pools, the program and the floor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any, Final

import drawsvg

from ray_platform.report.svg import CRITICAL, FONT, GREY, INK, PAPER, THICK

WIDTH: Final = 720.0
HEIGHT: Final = 400.0
LEFT: Final = 60.0
RIGHT: Final = 24.0
TOP: Final = 56.0
BOTTOM: Final = 52.0
TEXT: Final = 13.0
# Blue after Okabe and Ito: told apart from red by every common form of colour blindness.
ALONE: Final = "#0072b2"
DASHES: Final = "6 4"
MOST_TICKS: Final = 8
TITLE: Final = "Seconds of a preview, by the number of node pools"


def render(result: Mapping[str, Any]) -> str:
    """A whole SVG document, the same to the byte for the same result."""
    growth = result["growth"]
    pools: list[int] = growth["pools"]
    lines = (
        ("program on the engine", growth["preview"]["seconds"], CRITICAL, None),
        ("floor on the engine", growth["preview"]["floorSeconds"], GREY, DASHES),
        ("program alone, recorded", growth["recorded"]["seconds"], ALONE, None),
    )
    most = max(max(values) for _, values, _, _ in lines)
    step = tick_step(most)
    scale = _Scale(pools[-1], step * ceil(most / step))
    paper = drawsvg.Drawing(WIDTH, HEIGHT, id_prefix="bench-", role="img", font_family=FONT)
    paper.append(drawsvg.Title(TITLE))
    paper.append(drawsvg.Rectangle(0, 0, WIDTH, HEIGHT, fill=PAPER))
    paper.append(drawsvg.Text(TITLE, TEXT + 3, LEFT, 26, fill=INK, font_weight="bold"))
    for each in (*_grid(pools, step, scale), *_lines(pools, lines, scale), *_legend(lines)):
        paper.append(each)
    return str(paper.as_svg())


def tick_step(most: float) -> int:
    """Whole seconds between two lines of the grid, as few lines as read well."""
    steps: list[int] = [step * 10**power for power in range(7) for step in (1, 2, 5)]
    return next((step for step in steps if most / step <= MOST_TICKS), steps[-1])


class _Scale:
    def __init__(self, pools: int, seconds: float) -> None:
        self.pools, self.seconds = pools, seconds

    def x(self, pools: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * pools / self.pools, 1)

    def y(self, seconds: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * seconds / self.seconds, 1)


def _grid(pools: Sequence[int], step: int, scale: _Scale) -> Iterator[drawsvg.DrawingElement]:
    for seconds in range(0, int(scale.seconds) + 1, step):
        y = scale.y(seconds)
        yield drawsvg.Line(LEFT, y, WIDTH - RIGHT, y, stroke=GREY, stroke_width=1 if seconds == 0 else 0.3)
        yield drawsvg.Text(str(seconds), TEXT, LEFT - 8, y + 4, fill=INK, text_anchor="end")
    for count in pools:
        yield drawsvg.Text(str(count), TEXT, scale.x(count), HEIGHT - BOTTOM + 20, fill=INK, text_anchor="middle")
    yield drawsvg.Text("pools", TEXT, (WIDTH + LEFT) / 2, HEIGHT - 10, fill=INK, text_anchor="middle")


def _lines(
    pools: Sequence[int], lines: Sequence[tuple[str, Sequence[float], str, str | None]], scale: _Scale
) -> Iterator[drawsvg.DrawingElement]:
    for _, values, colour, dashes in lines:
        points = [(scale.x(count), scale.y(value)) for count, value in zip(pools, values, strict=True)]
        flat = [number for point in points for number in point]
        yield drawsvg.Lines(*flat, close=False, fill="none", stroke=colour, stroke_width=THICK, stroke_dasharray=dashes)
        for x, y in points:
            yield drawsvg.Circle(x, y, 4, fill=colour)


def _legend(lines: Sequence[tuple[str, Sequence[float], str, str | None]]) -> Iterator[drawsvg.DrawingElement]:
    for place, (name, _, colour, dashes) in enumerate(lines):
        x = LEFT + place * 215
        yield drawsvg.Line(x, 44, x + 28, 44, stroke=colour, stroke_width=THICK, stroke_dasharray=dashes)
        yield drawsvg.Text(name, TEXT, x + 36, 48, fill=INK)
