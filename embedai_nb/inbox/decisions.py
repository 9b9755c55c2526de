"""Keep which candidates were taken or dismissed, in the issues folder, so that they come back on no machine of the team.

One line a page, in the order of the addresses: ``address <tab> taken|dismissed <tab> date <tab> title``.  Two versions
merge line by line, whichever way: lines may stand twice, in any order, even between the marks of a conflict, and say the
same.  A ``.gitattributes`` beside the file tells git to take the lines of both (``merge=union``).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from embedai_nb.errors import EmbedAIError, system_problem
from embedai_nb.i18n import _
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically
from embedai_nb.workspace.locks import lock_file

__all__ = ["Decision", "DecisionKind", "change_decisions", "load_decisions"]

DecisionKind = Literal["taken", "dismissed"]
KINDS: tuple[DecisionKind, ...] = get_args(DecisionKind)
"""Of two decisions on one page, the first one counts."""
LINE = re.compile(r"(?P<key>\S+)\t(?P<kind>taken|dismissed)\t(?P<date>\d{4}-\d\d-\d\d)(?:\t(?P<title>.*))?")
TIMEOUT = 3.0
"""Seconds to wait for another process that writes the file, which takes milliseconds."""
TITLE = 120
"""Characters of a title that are kept: for whoever reads the file, and to recognise the story elsewhere."""


class Decision(NamedTuple):
    """What was decided about a page, and when."""

    kind: DecisionKind
    date: datetime.date
    title: str = ""


def load_decisions(folder: Path) -> dict[str, Decision]:
    """Load the decisions by canonical addresses; lines that are none are passed over.

    Raises:
        EmbedAIError: the file cannot be read.
    """
    path = folder / layout.DECISIONS
    try:
        text = path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise EmbedAIError(_("cannot be read: {reason}", reason=system_problem(error)), path=path) from error
    found = dict[str, Decision]()
    for key, decision in _lines(text):
        if key not in found or _weight(decision) < _weight(found[key]):
            found[key] = decision
    return found


def _weight(decision: Decision) -> tuple[int, datetime.date, str]:
    return KINDS.index(decision.kind), decision.date, decision.title


def _lines(text: str) -> Iterable[tuple[str, Decision]]:
    for line in text.splitlines():
        if found := LINE.fullmatch(line.rstrip()):
            try:
                day = parse_date(found["date"])
            except EmbedAIError:
                continue
            kind: DecisionKind = "taken" if found["kind"] == "taken" else "dismissed"
            yield found["key"], Decision(kind, day, found["title"] or "")


def change_decisions(folder: Path, add: Mapping[str, Decision], remove: Iterable[str] = ()) -> None:
    """Add and remove decisions.

    Raises:
        EmbedAIError: the file cannot be written; it is as it was.
        LockedError: another process is writing it.
    """
    path = folder / layout.DECISIONS
    with lock_file(folder / layout.lock("decisions"), _("decisions are being written"), timeout=TIMEOUT):
        known = load_decisions(folder)
        gone = set(remove)
        changed = {key: decision for key, decision in known.items() if key not in gone} | dict(add)
        if changed == known:
            return
        try:
            _write(folder, changed)
        except OSError as error:
            raise EmbedAIError(_("cannot be written: {reason}", reason=system_problem(error)), path=path) from error


def _write(folder: Path, decisions: Mapping[str, Decision]) -> None:
    (folder / layout.INBOX).mkdir(exist_ok=True)
    attributes = folder / layout.INBOX_ATTRIBUTES
    if not attributes.exists():
        write_atomically(attributes, f"{Path(layout.DECISIONS).name} text eol=lf merge=union\n".encode())
    text = "".join(
        f"{key}\t{each.kind}\t{each.date}\t{_title(each.title)}".rstrip() + "\n"
        for key, each in sorted(decisions.items())
    )
    write_atomically(folder / layout.DECISIONS, text.encode("utf-8", "replace"))


def _title(title: str) -> str:
    return " ".join(title.split())[:TITLE].rstrip()
