"""The picture as SVG and as Mermaid: well formed, whatever the names are, and the critical path marked twice."""

import re
from xml.etree import ElementTree

import pytest

from ray_platform.plan.picture import Picture
from ray_platform.report import mermaid, svg
from tests.unit.report.samples import HOSTILE, PICTURE, arrow, box, renamed

SVG = "{http://www.w3.org/2000/svg}"
# How wide a letter of Helvetica or Arial is at least on the whole, in parts of the font's size; digits are 0.556.
LETTER = 0.53
NAMES = [f"{HOSTILE} {number}" for number in range(len(PICTURE.boxes))]


def parsed(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(svg.render(picture))


def drawn_boxes(root: ElementTree.Element) -> list[tuple[ElementTree.Element, list[ElementTree.Element]]]:
    return [
        (rectangle, group.findall(f"{SVG}text"))
        for group in root.findall(f"{SVG}g")
        if (rectangle := group.find(f"{SVG}rect")) is not None
    ]


def critical_and_other(root: ElementTree.Element) -> tuple[list[ElementTree.Element], list[ElementTree.Element]]:
    paths = [each for each in root.findall(f"{SVG}path") if each.get("marker-end")]
    critical = [each for each in paths if each.get("stroke") == svg.CRITICAL]
    return critical, [each for each in paths if each not in critical]


def test_every_box_is_drawn_with_its_words() -> None:
    told = [[text.text for text in texts] for _, texts in drawn_boxes(parsed(PICTURE))]

    assert len(told) == len(PICTURE.boxes)
    assert told[1] == [
        *("Cluster", "control plane", "0:04\N{EN DASH}10:23", "4 resources"),
        *("control plane", "9:43", "kube-proxy", "0:25"),
    ]


def test_no_word_leaves_its_box() -> None:
    for rectangle, texts in drawn_boxes(parsed(PICTURE)):
        left, top = float(rectangle.get("x", "")), float(rectangle.get("y", ""))
        right, bottom = left + float(rectangle.get("width", "")), top + float(rectangle.get("height", ""))
        for text in texts:
            size, x, y = (float(text.get(key, "")) for key in ("font-size", "x", "y"))
            wide = len(text.text or "") * size * LETTER
            begin = x - wide if text.get("text-anchor") == "end" else x
            assert left < begin and begin + wide < right
            assert top < y - size * 0.8 and y + size * 0.25 < bottom


def test_the_critical_path_differs_in_colour_and_in_thickness() -> None:
    root = parsed(PICTURE)
    critical, other = critical_and_other(root)

    assert len(critical) == sum(each.critical for each in PICTURE.arrows)
    assert len(critical) + len(other) == len(PICTURE.arrows)
    assert min(float(each.get("stroke-width", "")) for each in critical) > 2 * max(
        float(each.get("stroke-width", "")) for each in other
    )
    edges = {
        bool(rectangle.get("stroke") == svg.CRITICAL): float(rectangle.get("stroke-width", ""))
        for rectangle, _ in drawn_boxes(root)
    }
    assert edges[True] > 2 * edges[False]


def test_what_is_given_has_a_broken_edge_and_nothing_else_has() -> None:
    broken = ["stroke-dasharray" in rectangle.attrib for rectangle, _ in drawn_boxes(parsed(PICTURE))]

    assert broken == [not each.resources for each in PICTURE.boxes]


def test_an_arrow_and_a_box_say_who_they_are_to_those_who_point_at_them() -> None:
    root = parsed(PICTURE)

    titles = {each.text for each in root.iter(f"{SVG}title")}
    assert titles >= {"Node pool gpu waits for Cluster", "Ray cluster", svg.TITLE}
    assert root.get("role") == "img"


def test_names_from_an_account_stay_text() -> None:
    root = parsed(renamed(NAMES))

    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {
        *("svg", "defs", "marker", "path", "title", "desc", "rect", "g", "text")
    }
    titles = [each.text or "" for each in root.iter(f"{SVG}title")]
    assert sum(title.startswith('evil"><script>') for title in titles) == len(NAMES) + len(PICTURE.arrows)


@pytest.mark.parametrize("render", [svg.render, mermaid.render])
def test_the_same_picture_is_the_same_file(render: object) -> None:
    assert callable(render)
    assert render(PICTURE) == render(PICTURE)


def test_the_drawing_asks_for_nothing_from_elsewhere() -> None:
    addresses = re.findall(r"https?://[^\s\"']+", svg.render(PICTURE))

    assert set(addresses) == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.findall(r"(?:src|href)=|@import|url\((?!#)", svg.render(PICTURE))


def test_it_fits_a_page_of_the_usual_width() -> None:
    """Six columns are what a stack has; scaled to 1200 px its words stay above 10 px."""
    chain = tuple(box(f"Part {number}", "part", number, number + 1) for number in range(6))
    arrows = tuple(arrow(f"Part {number}", f"Part {number + 1}") for number in range(5))
    root = parsed(Picture(boxes=chain, arrows=arrows))

    smallest = min(float(each.get("font-size", "")) for each in root.iter(f"{SVG}text"))
    assert smallest * 1200 / float(root.get("width", "")) > 10


def test_the_flowchart_says_what_the_drawing_says() -> None:
    lines = [line.strip() for line in mermaid.render(PICTURE).splitlines()]

    assert lines[0] == "flowchart LR"
    assert (
        'n1["Cluster<br/>control plane<br/>0:04\N{EN DASH}10:23, 4 resources'
        '<br/>control plane 9:43<br/>kube-proxy 0:25"]:::critical'
    ) in lines
    assert 'n0["Network<br/>given, not changed"]:::given' in lines
    assert {line for line in lines if "==>" in line} == {"n1 ==> n2", "n2 ==> n5", "n5 ==> n7"}
    assert sum(" --> " in line for line in lines) == len(PICTURE.arrows) - 3


def test_a_flowchart_without_a_critical_path_colours_no_arrow() -> None:
    quiet = Picture(boxes=PICTURE.boxes[:2], arrows=PICTURE.arrows[:1])

    assert "linkStyle" not in mermaid.render(quiet)


def test_names_from_an_account_cannot_end_a_label_of_the_flowchart() -> None:
    lines = mermaid.render(renamed([f"{name}\nsecond" for name in NAMES])).splitlines()
    boxes = [line for line in lines if re.match(r"\s+n\d+\[", line)]

    assert len(boxes) == len(PICTURE.boxes)
    for line in boxes:
        label = re.fullmatch(r'\s+n\d+\["(.*)"\](:::\w+)?', line)
        assert label and not re.search(r'["`&]|<(?!br/>)', label[1])
    assert "#60;script#62;" in boxes[0]
