"""A sample of what AWS may do to an `up`: `make test-faults` runs all of it.

Three faults come to one stack, one after the other, and it ends as an undisturbed one.
"""

from pathlib import Path

import pytest
from pulumi.automation.errors import CommandError

from ray_platform.pipeline.planned import planned
from tests.support.deployment import new_place
from tests.support.faults import CELLS, FAILED_ADDON, FAILED_NODES, LOG_GROUP_CAME_BACK, carried_through
from tests.support.kills import mortal
from tests.support.kills_everywhere import assert_whole, orphans
from tests.support.reliability import DOCUMENT, part_of_document

pytestmark = pytest.mark.engine

_REPLACED = ("create-replacement", "replace", "delete-replaced")


def test_a_log_group_that_came_back_and_nodes_and_an_addon_that_fail_cost_one_more_up_each(tmp_path: Path) -> None:
    with mortal(new_place(tmp_path)) as dev:
        before = orphans(dev)
        stopped_early = carried_through(dev, LOG_GROUP_CAME_BACK, until="mended")
        half_way = carried_through(dev, FAILED_NODES, until="mended")
        failed = [each for each in dev.state() if each.get("initErrors")]
        shown = planned(dev.stack, listener=lambda fact: None, replace=[each["urn"] for each in failed])
        # To be shown the replacement has marked nothing: the engine alone still takes the group as it is.
        with pytest.raises(CommandError, match=r"could not make .* ray-dev-cpu-.*`pulumi up --replace 'urn:"):
            dev.preview()
        stopped_late = carried_through(dev, FAILED_ADDON)

        assert (stopped_early.runs, half_way.runs, stopped_late.runs) == (1, 1, 2)
        # The state has had it all along, so that it is no orphan. Pulumi alone does not pass over it.
        assert [each["id"].partition("-cpu-")[0] for each in failed] == ["ray-dev:ray-dev"]
        assert [shown.steps[each["urn"]] for each in failed] == [_REPLACED]
        assert orphans(dev) == before
        assert_whole(dev)


def test_the_document_has_a_row_for_every_fault_and_every_verb() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [line for cell in CELLS if (line := f"\n| {cell.name} | ") not in text] == []
    assert [verb for verb in ("up", "destroy") if f"\n| `{verb}` | " not in text] == []


def test_rows_go_between_the_marks_of_their_part() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    written = part_of_document("create").put(text, "| one |")

    assert "create --write -->\n\n| one |\n\n<!-- end -->" in written
    assert written.partition("## ")[0] == text.partition("## ")[0]
    with pytest.raises(ValueError, match="lacks <!-- begin"):
        part_of_document("create").put("nothing", "")
