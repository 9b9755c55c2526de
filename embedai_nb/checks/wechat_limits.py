"""Rules about WeChat's limits: length of title and article."""

from __future__ import annotations

from collections.abc import Iterator

from embedai_nb.checks.findings import Context, RuleMatch
from embedai_nb.checks.messages import CHARACTERS, LEFT_OUT
from embedai_nb.errors import MarkupError
from embedai_nb.i18n import Translator
from embedai_nb.i18n.punctuation import listed
from embedai_nb.model import Issue
from embedai_nb.wechat.budget import LIMITS, Budget

NAMED = 3
"""How many of the longest parts a message names."""


def wechat_title(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A title that lists cut off."""
    budget = _budget(issue, context)
    if budget and LIMITS.title_shown < len(budget.title) <= LIMITS.title:
        left_out = budget.whole_title.removeprefix(budget.title).strip("/")
        more = context.say(LEFT_OUT, left_out=left_out) if left_out else ""
        values = {"count": len(budget.title), "shown": LIMITS.title_shown, "more": more}
        yield RuleMatch(("headline",), values)


def wechat_title_too_long(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A title over the limit."""
    budget = _budget(issue, context)
    if budget and len(budget.title) > LIMITS.title:
        yield RuleMatch(("headline",), {"count": len(budget.title), "limit": LIMITS.title})


def wechat_nearly_full(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """An article close to the limit."""
    budget = _budget(issue, context)
    if budget and budget.fits and budget.characters > LIMITS.comfortable:
        yield RuleMatch((), _size(budget, context.say))


def wechat_too_long(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """An article over the limit."""
    budget = _budget(issue, context)
    if budget and not budget.fits:
        yield RuleMatch((), _size(budget, context.say))


def _budget(issue: Issue, context: Context) -> Budget | None:
    """Size of the article; None if it cannot be rendered, which ``too_deep`` reports."""
    try:
        return context.wechat_budget(issue) if context.wechat_budget else None
    except MarkupError:
        return None


def _size(budget: Budget, say: Translator) -> dict[str, object]:
    longest = sorted(budget.items, key=lambda item: -item.characters)[:NAMED] or budget.heaviest(NAMED)
    return {
        "count": f"{budget.characters:,}",
        "limit": f"{LIMITS.characters:,}",
        "longest": listed(
            (say(CHARACTERS, name=part.name, characters=f"{part.characters:,}") for part in longest), say
        ),
    }
