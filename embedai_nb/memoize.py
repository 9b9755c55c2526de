"""Cache the last results of a function by the identity of its arguments.

`functools.lru_cache` compares arguments by equality, and issues can be neither hashed nor told apart so: two items are
equal whatever the order of their labels.
"""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

__all__ = ["cache_last", "cache_recent"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def cache_last(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Decorate a pure function of immutable values; a second call with the very same objects returns the same result."""
    last: tuple[tuple[object, ...], Result] | None = None

    @wraps(function)
    def cached(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        nonlocal last
        key, known = (*args, *kwargs, *kwargs.values()), last
        if known and len(known[0]) == len(key) and all(map(operator.is_, known[0], key)):
            return known[1]
        result = function(*args, **kwargs)
        last = key, result
        return result

    return cached


def cache_recent(size: int) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Decorate a pure function of immutable values; calls with the very same objects as one of the last return the same result.

    Args:
        size: how many results are kept.
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        recent: OrderedDict[tuple[object, ...], tuple[object, Result]] = OrderedDict()

        @wraps(function)
        def cached(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            key = (*map(id, args), *kwargs, *map(id, kwargs.values()))
            if (known := recent.get(key)) is not None:
                return known[1]
            result = function(*args, **kwargs)
            recent[key] = (args, kwargs), result  # the arguments live on, so that no other object gets their id
            if len(recent) > size:
                recent.popitem(last=False)
            return result

        return cached

    return decorate
