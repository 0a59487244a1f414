"""The picture as SVG: boxes, who waits for whom, and the critical path in another colour and thicker than the rest.

The file needs nothing besides itself, and the same picture is the same file to the byte.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import drawsvg

from ray_platform.plan.picture import Picture
from ray_platform.report.box_text import TEXT_SIZE
from ray_platform.report.layout import MARGIN, PADDING, Layout, Placed, Routed, layout
from ray_platform.report.words import duration, printable

FONT: Final = "Helvetica, Arial, sans-serif"
PAPER: Final = "#ffffff"
INK: Final = "#1f2933"
GREY: Final = "#6b7785"
# Told apart from grey by every common form of colour blindness, and darker than it in print.
CRITICAL: Final = "#a83200"
CRITICAL_FILL: Final = "#fdf1ea"
THIN: Final = 1.3
THICK: Final = 3.2
GIVEN_EDGE: Final = "5 4"
LEGEND_HEIGHT: Final = 34.0
# Wide enough for the legend, also when there is one box.
LEGEND_WIDTH: Final = 980.0
TITLE: Final = "What is built, and what waits for what"


def render(picture: Picture) -> str:
    """A whole SVG document."""
    return str(_drawing(picture).as_svg())


def inline(picture: Picture) -> str:
    """The same as an element to stand in an HTML page."""
    return str(_drawing(picture).as_svg(header=""))


def _drawing(picture: Picture) -> drawsvg.Drawing:
    placed = layout(picture)
    width, height = max(placed.width, LEGEND_WIDTH), placed.height + LEGEND_HEIGHT
    # drawsvg writes attributes as they are, so no name of the picture may ever become one.
    paper = drawsvg.Drawing(_n(width), _n(height), id_prefix="arrow-", role="img", font_family=FONT)
    paper.append(drawsvg.Title(TITLE))
    paper.append(drawsvg.Raw(f"<desc>{_description(picture)}</desc>"))
    paper.append(drawsvg.Rectangle(0, 0, _n(width), _n(height), fill=PAPER))
    for each in (*_arrows(placed), *(_box(box) for box in placed.boxes), *_legend(placed.height)):
        paper.append(each)
    return paper


def _description(picture: Picture) -> str:
    """For those who hear the picture: numbers alone, nothing that would need to be escaped."""
    last = max((box.finish for box in picture.boxes), default=0.0)
    return f"{len(picture.boxes)} parts, ready after {duration(last)}. The critical path is drawn thick and in red."


def _arrows(placed: Layout) -> Iterator[drawsvg.DrawingElement]:
    """The critical ones last, so that they lie on top."""
    heads = {critical: _head(critical) for critical in (False, True)}
    for route in sorted(placed.arrows, key=lambda route: route.arrow.critical):
        yield _arrow(route, heads[route.arrow.critical])


def _head(critical: bool) -> drawsvg.Marker:
    """It begins where the line ends, and is as long as ``_head_length`` says."""
    length = _head_length(critical)
    # A marker's unit is the width of its line.
    head = drawsvg.Marker(0, -length / 2, length, length / 2, scale=1 / (THICK if critical else THIN), orient="auto")
    head.append(
        drawsvg.Lines(0, -length / 2, length, 0, 0, length / 2, fill=CRITICAL if critical else GREY, close=True)
    )
    return head


def _head_length(critical: bool) -> float:
    return 11.0 if critical else 8.0


def _arrow(route: Routed, head: drawsvg.Marker) -> drawsvg.DrawingElement:
    critical = route.arrow.critical
    path = drawsvg.Path(
        stroke=CRITICAL if critical else GREY,
        stroke_width=THICK if critical else THIN,
        fill="none",
        marker_end=head,
    )
    path.append_title(printable(f"{route.arrow.after} waits for {route.arrow.before}"))
    path.M(*map(_n, route.points[0]))
    x, y = route.points[-1]
    points = [*route.points[:-1], (x - _head_length(critical), y)]
    for index, ((x, y), (to_x, to_y)) in enumerate(pairwise(points)):
        if index % 2:
            path.L(_n(to_x), _n(to_y))
        else:
            bend = (to_x - x) / 2
            path.C(_n(x + bend), _n(y), _n(to_x - bend), _n(to_y), _n(to_x), _n(to_y))
    return path


def _box(placed: Placed) -> drawsvg.Group:
    box = placed.box
    group = drawsvg.Group()
    group.append_title(printable(box.name))
    group.append(
        drawsvg.Rectangle(
            *map(_n, (placed.x, placed.y, placed.width, placed.height)),
            rx=5,
            fill=CRITICAL_FILL if box.critical else PAPER,
            stroke=CRITICAL if box.critical else GREY,
            stroke_width=THICK if box.critical else THIN,
            stroke_dasharray=None if box.resources else GIVEN_EDGE,
        )
    )
    y = placed.y + PADDING
    for line in placed.lines:
        baseline = _n(y + line.size)
        style = {
            "fill": CRITICAL if line.critical else INK if line.bold or line.right else GREY,
            "font_weight": "bold" if line.bold else None,
        }
        group.append(drawsvg.Text(line.text, line.size, _n(placed.x + PADDING), baseline, **style))
        if line.right:
            edge = _n(placed.x + placed.width - PADDING)
            group.append(drawsvg.Text(line.right, line.size, edge, baseline, text_anchor="end", **style))
        y += line.height
    return group


def _legend(top: float) -> Iterator[drawsvg.DrawingElement]:
    y = _n(top + LEGEND_HEIGHT / 2)
    x = MARGIN
    for style, text, room in (
        ({"stroke": CRITICAL, "stroke_width": THICK}, "critical path: decides when all is ready", 300),
        ({"stroke": GREY, "stroke_width": THIN}, "waits for", 130),
        ({"stroke": GREY, "stroke_width": THIN, "stroke_dasharray": GIVEN_EDGE}, "given, not made", 170),
    ):
        yield drawsvg.Line(x, y, x + 30, y, **style)
        yield drawsvg.Text(text, TEXT_SIZE, x + 38, y + 4, fill=INK)
        x += room
    yield drawsvg.Text("Times are minutes:seconds, from the start of pulumi up.", TEXT_SIZE, x, y + 4, fill=INK)


def _n(number: float) -> float:
    """To a tenth: enough for the eye, and the same on every machine."""
    return round(number, 1)
