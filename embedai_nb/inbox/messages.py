"""Words of the inbox: reasons of the order, and what stands in the note of a candidate that was taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from embedai_nb.i18n import N_, NN_, NP_, Plural, translator
from embedai_nb.inbox.candidates import Candidate
from embedai_nb.inbox.ranking import Reason

__all__ = ["reason_text", "reasons_text", "suggestion_note"]

WORDS: Mapping[str, str | Plural] = {
    "source": NN_("{value}: {count} item", "{value}: {count} items"),
    "new-source": N_("{value}: none so far"),
    "site": NN_("{value}: {count} item", "{value}: {count} items"),
    "author": NN_("by {value}: {count} item", "by {value}: {count} items"),
    "words": N_("often about {value}"),
    "alike": N_("like “{value}” of {date}"),
    "suggestion": N_("Summary to be written. The page's own description: {text}"),
    "between": NP_("between reasons", "; "),
    "between-words": NP_("between words", ", "),
}
ALIKE_TITLE = 24
"""Characters of the similar title that are shown."""
MOST = 3
"""Reasons that are shown."""


def reason_text(reason: Reason, language: str) -> str:
    """One reason in words: “Example Weekly: 40 items”."""
    say, value = translator(language), reason.value
    if reason.kind == "alike" and len(value) > ALIKE_TITLE:
        value = f"{value[: ALIKE_TITLE - 1].rstrip()}…"
    value = value or say(WORDS["between-words"]).join(reason.words)
    return say(WORDS[reason.kind], value=value, count=reason.count, date=reason.date)


def reasons_text(reasons: Sequence[Reason], language: str) -> str:
    """The strongest reasons in words: “Example Weekly: 40 items; like “AdderNet” of 2021-05-30”."""
    between = translator(language)(WORDS["between"])
    return between.join(reason_text(reason, language) for reason in reasons[:MOST])


def suggestion_note(candidate: Candidate, language: str) -> str:
    """The line for the note of a candidate that is taken; never published, and never a summary that seems written."""
    text = candidate.suggestion
    return translator(language)(WORDS["suggestion"], text=text) if text else ""
