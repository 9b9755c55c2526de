"""Plug-ins: entry points of the installed distributions that newsletter.yaml names.

Nothing is looked for, and nothing imported to look, where it names none.  Code that lies in the working folder or in an
issues folder is never run, since a pull request could bring it: the working folder may be on `sys.path`, so a
plug-in is found and imported without these.
"""

from __future__ import annotations

import os
import re
import site
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import _
from embedai_nb.workspace import layout

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "CAPTURE",
    "CHANNELS",
    "CHECKS",
    "MissingPluginError",
    "Plugin",
    "PluginEntry",
    "PluginError",
    "blamed",
    "entry_named",
    "find",
    "module_places",
    "plugin_entries",
]

CHECKS = "embedai_nb.checks"
CAPTURE = "embedai_nb.capture"
CHANNELS = "embedai_nb.channels"
GROUPS = (CHECKS, CAPTURE, CHANNELS)
"""Groups of entry points (packaging.python.org, Entry points specification): rules, capture sources, outputs."""

MESSAGE = 200
"""Characters quoted of what a plug-in says when it fails."""

Kind = TypeVar("Kind")

_LOADING = RLock()


class PluginError(EmbedAIError):
    """A plug-in failed; ``item`` is its name."""


class MissingPluginError(PluginError):
    """A plug-in is not installed."""


class PluginEntry(NamedTuple):
    """What a plug-in brings, under the name of its entry point."""

    plugin: str
    point: EntryPoint

    @property
    def name(self) -> str:
        """The name of a rule or output."""
        return self.point.name

    def load(self, kind: type[Kind]) -> Kind:
        """Import it.

        Raises:
            PluginError: it cannot be imported, or is of another kind.
        """
        value = _load(self)
        if isinstance(value, PluginError):
            raise value
        return self.expect(value, kind)

    def expect(self, value: object, kind: type[Kind]) -> Kind:
        """Return what it is or gives; a PluginError if that is of another kind."""
        if not isinstance(value, kind):
            raise self.error(_("{kind} expected, not {type}", type=type(value).__name__, kind=kind.__name__))
        return value

    def error(self, problem: str, remedy: str | None = None) -> PluginError:
        """An error that names plug-in and entry point."""
        return PluginError(problem, item=self.plugin, field=self.name, remedy=remedy)


class Plugin(NamedTuple):
    """An installed distribution that brings something."""

    name: str
    version: str
    entries: tuple[PluginEntry, ...]

    def brings(self, group: str) -> list[PluginEntry]:
        """Its entry points of a group."""
        return [entry for entry in self.entries if entry.point.group == group]


def plugin_entries(names: Sequence[str], group: str) -> list[PluginEntry]:
    """What these plug-ins bring for a group, in their order; one that is missing, or is none, brings nothing."""
    plugins = (found for name in names if isinstance(found := find(name), Plugin))
    return [entry for plugin in dict.fromkeys(plugins) for entry in plugin.brings(group)]


def entry_named(name: str, names: Sequence[str], group: str) -> PluginEntry | None:
    """What one of these plug-ins brings under a name.

    Raises:
        PluginError: two bring something; or none, and one is missing, which may bring it.
    """
    entries = [entry for entry in plugin_entries(names, group) if entry.name == name]
    if len(entries) > 1:
        raise entries[1].error(_("{plugin} brings something of this name, too", plugin=entries[0].plugin))
    missing = (found for found in map(find, names) if isinstance(found, PluginError))
    if not entries and (error := next(missing, None)):
        raise error
    return next(iter(entries), None)


def find(name: str) -> Plugin | PluginError:
    """Find a plug-in by the name of its distribution; or say why there is none."""
    try:
        return _installed(re.sub(r"[-_.]+", "-", name).lower())
    except PluginError as error:
        return error


@cache  # an error is not cached: the plug-in may be installed meanwhile
def _installed(name: str) -> Plugin:
    """Find a plug-in by its normalized name (packaging.python.org, Names and normalization).

    Raises:
        MissingPluginError: it is not installed.
        PluginError: it has no entry point for this program.
    """
    from importlib.metadata import Distribution

    distribution = next(iter(Distribution.discover(name=name, path=_trusted_path())), None)
    if distribution is None:
        remedy = _("install it: pip install {plugin}", plugin=name)
        raise MissingPluginError(_("this plug-in is not installed"), item=name, remedy=remedy)
    try:
        entries = tuple(PluginEntry(name, point) for point in distribution.entry_points if point.group in GROUPS)
    except Exception as error:  # whatever stands in its entry_points.txt
        raise PluginError(_said(error), item=name) from error
    if not entries:
        problem = _("it is installed, but has no entry point in {groups}", groups=", ".join(GROUPS))
        raise PluginError(problem, item=name)
    return Plugin(name, distribution.version, entries)


@contextmanager
def blamed(entry: PluginEntry, *passed: type[Exception]) -> Iterator[None]:
    """Turn what the code of a plug-in raises into a PluginError that names it.

    Args:
        entry: what is called.
        passed: errors that it raises on purpose.
    """
    expected: tuple[type[Exception], ...] = (PluginError, *passed)
    try:
        yield
    except expected:
        raise
    except (Exception, SystemExit) as error:
        import logging  # not before: most of the time nothing fails

        logging.getLogger(__name__).info("%s: %s", entry.plugin, entry.name, exc_info=True)
        raise entry.error(_said(error)) from error


def _said(error: BaseException) -> str:
    text = " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())
    return text if len(text) <= MESSAGE else f"{text[: MESSAGE - 1]}…"


# --- importing ------------------------------------------------------------------------------------------------


@cache
def _load(entry: PluginEntry) -> object:
    """Import an entry point; or the error why it cannot be, which is not tried again."""
    try:
        with blamed(entry), _trusted_imports():
            _check_place(entry)
            return entry.point.load()
    except PluginError as error:
        return error


@contextmanager
def _trusted_imports() -> Iterator[None]:
    """Import from trusted folders alone."""
    with _LOADING:
        before = sys.path[:]
        sys.path[:] = _trusted_path()
        try:
            yield
        finally:
            sys.path[:] = before


def _check_place(entry: PluginEntry) -> None:
    """Refuse code that lies where a pull request could change it, whatever import hook leads there."""
    places = module_places(entry)
    if not places:
        problem = _("there is no module {module}", module=entry.point.module)
        raise entry.error(problem, _("install it without -e, or work in another folder"))
    for place in places:
        if not _is_trusted(str(place.parent)):
            problem = _("its code lies in the working folder or in an issues folder: {place}", place=str(place))
            raise entry.error(problem, _("install it without -e, or work in another folder"))


def module_places(entry: PluginEntry) -> list[Path]:
    """Where the outermost package or module of an entry point lies; it is not imported.

    Raises:
        PluginError: it cannot be found out.
    """
    from importlib.util import find_spec

    with blamed(entry), _trusted_imports():
        spec = find_spec(entry.point.module.partition(".")[0])
    if spec is None:
        return []
    return [Path(place) for place in spec.submodule_search_locations or filter(None, [spec.origin])]


def _trusted_path() -> list[str]:
    return [place for place in sys.path if _is_trusted(place)]


def _is_trusted(place: str) -> bool:
    """Whether a folder of `sys.path` is where packages are installed, or at least no working or issues folder."""
    path = Path(os.path.realpath(place))
    working = path in (_STARTED_IN, _working_folder())
    return bool(place) and (path in _installation() or not (working or _in_issues_folder(path)))


@cache
def _installation() -> frozenset[Path]:
    """The folders of the standard library and of installed packages."""
    import sysconfig

    known = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return frozenset(Path(os.path.realpath(place)) for place in (*known, *site.getsitepackages(), *user))


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


_STARTED_IN = _working_folder()
"""The working folder of the program; that of a notebook is another, and `python -m` keeps the first on `sys.path`."""


def _in_issues_folder(path: Path) -> bool:
    return any((folder / layout.NEWSLETTER).is_file() for folder in (path, *path.parents))
