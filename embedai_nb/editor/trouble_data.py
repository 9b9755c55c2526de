"""Say for the form's page what its state is, and what keeps a draft from being saved, read or shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from embedai_nb.editor import form_data
from embedai_nb.editor.error_texts import explain
from embedai_nb.editor.messages import WORDS
from embedai_nb.editor.session import Broken, Conflict, Missing, Session, Unsaved
from embedai_nb.editor.unmerged import Unmerged, unmerged_data

__all__ = ["failed_parts", "status", "trouble"]


def status(session: Session, *, failed: bool) -> dict[str, Any]:
    """The state line: saved and when, not saved, or failed."""
    if isinstance(session.trouble, Unmerged):
        return {"kind": "failed", "text": WORDS["unmerged-status"]}
    time = f"{session.saved_at:%H:%M:%S}" if session.saved_at else ""
    kind = "unsaved" if session.unsaved else "failed" if failed else "saved"
    return {"kind": kind, "text": WORDS[kind].format(time=time)}


def trouble(session: Session) -> dict[str, Any]:
    """Serialize what keeps the draft from being saved or read."""
    match session.trouble:
        case Unsaved() as unsaved:
            words = WORDS["unsaved-replaceable" if unsaved.replaceable else "unsaved-because"]
            return {
                "kind": "unsaved",
                "text": words.format(message=f"{explain(unsaved.error)}。") + unsaved.merging,
                "replaceable": unsaved.replaceable,
            }
        case Conflict() as conflict:
            contents = (session.state.content, conflict.theirs)
            return {
                "kind": "conflict",
                "differences": [form_data.difference(d, *contents) for d in session.differences],
            }
        case Broken() as broken:
            text = (broken.content or b"").decode(errors="replace")
            good = None if broken.good is None else broken.good.decode(errors="replace")
            said = {"kind": "broken", "error": explain(broken.error), "line": broken.error.line, "text": text}
            return said | {"good": good, "merging": broken.merging}
        case Unmerged() as unmerged:
            return unmerged_data(unmerged)
        case Missing() as missing:
            return {"kind": "missing", "date": str(session.date), "dates": [str(date) for date in missing.dates]}
    return {}


def failed_parts(failures: Mapping[str, str]) -> dict[str, Any]:
    """Serialize failures other than of saving."""
    for part, message in failures.items():
        return {"kind": "failed", "text": WORDS[f"failed-{part}"].format(message=message) + WORDS["failed-retried"]}
    return {}
