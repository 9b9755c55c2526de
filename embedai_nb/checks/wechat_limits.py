"""Rules about what WeChat takes: the length of the title and of the article."""

from __future__ import annotations

from collections.abc import Iterator

from embedai_nb.checks.findings import Context, Spot
from embedai_nb.errors import MarkupError
from embedai_nb.model import Issue
from embedai_nb.wechat.budget import LIMITS, Budget

NAMED = 3
"""How many of the longest parts are worth naming."""


def wechat_title(issue: Issue, context: Context) -> Iterator[Spot]:
    budget = _budget(issue, context)
    if budget and LIMITS.title_shown < len(budget.title) <= LIMITS.title:
        left_out = budget.whole_title.removeprefix(budget.title).strip("/")
        more = f"放不下的关键词没有写进去：{left_out}。" if left_out else ""
        values = {"count": len(budget.title), "shown": LIMITS.title_shown, "more": more}
        yield Spot(("headline",), values)


def wechat_title_too_long(issue: Issue, context: Context) -> Iterator[Spot]:
    budget = _budget(issue, context)
    if budget and len(budget.title) > LIMITS.title:
        yield Spot(("headline",), {"count": len(budget.title), "limit": LIMITS.title})


def wechat_nearly_full(issue: Issue, context: Context) -> Iterator[Spot]:
    budget = _budget(issue, context)
    if budget and budget.fits and budget.characters > LIMITS.comfortable:
        yield Spot((), _size(budget))


def wechat_too_long(issue: Issue, context: Context) -> Iterator[Spot]:
    budget = _budget(issue, context)
    if budget and not budget.fits:
        yield Spot((), _size(budget))


def _budget(issue: Issue, context: Context) -> Budget | None:
    """What the article costs; nothing where it cannot be made, of which another rule speaks."""
    try:
        return context.weigh(issue) if context.weigh else None
    except MarkupError:
        return None


def _size(budget: Budget) -> dict[str, object]:
    longest = sorted(budget.items, key=lambda item: -item.characters)[:NAMED] or budget.heaviest(NAMED)
    return {
        "count": f"{budget.characters:,}",
        "limit": f"{LIMITS.characters:,}",
        "longest": "、".join(f"{part.name}（{part.characters:,} 字）" for part in longest),
    }
