"""Put what is known of an issue and its parts into words, for every form that a review has."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from embedai_nb.catalogue import Earlier
from embedai_nb.checks import LinkStatus
from embedai_nb.checks.severity import SEVERITIES
from embedai_nb.diff.changes import Change, Edit
from embedai_nb.review.assemble import Review, ReviewPart
from embedai_nb.review.messages import KINDS, NAMES, SAME, STATES, VERDICTS, WORDS
from embedai_nb.text.sentences import first_sentence
from embedai_nb.wechat.budget import LIMITS

__all__ = ["earlier_of", "edit_name", "figures", "link_state", "moved", "signs", "state", "tasks", "verdict"]


def verdict(review: Review) -> str:
    """The decision in one line, with its mark."""
    said = VERDICTS[review.verdict].format(errors=review.count("error"))
    if review.verdict == "ready":
        changed = WORDS["changed"].format(count=len(review.changes or ()))
        said += f"（{WORDS['first'] if review.changes is None else changed}）"
    return f"{WORDS[f'mark-{review.verdict}']} {said}"


def tasks(review: Review) -> Iterator[tuple[str, str]]:
    """Who has to do what before the issue can go out."""
    errors, warnings, notes = map(review.count, SEVERITIES)
    names = "、".join(part.name for part in review.unfinished)
    editor = [
        WORDS["mend-errors"].format(count=errors) if errors else "",
        WORDS["finish-items"].format(count=len(review.unfinished), names=names) if names else "",
        WORDS["look-at-warnings"].format(count=warnings) if warnings else "",
    ]
    yield WORDS["editor"], "，".join(filter(None, editor)) or WORDS["nothing-to-mend"]
    changed = len(review.changes or ())
    reviewer = WORDS["read-all"] if review.changes is None else WORDS["read-changes"].format(count=changed)
    yield (
        WORDS["reviewer"],
        "，".join(filter(None, [reviewer, WORDS["look-at-notes"].format(count=notes) if notes else ""])),
    )


def figures(review: Review) -> Iterator[tuple[str, str]]:
    """The issue in numbers: items by section, length, share of the WeChat article, links."""
    sections = "，".join(f"{name} {count}" for name, count in review.sections.items())
    items = WORDS["items-value"].format(count=sum(review.sections.values()), sections=sections)
    warmups = WORDS["warmups-value"].format(count=review.warmups)
    yield WORDS["items"], "，".join([items] if not review.warmups else [items, warmups])
    yield WORDS["length"], WORDS["length-value"].format(characters=f"{review.characters:,}", minutes=review.minutes)
    if review.budget:
        used, limit = f"{review.budget.characters:,}", f"{LIMITS.characters:,}"
        yield WORDS["budget"], WORDS["budget-value"].format(used=used, limit=limit, percent=review.budget_percent)
    elif review.budget_problem:
        yield WORDS["budget"], WORDS["budget-unknown"].format(why=review.budget_problem)
    yield WORDS["links"], _links(review)


def _links(review: Review) -> str:
    known = [status for status in review.links.values() if status]
    if not known:
        return WORDS["links-unchecked"].format(count=len(review.links), date=review.date)
    states = [status.state for status in known]
    oldest, newest = min(status.date for status in known), max(status.date for status in known)
    days = str(oldest) if oldest == newest else f"{oldest} – {newest}"
    said = WORDS["links-value"].format(count=len(review.links), checked=len(known), date=days)
    dead, unknown = states.count("dead"), states.count("unknown")
    return said + (WORDS["links-bad"].format(dead=dead, unknown=unknown) if dead or unknown else "")


def signs(part: ReviewPart) -> str:
    """What there is to see at a part, in a few words: 1 个错误 · 改动."""
    order = list(SEVERITIES)
    severities = sorted((finding.severity for finding in part.findings), key=order.index)
    found = [f"{len(list(group))} 个{SEVERITIES[kind].word}" for kind, group in groupby(severities)]
    kinds = list(dict.fromkeys(KINDS[change.kind] for change in part.changes))
    bad = [_briefly(status) for _, status in part.links if status.state != "ok"]
    before = [f"{earlier.date}" for earlier in part.earlier[:1]]
    return " · ".join([*found, *kinds, *dict.fromkeys(bad), *before])


def _briefly(status: LinkStatus) -> str:
    return WORDS[STATES[status.state]].partition("：")[0].partition("（")[0]


def state(part: ReviewPart, review: Review) -> str:
    """Whether the editor is done with an item, and what it costs."""
    ready = "" if part.ready is None else WORDS["ready" if part.ready else "draft"]
    share = ""
    if part.characters is not None and review.budget:
        percent = round(100 * part.characters / review.budget.characters)
        share = WORDS["share"].format(characters=f"{part.characters:,}", percent=percent)
    return " · ".join(filter(None, [ready, share]))


def moved(change: Change) -> str:
    """Where a moved item came from; empty where it stayed."""
    for edit in change.edits:
        if change.kind == "moved" and edit.field in {"section", "place"}:
            return WORDS[f"moved-{edit.field}"].format(before=edit.before, after=edit.after)
    return ""


def edit_name(edit: Edit) -> str:
    """The field of an edit in an editor's words."""
    return NAMES.get(edit.field, edit.field)


def link_state(status: LinkStatus) -> str:
    """What became of a link, and when somebody looked."""
    return WORDS[STATES[status.state]].format(why=status.reason, date=status.date)


def earlier_of(earlier: Earlier) -> str:
    """What an earlier issue said about the same, with its first sentence."""
    title = earlier.title or earlier.url
    said = first_sentence(earlier.text)
    where = WORDS["earlier"].format(
        date=earlier.date, section=earlier.section or NAMES["warmups"], title=title, same=SAME[earlier.reason]
    )
    return where + (WORDS["earlier-said"].format(said=said) if said else "")
