"""Which value of a new list was which of the old one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.diff.match import Identity, match


def item(name: str | None, address: str = "", text: str = "", kind: str = "") -> Identity:
    return Identity((name, address, text), address, name, kind)


E1, E2 = "https://e.com/1", "https://e.com/2"


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        pytest.param([item("甲"), item("乙")], [item("乙"), item("甲")], {0: 1, 1: 0}, id="moved"),
        pytest.param(
            [item("甲", text="一"), item("甲", text="二")],
            [item("甲", text="二"), item("甲", text="三")],
            {0: 1, 1: 0},
            id="equal before named alike",
        ),
        pytest.param(
            [item("甲", E1, "一"), item("乙", E1)],
            [item("乙", E1, "二"), item("丙", E1)],
            {0: 1, 1: 0},
            id="page and name before the page",
        ),
        pytest.param(
            [item("甲", E1), item("乙", E2)], [item("乙", E1), item("甲", E2)], {0: 0, 1: 1}, id="page before name"
        ),
        pytest.param(
            [item("甲", "http://www.e.com/1/?utm_source=a")], [item("乙", E1)], {0: 0}, id="the same page, written anew"
        ),
        pytest.param([item("甲", E1)], [item("甲", E2)], {0: 0}, id="name"),
        pytest.param([item("", text="一")], [item("", text="二")], {0: 0}, id="an empty name is a name"),
        pytest.param([item(None, text="一")], [item(None, text="二")], {}, id="no name is none"),
        pytest.param([item("甲", E1)], [item("甲", E1, kind="warm-up")], {}, id="kinds differ"),
        pytest.param([item("甲")], [item("甲"), item("甲")], {0: 0}, id="one twice"),
        pytest.param([item("移动端推理")], [item("移动端推理加速")], {}, id="similar names, not asked for"),
    ],
)
def test_rules_in_their_order(old: list[Identity], new: list[Identity], pairs: dict[int, int]) -> None:
    assert match(old, new) == pairs


def test_the_most_similar_name_matches_if_asked_for() -> None:
    old = [item("移动端推理框架"), item("移动端推理加速"), item("综述")]
    assert match(old, [item("移动端推理加速器"), item("别的")], similar=True) == {0: 1}


def test_what_is_left_over_matches_by_position_if_asked_for() -> None:
    old = [item("甲"), item(None, text="一", kind="raw"), item("丙")]
    new = [item("丙"), item("新", text="二"), item("丁"), item("戊")]
    assert match(old, new, position=True) == {0: 2, 1: 1}


items = st.builds(
    item, st.sampled_from([None, "", "甲", "甲乙", "甲乙丙"]), st.sampled_from(["", E1, E2]), st.sampled_from("ab")
)


@given(old=st.lists(items, max_size=6), new=st.lists(items, max_size=6), similar=st.booleans(), position=st.booleans())
def test_each_value_matches_at_most_once(
    old: list[Identity], new: list[Identity], similar: bool, position: bool
) -> None:
    pairs = match(old, new, similar=similar, position=position)
    assert pairs.keys() <= set(range(len(new)))
    assert set(pairs.values()) <= set(range(len(old)))
    assert len(set(pairs.values())) == len(pairs)
    assert match(new, new, similar=similar, position=position) == {n: n for n in range(len(new))}
