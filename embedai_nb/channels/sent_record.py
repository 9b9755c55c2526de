"""Keep what was sent and where drafts of it lie, in the issues folder, so that nothing is sent twice by two people.

One line each: ``date <tab> channel <tab> kind <tab> time <tab> key``.  The key of a message is the digest of its text,
that of a draft is its id; no address and no secret is kept.  Two versions merge line by line in any order, which a
``.gitattributes`` beside the file tells git (``merge=union``).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import _
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically
from embedai_nb.workspace.locks import lock_file

__all__ = ["Sending", "SendingKind", "change_sent", "load_sent", "utc"]

SendingKind = Literal["test", "sending", "sent", "draft"]
KINDS: tuple[SendingKind, ...] = get_args(SendingKind)
LINE = re.compile(r"(?P<date>\S+)\t(?P<channel>[\w-]+)\t(?P<kind>\w+)\t(?P<time>\S+)\t(?P<key>\w[\w.-]*)")
TIMEOUT = 3.0
"""Seconds to wait for another process that writes the file, which takes milliseconds."""


class Sending(NamedTuple):
    """That an issue was sent, or that there is a draft of it."""

    date: datetime.date
    """Of the issue."""
    channel: str
    kind: SendingKind
    """``sending`` until the server has answered: what stays so may have gone out or not."""
    time: str
    """When it began, in UTC."""
    key: str
    """Digest of the message, or id of the draft."""


def utc(now: datetime.datetime) -> str:
    """The time as the record has it."""
    return now.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def load_sent(folder: Path) -> tuple[Sending, ...]:
    """Load the record, the oldest first; lines that are none are passed over, such as the marks of a conflict.

    Raises:
        EmbedAIError: the file cannot be read.
    """
    path = folder / layout.SENT
    try:
        text = path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise EmbedAIError(_("cannot be read: {reason}", reason=error.strerror or error), path=path) from error
    found = set(_lines(text))
    answered = {each._replace(kind="sending") for each in found if each.kind == "sent"}
    return tuple(sorted(found - answered, key=lambda each: (each.time, KINDS.index(each.kind), each)))


def _lines(text: str) -> Iterator[Sending]:
    for line in text.splitlines():
        found = LINE.fullmatch(line.rstrip())
        for kind in KINDS:
            if found and found["kind"] == kind:
                try:
                    yield Sending(parse_date(found["date"]), found["channel"], kind, found["time"], found["key"])
                except EmbedAIError:
                    continue


def change_sent(folder: Path, *, add: Collection[Sending] = (), remove: Collection[Sending] = ()) -> None:
    """Add and remove lines of the record.

    Raises:
        EmbedAIError: the file cannot be written; it is as it was.
        LockedError: another process is writing it.
    """
    path = folder / layout.SENT
    with lock_file(folder / layout.lock("sent"), _("what was sent is being noted"), timeout=TIMEOUT):
        kept = [*(each for each in load_sent(folder) if each not in remove), *add]
        try:
            _write(folder, kept)
        except OSError as error:
            raise EmbedAIError(_("cannot be written: {reason}", reason=error.strerror or error), path=path) from error


def _write(folder: Path, sendings: Collection[Sending]) -> None:
    attributes = folder / layout.SENT_ATTRIBUTES
    attributes.parent.mkdir(exist_ok=True)
    if not attributes.exists():
        write_atomically(attributes, f"{Path(layout.SENT).name} text eol=lf merge=union\n".encode())
    text = "".join("\t".join(map(str, each)) + "\n" for each in dict.fromkeys(sendings))
    write_atomically(folder / layout.SENT, text.encode())
