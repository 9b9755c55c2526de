"""Put what is known of an issue and its parts into words, for every form that a review has."""

from __future__ import annotations

from collections.abc import Iterator

from embedai_nb.catalogue import Earlier
from embedai_nb.checks import Finding, LinkStatus
from embedai_nb.checks.severity import SEVERITIES, count_severities
from embedai_nb.diff.changes import Change, Edit
from embedai_nb.i18n import Translator
from embedai_nb.i18n.punctuation import aside, clauses, labelled, listed
from embedai_nb.review.assemble import Review, ReviewPart
from embedai_nb.review.messages import KINDS, LINK_SIGNS, LINK_STATES, MARKS, NAMES, SAME, VERDICTS, WORDS
from embedai_nb.text.sentences import first_sentence
from embedai_nb.wechat.budget import LIMITS

__all__ = [
    "earlier_of",
    "edit_name",
    "figures",
    "finding",
    "link_state",
    "moved",
    "signs",
    "state",
    "tasks",
    "verdict",
]


def verdict(review: Review) -> str:
    """The decision in one line, with its mark."""
    say = review.say
    said = say(VERDICTS[review.verdict], count=review.count("error"))
    if review.verdict == "ready":
        changed = say(WORDS["changed"], count=len(review.changes or ()))
        said += aside(say(WORDS["first"]) if review.changes is None else changed, say)
    return f"{MARKS[review.verdict]} {said}"


def tasks(review: Review) -> Iterator[tuple[str, str]]:
    """Who has to do what before the issue can go out."""
    say = review.say
    errors, warnings, notes = map(review.count, SEVERITIES)
    names = listed([part.name for part in review.unfinished], say)
    editor = [
        say(WORDS["mend-errors"], count=errors) if errors else "",
        say(WORDS["finish-items"], count=len(review.unfinished), names=names) if names else "",
        say(WORDS["look-at-warnings"], count=warnings) if warnings else "",
    ]
    yield say(WORDS["editor"]), clauses(editor, say) or say(WORDS["nothing-to-mend"])
    changes = review.changes
    reviewer = say(WORDS["read-all"]) if changes is None else say(WORDS["read-changes"], count=len(changes))
    yield (
        say(WORDS["reviewer"]),
        clauses([reviewer, say(WORDS["look-at-notes"], count=notes) if notes else ""], say),
    )


def figures(review: Review) -> Iterator[tuple[str, str]]:
    """The issue in numbers: items by section, length, share of the WeChat article, links."""
    say = review.say
    sections = clauses([f"{name} {count}" for name, count in review.sections.items()], say)
    items = say(WORDS["items-value"], count=sum(review.sections.values()), sections=sections)
    warmups = say(WORDS["warmups-value"], count=review.warmups) if review.warmups else ""
    yield say(WORDS["items"]), clauses([items, warmups], say)
    yield say(WORDS["length"]), say(WORDS["length-value"], count=review.characters, minutes=review.minutes)
    if review.budget:
        used, limit = f"{review.budget.characters:,}", f"{LIMITS.characters:,}"
        yield say(WORDS["budget"]), say(WORDS["budget-value"], used=used, limit=limit, percent=review.budget_percent)
    elif review.budget_problem:
        yield say(WORDS["budget"]), say(WORDS["budget-unknown"], why=review.budget_problem)
    yield say(WORDS["links"]), _links(review)


def _links(review: Review) -> str:
    say, known = review.say, [status for status in review.links.values() if status]
    if not known:
        return say(WORDS["links-unchecked"], count=len(review.links), date=review.date)
    states = [status.state for status in known]
    oldest, newest = min(status.date for status in known), max(status.date for status in known)
    days = str(oldest) if oldest == newest else f"{oldest} – {newest}"
    said = say(WORDS["links-value"], count=len(review.links), checked=len(known), date=days)
    dead, unknown = states.count("dead"), states.count("unknown")
    return said + (say(WORDS["links-bad"], dead=dead, unknown=unknown) if dead or unknown else "")


def signs(part: ReviewPart, say: Translator) -> str:
    """What there is to see at a part, in a few words: 1 个错误 · 改动."""
    counted = count_severities(finding.severity for finding in part.findings)
    found = [say(SEVERITIES[kind].number, count=count) for kind, count in counted.items() if count]
    kinds = [say(KINDS[kind]) for kind in dict.fromkeys(change.kind for change in part.changes)]
    bad = [say(LINK_SIGNS[state]) for state in dict.fromkeys(s.state for _, s in part.links) if state != "ok"]
    before = [f"{earlier.date}" for earlier in part.earlier[:1]]
    return " · ".join([*found, *kinds, *bad, *before])


def state(part: ReviewPart, review: Review) -> str:
    """Whether the editor is done with an item, and what it costs."""
    say = review.say
    ready = "" if part.ready is None else say(WORDS["ready" if part.ready else "draft"])
    share = ""
    if part.characters is not None and review.budget:
        percent = round(100 * part.characters / review.budget.characters)
        share = say(WORDS["share"], characters=f"{part.characters:,}", percent=percent)
    return " · ".join(filter(None, [ready, share]))


def finding(found: Finding, say: Translator) -> str:
    """A finding in its part: the field, what is wrong, and the fix."""
    said = labelled(found.place.field, found.message, say)
    return f"{said} {say(WORDS['fix'], fix=found.fix.description)}" if found.fix else said


def moved(change: Change, say: Translator) -> str:
    """Where a moved item came from; empty where it stayed."""
    for edit in change.edits:
        if change.kind == "moved" and edit.field in {"section", "place"}:
            return say(WORDS[f"moved-{edit.field}"], before=edit.before, after=edit.after)
    return ""


def edit_name(edit: Edit, say: Translator) -> str:
    """The field of an edit in an editor's words."""
    return say(NAMES[edit.field]) if edit.field in NAMES else edit.field


def link_state(status: LinkStatus, say: Translator) -> str:
    """What became of a link, and when somebody looked."""
    return say(LINK_STATES[status.state], why=status.reason, date=status.date)


def earlier_of(earlier: Earlier, say: Translator) -> str:
    """What an earlier issue said about the same, with its first sentence."""
    section, title = earlier.section or say(NAMES["warmups"]), earlier.title or earlier.url
    where = say(WORDS["earlier"], date=earlier.date, section=section, title=title, same=say(SAME[earlier.reason]))
    said = first_sentence(earlier.text)
    return labelled(where, said, say) if said else where
