"""Say for the form's page what its state is, and what keeps a draft from being saved, read or shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from embedai_nb.editor import form_data
from embedai_nb.editor.error_texts import explain
from embedai_nb.editor.form_words import sentences
from embedai_nb.editor.messages import WORDS
from embedai_nb.editor.session import Broken, Conflict, Missing, Session, Unsaved
from embedai_nb.editor.unmerged import Unmerged, merging_text, unmerged_data
from embedai_nb.i18n import Translator

__all__ = ["failed_parts", "status", "trouble"]


def status(session: Session, *, failed: bool) -> dict[str, Any]:
    """The state line: saved and when, not saved, or failed."""
    say = session.say
    if isinstance(session.trouble, Unmerged):
        return {"kind": "failed", "text": say(WORDS["unmerged-status"])}
    time = f"{session.saved_at:%H:%M:%S}" if session.saved_at else ""
    kind = "unsaved" if session.unsaved else "failed" if failed else "saved"
    return {"kind": kind, "text": say(WORDS[kind], time=time)}


def trouble(session: Session) -> dict[str, Any]:
    """Serialize what keeps the draft from being saved or read."""
    say = session.say
    match session.trouble:
        case Unsaved() as unsaved:
            word = "unsaved-replaceable" if unsaved.replaceable else "unsaved-because"
            text = say(WORDS[word], message=explain(unsaved.error, say.language))
            return {
                "kind": "unsaved",
                "text": sentences(say, (text, merging_text(unsaved.merging, say))),
                "replaceable": unsaved.replaceable,
            }
        case Conflict() as conflict:
            contents = (session.state.content, conflict.theirs)
            return {
                "kind": "conflict",
                "differences": [form_data.difference(d, *contents, say=say) for d in session.differences],
            }
        case Broken() as broken:
            text = (broken.content or b"").decode(errors="replace")
            good = None if broken.good is None else broken.good.decode(errors="replace")
            said = {
                "kind": "broken",
                "error": explain(broken.error, say.language),
                "line": broken.error.line,
                "text": text,
            }
            return said | {"good": good, "merging": merging_text(broken.merging, say)}
        case Unmerged() as unmerged:
            return unmerged_data(unmerged, say)
        case Missing() as missing:
            return {"kind": "missing", "date": str(session.date), "dates": [str(date) for date in missing.dates]}
    return {}


def failed_parts(failures: Mapping[str, str], say: Translator) -> dict[str, Any]:
    """Serialize failures other than of saving."""
    for part, message in failures.items():
        text = say(WORDS[f"failed-{part}"], message=message)
        return {"kind": "failed", "text": sentences(say, (text, say(WORDS["failed-retried"])))}
    return {}
