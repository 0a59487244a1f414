"""Where boxes and arrows are: apart, in the order of the waiting, and the same every time."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from ray_platform.plan.picture import Picture, picture
from ray_platform.plan.timeline import timeline
from ray_platform.report import box_text
from ray_platform.report.layout import MARGIN, Layout, Placed, Point, layout
from tests.support.graph import recorded
from tests.unit.report.samples import PICTURE, arrow, box, long

# Less than anybody sees.
EPSILON = 0.001


def of_stack(stack: str) -> Picture:
    resources = recorded(stack).resources()
    return picture(resources, timeline(resources))


def many() -> Picture:
    """Six pools that one part waits for, and arrows over several layers: more than a stack has."""
    pools = [box(f"Node pool {number}", "spot", 10, 20, *[long("nodes", 60)] * number) for number in range(6)]
    ends = [box("Begin", "first", 0, 10), *pools, box("Middle", "then", 20, 30), box("End", "last", 30, 40)]
    return Picture(
        boxes=tuple(ends),
        arrows=(
            *(arrow("Begin", pool.name) for pool in pools),
            *(arrow(pool.name, "Middle") for pool in pools[:3]),
            *(arrow(pool.name, "End") for pool in pools[3:]),
            arrow("Begin", "End"),
            arrow("Middle", "End"),
        ),
    )


@pytest.fixture(params=["sample", "many", "dev", "prod"])
def drawn(request: pytest.FixtureRequest) -> Picture:
    return {"sample": lambda: PICTURE, "many": many}.get(request.param, lambda: of_stack(request.param))()


def overlap(one: Placed, other: Placed, gap: float = 4) -> bool:
    across = one.x < other.x + other.width + gap and other.x < one.x + one.width + gap
    return across and one.y < other.y + other.height + gap and other.y < one.y + one.height + gap


def inside(point: Point, placed: Placed) -> bool:
    x, y = point
    return placed.x < x < placed.x + placed.width and placed.y < y < placed.y + placed.height


def test_no_box_touches_another_and_all_are_on_the_paper(drawn: Picture) -> None:
    placed = layout(drawn)

    assert [each.box for each in placed.boxes] == list(drawn.boxes)
    assert not [(one.box.name, other.box.name) for one, other in combinations(placed.boxes, 2) if overlap(one, other)]
    for each in placed.boxes:
        assert each.x >= MARGIN - EPSILON and each.x + each.width <= placed.width - MARGIN + EPSILON
        assert each.y >= MARGIN - EPSILON and each.y + each.height <= placed.height - MARGIN + EPSILON


def test_what_waits_stands_to_the_right_of_what_it_waits_for(drawn: Picture) -> None:
    boxes = {each.box.name: each for each in layout(drawn).boxes}

    for each in drawn.arrows:
        assert boxes[each.before].x + boxes[each.before].width < boxes[each.after].x


def test_each_arrow_leads_from_its_box_to_its_box_and_through_no_other(drawn: Picture) -> None:
    placed = layout(drawn)
    boxes = {each.box.name: each for each in placed.boxes}

    assert [route.arrow for route in placed.arrows] == list(drawn.arrows)
    for route in placed.arrows:
        before, after = boxes[route.arrow.before], boxes[route.arrow.after]
        (x, y), (to_x, to_y) = route.points[0], route.points[-1]
        assert x == before.x + before.width and before.y < y < before.y + before.height
        assert to_x == after.x and after.y < to_y < after.y + after.height
        assert not [each.box.name for point in along(route.points) for each in placed.boxes if inside(point, each)]


def along(points: tuple[Point, ...]) -> list[Point]:
    """Points on the straight parts; on the bent ones only their ends: those stay in the gap between two columns."""
    through = list(pairwise(points))[1::2]
    return [(x + (to_x - x) * part / 20, y) for (x, y), (to_x, _) in through for part in range(1, 20)]


def test_the_bent_parts_of_an_arrow_stay_between_two_columns(drawn: Picture) -> None:
    placed = layout(drawn)
    columns = {(each.x, each.x + each.width) for each in placed.boxes}

    for route in placed.arrows:
        for (x, _), (to_x, _) in list(pairwise(route.points))[::2]:
            assert x < to_x
            assert not [column for column in columns if column[0] < to_x and x < column[1]]


def test_no_two_arrows_end_in_one_point(drawn: Picture) -> None:
    ends = [point for route in layout(drawn).arrows for point in (route.points[0], route.points[-1])]

    assert len(ends) == len(set(ends))


def test_the_critical_path_is_a_straight_line() -> None:
    heights = {y for route in layout(PICTURE).arrows if route.arrow.critical for _, y in route.points}

    assert max(heights) - min(heights) < 0.01


def test_the_same_picture_has_the_same_layout_and_an_empty_one_has_none() -> None:
    assert layout(PICTURE) == layout(replace(PICTURE))
    assert layout(Picture(boxes=(), arrows=())) == Layout(width=2 * MARGIN, height=2 * MARGIN, boxes=(), arrows=())


@pytest.mark.parametrize(
    "text", ["W" * 60, "i" * 300, "漢" * 40, "a b " * 40, "node pool " + "m" * 63], ids=lambda text: text[:9]
)
def test_words_are_cut_to_what_a_box_has_room_for(text: str) -> None:
    told = box_text.lines(box(text, text, 0, 1, long(text, 583, True)), room=172)

    assert len(told) <= box_text.TITLE_LINES + 3
    for each in told:
        taken = box_text.width(each.text, each.size, bold=each.bold)
        if each.right:
            taken += box_text.width(f" {each.right}", each.size, bold=each.bold)
        assert taken <= 172
    assert told[0].text.endswith(box_text.ELLIPSIS) or told[1].text.endswith(box_text.ELLIPSIS)


def test_a_short_name_is_told_whole_and_a_given_part_has_no_times() -> None:
    assert [each.text for each in box_text.lines(box("Network", "given", 0, 0, resources=0), room=172)] == [
        "Network",
        "given",
    ]
    told = box_text.lines(box("Termination handler and more", "drains", 0, 65, long("nodes", 60)), room=172)
    assert [each.text for each in told] == ["Termination", "handler and more", "drains", "0:00\N{EN DASH}1:05", "nodes"]
    assert [each.right for each in told] == ["", "", "", "4 resources", "1:00"]
