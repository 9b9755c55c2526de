"""Standard streams that never stop a command: stdout or stderr may be closed, full, or a pipe whose reader left."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from embedai_nb.errors import EmbedAIError, system_problem
from embedai_nb.i18n import _

__all__ = ["UnwrittenError", "install", "required", "text_stream"]

STDOUT, STDERR = 1, 2


class UnwrittenError(EmbedAIError):
    """What a command was asked to print could not be written."""


class Output(io.FileIO):
    """A file descriptor to which writing never fails.

    When its reader leaves, text is dropped from then on.  When it cannot be written for another reason (a full disk),
    what goes to stdout goes on to stderr, unless the text is `required`.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.required = False
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        """Write bytes, or drop them."""
        try:
            return super().write(data)
        except OSError as error:
            self._give_up(error, bytes(data))
            return len(data)

    def _give_up(self, error: OSError, data: bytes) -> None:
        if self.fileno() == STDOUT and not isinstance(error, BrokenPipeError):
            self.failure = error
            if not self.required:
                os.dup2(STDERR, STDOUT)
                said = _("stdout: {reason}; the report goes on here", reason=system_problem(error))
                with suppress(OSError):
                    super().write(f"embedai: {said}\n".encode() + data)
                return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def install() -> None:
    """Make the standard streams of this process usable, whatever they lead to."""
    for descriptor in (0, STDOUT, STDERR):
        try:
            os.fstat(descriptor)
        except OSError:  # closed; a file opened later would get its number, and what is printed
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    sys.stdin = sys.stdin or io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout, sys.stderr = _usable(sys.stdout, STDOUT), _usable(sys.stderr, STDERR)


def _usable(stream: TextIO | None, descriptor: int) -> TextIO:
    if isinstance(stream, io.TextIOWrapper) and stream.isatty():  # neither full nor closed; on Windows no file either
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        return stream
    return text_stream(descriptor)


def text_stream(descriptor: int) -> TextIO:
    """A text stream to a descriptor, as `Output` writes."""
    return io.TextIOWrapper(
        io.BufferedWriter(Output(descriptor)), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )


@contextmanager
def required() -> Iterator[None]:
    """Fail where what is printed meanwhile cannot be written: it is what the command was asked for.

    Raises:
        UnwrittenError: stdout is full.  A reader that leaves has seen enough.
    """
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if not isinstance(raw, Output):
        yield
        return
    raw.required = True
    yield
    sys.stdout.flush()
    raw.required = False
    if raw.failure:
        raise UnwrittenError(
            system_problem(raw.failure), path="stdout", remedy=_("not all was printed; what is there is incomplete")
        )
