"""Progress bars on stderr: in a terminal, for what takes longer than two seconds, and gone when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from embedai_nb.progress import OnProgress, silent

__all__ = ["Bar", "beside_bars", "progress_bar", "tracked"]

DELAY = 2.0
"""Seconds before a bar is drawn; only then tqdm is imported."""
FORMAT = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}]"
"""tqdm's usual format without the rate, whose unit would have to be translated."""

Thing = TypeVar("Thing")


class Bar:
    """One progress bar, drawn once `DELAY` has passed.

    Args:
        label: what is being done, in the user's language.
        row: the row of the terminal, where several bars are drawn, from 0.
        began: when the work began (`time.time`); now if not given.
        every_step: draw each step at once, where they are far between; else ten times a second at most.
    """

    def __init__(self, label: str, row: int = 0, began: float | None = None, *, every_step: bool = False) -> None:
        self.label = label
        self._row = row
        self._began = time.time() if began is None else began
        self._interval = 0.0 if every_step else 0.1
        self._drawn: Any = None

    def show(self, done: int, of: int) -> None:
        """Draw how much is done."""
        if self._drawn is None and time.time() < self._began + DELAY:
            return
        begins = self._drawn is None
        if begins:
            self._drawn = self._begun(of)
        self._drawn.total = of
        self._drawn.update(done - self._drawn.n)
        if begins or self._drawn.desc != self.label:
            self._drawn.set_description_str(self.label)  # at once

    def _begun(self, total: int) -> Any:
        from tqdm.std import tqdm

        tqdm.monitor_interval = 0  # no thread: after one, nothing can be forked
        looks = {"bar_format": FORMAT, "leave": False, "dynamic_ncols": True, "smoothing": 0, "miniters": 1}
        looks["mininterval"] = self._interval
        drawn = tqdm(desc=self.label, total=total, position=self._row, file=sys.stderr, **looks)
        drawn.start_t = self._began
        return drawn

    def close(self) -> None:
        """Remove it."""
        if self._drawn is not None:
            self._drawn.close()


@contextmanager
def progress_bar(label: str, *, every_step: bool = False) -> Iterator[OnProgress]:
    """Draw a bar as long as the block runs, as `Bar` does; gives the function that reports the progress."""
    if not sys.stderr.isatty():
        yield silent
        return
    bar = Bar(label, every_step=every_step)
    try:
        yield bar.show
    finally:
        bar.close()


def tracked(label: str, things: Sequence[Thing]) -> Iterator[Thing]:
    """The same things one after another, with a bar that shows how many are done."""
    with progress_bar(label) as show:
        for done, thing in enumerate(things, 1):
            yield thing
            show(done, len(things))


@contextmanager
def beside_bars() -> Iterator[None]:
    """Have bars give way to what the block prints, and come back after it."""
    if "tqdm.std" not in sys.modules:
        yield
        return
    from tqdm.std import tqdm

    with tqdm.external_write_mode(file=sys.stderr):
        yield
