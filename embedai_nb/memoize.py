"""What was just made need not be made again: rules, page and article ask for the same parts of the same issue."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

__all__ = ["cache_last"]

Asked = ParamSpec("Asked")
Made = TypeVar("Made")


def cache_last(make: Callable[Asked, Made]) -> Callable[Asked, Made]:
    """``make``, which is not asked twice in a row for the very same objects: values that nobody changes.

    That they are equal is not enough: two items are, whatever the order of their labels.
    """
    last: tuple[tuple[object, ...], Made] | None = None

    @wraps(make)
    def remembering(*args: Asked.args, **kwargs: Asked.kwargs) -> Made:
        nonlocal last
        asked, known = (*args, *kwargs, *kwargs.values()), last
        if known and len(known[0]) == len(asked) and all(map(operator.is_, known[0], asked)):
            return known[1]
        made = make(*args, **kwargs)
        last = asked, made
        return made

    return remembering
