"""Cache of the last result, by the identity of the arguments."""

from __future__ import annotations

import pytest

from embedai_nb.memoize import cache_last
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
