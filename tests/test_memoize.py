"""Caches of the last results, by the identity of the arguments."""

from __future__ import annotations

import pytest

from embedai_nb.memoize import cache_last, cache_recent
from embedai_nb.model import Item


def test_a_second_call_with_the_same_objects_is_cached() -> None:
    made: list[tuple[object, object]] = []

    @cache_last
    def make(one: object, other: object = None) -> int:
        made.append((one, other))
        return len(made)

    first, second = Item(title="甲"), Item(title="甲")
    assert [make(first), make(first), make(first, None)] == [1, 1, 2]
    assert [make(first, other=second), make(first, other=second), make(first, other=first)] == [3, 3, 4]
    assert make(first) == 5, "only the last result is cached"


def test_the_results_of_the_most_recent_objects_are_cached() -> None:
    made: list[Item] = []

    @cache_recent(2)
    def make(item: Item, *, note: str = "") -> int:
        made.append(item)
        return len(made)

    first, second = Item(title="甲"), Item(title="甲")
    assert [make(first), make(second), make(first), make(second)] == [1, 2, 1, 2]
    assert [make(first, note="乙"), make(first, note="乙"), make(second)] == [3, 3, 2]
    assert make(first) == 4, "as many are cached as are asked for"
    assert [make(Item(title=str(n))) for n in range(9)] == [*range(5, 14)], "no object is taken for one that is gone"


def test_equal_objects_are_not_the_same() -> None:
    names = cache_last(lambda item: list(item.fields))
    one, other = Item(fields={"论文": "甲", "摘要": "乙"}), Item(fields={"摘要": "乙", "论文": "甲"})
    assert one == other
    assert (names(one), names(other)) == (["论文", "摘要"], ["摘要", "论文"])


def test_an_error_is_not_cached() -> None:
    said = iter([ValueError("no"), None])

    @cache_last
    def make(what: str) -> str:
        if error := next(said):
            raise error
        return what

    with pytest.raises(ValueError, match="no"):
        make("甲")
    assert make("甲") == "甲"
