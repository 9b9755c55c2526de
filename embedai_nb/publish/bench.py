"""What a Dask worker has for a build: a copy of what all issues need, and a process for each of its threads."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock, Timer
from typing import Any, NamedTuple

from embedai_nb.errors import EmbedAIError
from embedai_nb.publish.freshness import Tools
from embedai_nb.publish.issue import Options
from embedai_nb.publish.storage import place
from embedai_nb.publish.survey import IssueState
from embedai_nb.workspace import layout

__all__ = ["Bench", "Kit", "bench", "digest_of", "finish", "kit_file"]

LINGER = 60
"""Seconds without work after which all is put away: whoever wanted it may have died."""


class Kit(NamedTuple):
    """What a build is, in a few bytes.

    Args:
        build: names it, and no other.
        place: the issues folder: a path, or a URL.
        digest: of the file that holds newsletter.yaml, the dates, the catalogue, and what issues are made with.
        tools: digest of what issues are made with.
        options: how notebooks run.
    """

    build: str
    place: str
    digest: str
    tools: str
    options: Options


def kit_file(digest: str) -> str:
    """Where the file of a kit lies, relative to the issues folder."""
    return f"{layout.CACHE}/kits/{digest}.zip"


def digest_of(path: Path) -> str:
    """The name of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Bench:
    """All that one worker has for one build.

    Args:
        kit: the build.
        scratch: a folder of this machine that the worker empties in the end.

    Raises:
        EmbedAIError: the issues folder cannot be seen from here, or the program is another one.
    """

    def __init__(self, kit: Kit, scratch: Path) -> None:
        self.kit = kit
        self.place = place(kit.place)
        self.folder = Path(mkdtemp(prefix="embedai-", dir=scratch))
        self._lock = Lock()
        self._hands: set[_Hand] = set()
        self._idle: list[_Hand] = []
        self._away: Timer | None = None
        self._cleared = False
        try:
            self._unpack()
        except BaseException:
            self.clear()
            raise

    def _unpack(self) -> None:
        packed = self.folder / "kit.zip"
        try:
            self.place.get(kit_file(self.kit.digest), packed)
        except OSError as error:
            raise EmbedAIError("the folder is not seen from here", path=self.place.name) from error
        if digest_of(packed) != self.kit.digest:
            raise EmbedAIError("a copied file is damaged", path=packed)
        with zipfile.ZipFile(packed) as file:
            file.extractall(self.folder)
        packed.unlink()
        if others := Tools.at_hand(self.folder).since(self.folder, self.kit.tools):
            raise EmbedAIError(f"another version runs there: {', '.join(others)}")

    def make(self, state: IssueState, tell: Callable[[int, int], None]) -> tuple[Any, ...]:
        """Make one issue; gives ``"done"`` and the `Outcome`, or ``"failed"`` and why."""
        hand = self._taken()
        try:
            with self.place.working_copy(state.date, self.folder) as folder:
                kind, said = hand.make(folder, state, tell)
                return kind, said.replace(str(folder), self.place.name) if kind == "failed" else said
        except (EmbedAIError, OSError) as error:
            return "failed", str(error)
        finally:
            self._put_back(hand)

    def clear(self) -> None:
        """Put all away; what is being made is given up."""
        with self._lock:
            self._cleared = True
            hands, self._hands, self._idle = self._hands, set(), []
        for hand in hands:
            hand.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _taken(self) -> _Hand:
        with self._lock:
            if self._cleared:
                raise EmbedAIError("the build is over")
            if self._away:
                self._away.cancel()
            hand = self._idle.pop() if self._idle else _Hand(self.folder, self.kit.options)
            self._hands.add(hand)
            return hand

    def _put_back(self, hand: _Hand) -> None:
        with self._lock:
            if not hand.alive:
                self._hands.discard(hand)
            elif hand in self._hands:
                self._idle.append(hand)
            if self._idle and len(self._idle) == len(self._hands):
                self._away = Timer(LINGER, _put_away, [self.kit.build])
                self._away.daemon = True
                self._away.start()


class _Hand:
    """A process that runs `embedai_nb.publish.hand`, as it is seen from here."""

    def __init__(self, kit: Path, options: Options) -> None:
        self.alive = True
        self._connection, there = Pipe()
        arguments = [sys.executable, "-m", "embedai_nb.publish.hand", str(there.fileno())]
        self._process = subprocess.Popen(arguments, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL)
        there.close()
        self._connection.send((kit, options))

    def make(self, folder: Path, state: IssueState, tell: Callable[[int, int], None]) -> tuple[str, Any]:
        """Have it make an issue."""
        try:
            self._connection.send((folder, state))
            while (said := self._connection.recv())[0] == "progress":
                tell(*said[1:])
            return said[0], said[1]
        except (EOFError, OSError):
            self.end()
            return "failed", "its process died; is there enough memory?"

    def end(self) -> None:
        """End it, with all that it started, and wait until they are gone."""
        self.alive = False
        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)  # to close it would not wake whoever waits for what comes over it
        self._process.wait()


# --- those of this process ------------------------------------------------------------------------------------

_benches: dict[str, Bench] = {}
_finished = set[str]()
_lock = Lock()


def bench(kit: Kit, scratch: Path) -> Bench:
    """The one of this build, unless that is finished: an issue may have been on its way meanwhile."""
    with _lock:
        if kit.build in _finished:
            raise EmbedAIError("the build is over")
        if kit.build not in _benches:
            _benches[kit.build] = Bench(kit, scratch)
        return _benches[kit.build]


def finish(build: str) -> None:
    """Put away what this build needed, for good."""
    with _lock:
        _finished.add(build)
    _put_away(build)


def _put_away(build: str) -> None:
    with _lock:
        found = _benches.pop(build, None)
    if found:
        found.clear()
