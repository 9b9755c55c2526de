"""Import big libraries in less time: only the part of them that is used."""

from __future__ import annotations

import atexit
import gc
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["claim_process", "entry_points_hidden", "gc_paused", "import_blocked", "imported_lazily", "init_skipped"]


_claimed = False


def claim_process() -> None:
    """Say that nobody else uses this process: then libraries need not look for what other packages bring to them.

    Nor need all that is left be visited in the end, which takes a tenth of the time of a command: it ends with the process.
    """
    global _claimed  # the process is claimed once, by its entry point
    _claimed = True
    atexit.register(gc.freeze)  # Python collects garbage once more when it ends, paused or not
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # docs.pydantic.dev, Plugins


@contextmanager
def import_blocked(*names: str) -> Iterator[None]:
    """Let imports of these modules fail as if they weren't installed; one that is loaded stays.

    ``None`` in `sys.modules` is how Python is told so (reference, The import system, 5.3.1 The module cache).
    """
    modules: dict[str, Any] = sys.modules
    blocked = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(blocked))
    try:
        yield
    finally:
        for name in blocked:
            del modules[name]


@contextmanager
def imported_lazily(name: str) -> Iterator[None]:
    """Let modules import one that they hardly ever use; it is loaded when one of its attributes is looked up.

    `importlib.util.LazyLoader` replaces a module's attributes while others look at them (python/cpython#117983); here
    who imported it meanwhile keeps a stand-in.
    """
    if name in sys.modules:
        yield
        return
    stand_in = sys.modules[name] = ModuleType(name)
    stand_in.__getattr__ = lambda attribute: getattr(importlib.import_module(name), attribute)  # type: ignore[method-assign]
    try:
        yield
    finally:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]


@contextmanager
def entry_points_hidden() -> Iterator[None]:
    """Let papermill find no engines and file systems of other packages in a claimed process: it looks into all, twice."""
    if not _claimed:
        yield
        return
    import entrypoints

    find = entrypoints.get_group_all
    entrypoints.get_group_all = lambda _group: []
    try:
        yield
    finally:
        entrypoints.get_group_all = find


@contextmanager
def init_skipped(*packages: str) -> Iterator[None]:
    """Import modules of packages without what the packages' ``__init__.py`` import; who asks for the packages later gets them whole.

    Args:
        packages: their names, an outer one before the one within it.
    """
    bare = {
        name: _bare(spec) for name in packages if name not in sys.modules and (spec := importlib.util.find_spec(name))
    }
    try:
        yield
    finally:
        for name, module in bare.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _bare(spec: ModuleSpec) -> ModuleType:
    """A package that finds its modules and is otherwise empty."""
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    return module


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector: what is imported stays, and collecting takes a sixth of the time of importing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
