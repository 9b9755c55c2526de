"""Conflict markers of Git in any text: what is one, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedai_nb.drafts.yaml_reader import read
from embedai_nb.errors import ConflictMarkersError, DraftError
from embedai_nb.text.conflict_markers import find_conflicts, line_ranges, one_version, refuse_conflicts

TWO_WAY = "一\n<<<<<<< HEAD\n甲\n=======\n乙\n>>>>>>> 分支\n二\n"
THREE_WAY = "<<<<<<< ours\n甲\n||||||| 1234567\n原\n=======\n乙\n>>>>>>> theirs\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(TWO_WAY, "2-6", id="two versions"),
        pytest.param(THREE_WAY, "1-7", id="with the common one"),
        pytest.param(TWO_WAY + THREE_WAY, "2-6, 8-14", id="two conflicts"),
        pytest.param(TWO_WAY.replace("\n", "\r\n"), "2-6", id="line ends of Windows"),
        pytest.param("<<<<<<<\n=======\n>>>>>>>", "1-3", id="bare, without a last line end"),
        pytest.param(THREE_WAY.replace("=======\n", ""), "1-6", id="the middle was removed by hand"),
        pytest.param("<<<<<<<<< a\nb\n=========\nc\n>>>>>>>>> d\n", "1-5", id="longer markers"),
        pytest.param("标题\n=======\n\n文字\n", "", id="an underlined heading"),
        pytest.param("标题\n=======\n>>>>>>> 层层引用\n", "", id="a heading and a deep quote"),
        pytest.param("    <<<<<<< HEAD\n    =======\n    >>>>>>> x\n", "", id="indented, as code in an item is"),
        pytest.param('"<<<<<<< HEAD\\n=======\\n>>>>>>> x"\n', "", id="within a line of JSON"),
        pytest.param(">>>>>>> b\n=======\n<<<<<<< a\n", "", id="in another order"),
        pytest.param("<<<<<<<a\n=======\n>>>>>>>b\n", "", id="something behind without a space"),
        pytest.param("<<<<<<< a\n=======\n>>>>>>>> b\n", "", id="of unequal length"),
    ],
)
def test_only_the_whole_sequence_at_the_beginning_of_lines_is_a_conflict(text: str, lines: str) -> None:
    assert line_ranges(find_conflicts(text)) == lines


def test_one_version_of_each_conflict_can_be_taken() -> None:
    assert [one_version(THREE_WAY, side) for side in ("ours", "base", "theirs")] == ["甲\n", "原\n", "乙\n"]
    assert one_version(TWO_WAY, "theirs") == "一\n乙\n二\n"
    assert one_version(TWO_WAY, "base") is None
    assert one_version("一\n=======\n", "ours") == "一\n=======\n"


def test_they_are_refused_with_their_lines() -> None:
    with pytest.raises(ConflictMarkersError, match=r"^x\.md:2: conflict markers of a merge in lines 2-6; do this$"):
        refuse_conflicts(TWO_WAY, Path("x.md"), "do this")


def test_a_single_one_left_over_in_a_draft_is_named() -> None:
    with pytest.raises(ConflictMarkersError, match=r"draft\.yaml:2: a conflict marker of a merge is left over"):
        read("schema: 1\n>>>>>>> 分支\ndate: 2031-05-04\n", Path("draft.yaml"))
    with pytest.raises(DraftError, match="not find expected ':'"):
        read("schema: 1\nx\ndate: 2031-05-04\n", Path("draft.yaml"))


def test_a_quoted_text_does_not_hide_them() -> None:
    """YAML would take them for a part of it, and they would be published."""
    with pytest.raises(ConflictMarkersError):
        read(f'lead: "\n{TWO_WAY}"\n', Path("draft.yaml"))
