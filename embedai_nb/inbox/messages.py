"""Words of the inbox, by language: reasons of the order, and what stands in the note of a candidate that was taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from embedai_nb.inbox.candidates import Candidate
from embedai_nb.inbox.ranking import Reason

__all__ = ["reason_text", "reasons_text", "suggestion_note", "words"]

CHINESE = {
    "source": "{value}：{count} 条",
    "new-source": "{value}：还没有收录过",
    "site": "{value}：{count} 条",
    "author": "作者 {value}：{count} 条",
    "words": "常写到{value}",
    "alike": "像 {date} 的“{value}”",
    "suggestion": "摘要待补。网页自述：{text}",
    "between": "；",
}
ENGLISH = {
    "source": "{value}: {count} items",
    "new-source": "{value}: none so far",
    "site": "{value}: {count} items",
    "author": "by {value}: {count} items",
    "words": "often about {value}",
    "alike": "like “{value}” of {date}",
    "suggestion": "待补: summary. The page's own description: {text}",
    "between": "; ",
}
ALIKE_TITLE = 24
"""Characters of the similar title that are shown."""
MOST = 3
"""Reasons that are shown."""


def words(language: str) -> Mapping[str, str]:
    """The texts in a language (BCP 47 tag): Chinese for any kind of it, else English."""
    return CHINESE if language.lower().split("-")[0] == "zh" else ENGLISH


def reason_text(reason: Reason, language: str) -> str:
    """One reason in words: 机器之心：40 条."""
    value = reason.value
    if reason.kind == "alike" and len(value) > ALIKE_TITLE:
        value = f"{value[: ALIKE_TITLE - 1].rstrip()}…"
    return words(language)[reason.kind].format(value=value, count=reason.count, date=reason.date)


def reasons_text(reasons: Sequence[Reason], language: str) -> str:
    """The strongest reasons in words: 机器之心：40 条；像 2021-05-30 的“AdderNet”."""
    return words(language)["between"].join(reason_text(reason, language) for reason in reasons[:MOST])


def suggestion_note(candidate: Candidate, language: str) -> str:
    """The line for the note of a candidate that is taken; never published, and never a summary that seems written."""
    text = candidate.suggestion
    return words(language)["suggestion"].format(text=text) if text else ""
