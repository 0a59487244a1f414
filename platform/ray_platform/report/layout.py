"""Where the boxes of the picture stand and which way its arrows go: layers from left to right, after Sugiyama.

igraph finds the order in each layer that has few crossings, and where an arrow over several layers passes through
those between. To it all boxes are points, so the columns are set here, with the real heights.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import igraph

from ray_platform.plan.picture import Arrow, Box, Picture
from ray_platform.report.box_text import TextLine, lines

BOX_WIDTH: Final = 190.0
PADDING: Final = 9.0
COLUMN_GAP: Final = 36.0
ROW_GAP: Final = 22.0
MARGIN: Final = 14.0
# An arrow that passes through a layer keeps so much of its height for itself.
LANE: Final = 8.0
PORT_GAP: Final = 14.0

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A box with its upper left corner, its size and its words."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    lines: tuple[TextLine, ...]


@dataclass(frozen=True, kw_only=True)
class Routed:
    """An arrow from the right edge of a box to the left edge of another. Between the points 0 and 1, 2 and 3 and so on
    it crosses the gap between two columns, between 1 and 2, 3 and 4 it runs straight through a column.
    """

    arrow: Arrow
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Everything within ``width`` and ``height``, the margin included."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    arrows: tuple[Routed, ...]


@dataclass(kw_only=True)
class _Item:
    """A box, or the lane of an arrow that passes by: its layer, its place in the order of the layer, its height."""

    layer: int
    wanted: float
    height: float
    critical: bool
    centre: float = 0.0


def layout(picture: Picture) -> Layout:
    """The same picture gives the same layout, always."""
    if not picture.boxes:
        return Layout(width=2 * MARGIN, height=2 * MARGIN, boxes=(), arrows=())
    words = [lines(box, BOX_WIDTH - 2 * PADDING) for box in picture.boxes]
    items, lanes = _items(picture, [2 * PADDING + sum(each.height for each in told) for told in words])
    _set_columns([*items, *(lane for passed in lanes for lane in passed)])
    boxes = tuple(
        Placed(
            box=box,
            x=_left(item.layer),
            y=item.centre - item.height / 2,
            width=BOX_WIDTH,
            height=item.height,
            lines=told,
        )
        for box, item, told in zip(picture.boxes, items, words, strict=True)
    )
    return Layout(
        width=max(box.x + box.width for box in boxes) + MARGIN,
        height=max(box.y + box.height for box in boxes) + MARGIN,
        boxes=boxes,
        arrows=_routed(picture.arrows, boxes, lanes),
    )


def _items(picture: Picture, heights: Sequence[float]) -> tuple[list[_Item], list[list[_Item]]]:
    """The boxes, and for each arrow the lanes it passes through."""
    places = {box.name: index for index, box in enumerate(picture.boxes)}
    graph = igraph.Graph(directed=True, n=len(places))
    graph.add_edges([(places[arrow.before], places[arrow.after]) for arrow in picture.arrows])
    found = graph.layout_sugiyama(layers=_layers(graph))
    items = [
        _Item(layer=round(layer), wanted=place, height=height, critical=box.critical)
        for box, (place, layer), height in zip(picture.boxes, found.coords, heights, strict=True)
    ]
    lanes = [
        [_Item(layer=round(layer), wanted=place, height=LANE, critical=arrow.critical) for place, layer in passed]
        for arrow, passed in zip(picture.arrows, found.edge_routing, strict=True)
    ]
    return items, lanes


def _layers(graph: igraph.Graph) -> list[int]:
    """Each box as far left as what it waits for allows. The picture promises that nobody waits in a circle."""
    layers = [0] * graph.vcount()
    for vertex in graph.topological_sorting():
        layers[vertex] = max((layers[before] + 1 for before in graph.predecessors(vertex)), default=0)
    return layers


def _set_columns(items: Sequence[_Item]) -> None:
    """Sets the centre of each item. The critical path is a straight line, and the topmost edge is at the margin."""
    for layer in {item.layer for item in items}:
        column = sorted((item for item in items if item.layer == layer), key=lambda item: item.wanted)
        y = 0.0
        for item in column:
            item.centre = y + item.height / 2
            y += item.height + ROW_GAP
        spine = next((item.centre for item in column if item.critical), (y - ROW_GAP) / 2)
        for item in column:
            item.centre -= spine
    top = min(item.centre - item.height / 2 for item in items)
    for item in items:
        item.centre += MARGIN - top


def _routed(arrows: Sequence[Arrow], boxes: Sequence[Placed], lanes: Sequence[Sequence[_Item]]) -> tuple[Routed, ...]:
    by_name = {placed.box.name: placed for placed in boxes}
    routes = []
    for arrow, passed in zip(arrows, lanes, strict=True):
        before, after = by_name[arrow.before], by_name[arrow.after]
        through = [
            (x, lane.centre)
            for lane in sorted(passed, key=lambda lane: lane.layer)
            for x in (_left(lane.layer), _left(lane.layer) + BOX_WIDTH)
        ]
        points = [(before.x + before.width, _middle(before)), *through, (after.x, _middle(after))]
        routes.append(Routed(arrow=arrow, points=tuple(points)))
    return _with_ports(routes, by_name)


def _with_ports(routes: Sequence[Routed], boxes: dict[str, Placed]) -> tuple[Routed, ...]:
    """The same routes, their ends spread over the edges of the boxes so that no two meet in one point.

    The critical one keeps the middle.
    """
    ended = [list(route.points) for route in routes]
    for name, placed in boxes.items():
        for end, beside in ((0, 1), (-1, -2)):
            mine = [
                index
                for index, route in enumerate(routes)
                if (route.arrow.before if end == 0 else route.arrow.after) == name
            ]
            mine.sort(key=lambda index: (routes[index].points[beside][1], index))
            middle = next(
                (place for place, index in enumerate(mine) if routes[index].arrow.critical), (len(mine) - 1) / 2
            )
            gap = min(PORT_GAP, placed.height / (2 * len(mine) + 1))
            for place, index in enumerate(mine):
                x, y = ended[index][end]
                ended[index][end] = (x, y + (place - middle) * gap)
    return tuple(replace(route, points=tuple(points)) for route, points in zip(routes, ended, strict=True))


def _middle(placed: Placed) -> float:
    return placed.y + placed.height / 2


def _left(layer: int) -> float:
    return MARGIN + layer * (BOX_WIDTH + COLUMN_GAP)
