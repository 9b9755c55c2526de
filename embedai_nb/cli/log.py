"""Log to stderr what the package reads, asks for and skips, and how long that takes: `embedai -v`."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

import click

from embedai_nb.cli.streams import text_stream

__all__ = ["log_to_stderr", "warnings_to_stderr"]

PACKAGE = logging.getLogger("embedai_nb")
FORMAT = "%(relativeCreated)6d ms %(name)s: %(message)s"


class _Lines(logging.Handler):
    """Prints each record as a line, to what is stderr by then."""

    def emit(self, record: logging.LogRecord) -> None:
        click.secho(f"embedai: {' '.join(record.getMessage().split())}", fg="yellow", err=True)


def warnings_to_stderr() -> Callable[[], None]:
    """Begin to print warnings: what a command does otherwise than usual; returns what ends it."""
    handler = _Lines(logging.WARNING)
    PACKAGE.addHandler(handler)
    return lambda: PACKAGE.removeHandler(handler)


def log_to_stderr(verbosity: int, command: str) -> Callable[[], None]:
    """Begin to log.

    Args:
        verbosity: 1 for what is done, more for its details too.
        command: is logged at the end, with its time.

    Returns:
        What ends it.
    """
    began = time.monotonic()
    # A descriptor of its own: in the process that runs a notebook's cells, 2 becomes their output.
    stream = text_stream(os.dup(2))
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(FORMAT))
    PACKAGE.addHandler(handler)
    PACKAGE.setLevel(logging.INFO if verbosity == 1 else logging.DEBUG)

    def end() -> None:
        logging.getLogger(__name__).info("embedai %s took %.2f s", command, time.monotonic() - began)
        PACKAGE.removeHandler(handler)
        PACKAGE.setLevel(logging.NOTSET)
        os.close(stream.fileno())

    return end
