"""The picture as a Mermaid flowchart, which code hosts draw in a README."""

from collections.abc import Iterator
from typing import Final

from ray_platform.plan.picture import Box, Picture
from ray_platform.report.box_text import span
from ray_platform.report.svg import CRITICAL, CRITICAL_FILL, GIVEN_EDGE, INK
from ray_platform.report.words import clock, count, printable

# In a quoted label only these mean something to Mermaid or to the HTML that it makes; it has codes for them.
_CODES: Final = str.maketrans({each: f"#{ord(each)};" for each in '"#&<>`\\'} | {"\n": " "})


def render(picture: Picture) -> str:
    """The flowchart from left to right, with what the SVG says and the same marks for the critical path."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(picture))]) + "\n"


def _lines(picture: Picture) -> Iterator[str]:
    # The names may hold anything, so the boxes go by number.
    ids = {box.name: f"n{number}" for number, box in enumerate(picture.boxes)}
    for box in picture.boxes:
        style = ":::critical" if box.critical else "" if box.resources else ":::given"
        yield f'{ids[box.name]}["{"<br/>".join(printable(each).translate(_CODES) for each in _words(box))}"]{style}'
    for arrow in picture.arrows:
        yield f"{ids[arrow.before]} {'==>' if arrow.critical else '-->'} {ids[arrow.after]}"
    yield f"classDef critical fill:{CRITICAL_FILL},stroke:{CRITICAL},stroke-width:3px,color:{INK}"
    yield f"classDef given stroke-dasharray:{GIVEN_EDGE}"
    if critical := [str(number) for number, arrow in enumerate(picture.arrows) if arrow.critical]:
        yield f"linkStyle {','.join(critical)} stroke:{CRITICAL}"


def _words(box: Box) -> Iterator[str]:
    yield box.name
    yield box.kind
    if box.resources:
        yield f"{span(box)}, {count(box.resources, 'resource')}"
    for step in box.steps:
        yield f"{step.label} {clock(step.seconds)}"
