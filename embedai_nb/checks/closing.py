"""Rules about the closing: its back issues exist, no text follows the licence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from embedai_nb.checks.findings import Context, Replacement, RuleMatch
from embedai_nb.i18n.punctuation import listed
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.spans import addresses, links

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def no_closing(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """An imported issue without back issues; in a new one the program writes them."""
    word = context.newsletter.back_issues
    if issue.imported and word not in (issue.closing or ""):
        yield RuleMatch(("closing",), {"back_issues": word})


def dead_back_issue(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Links to back issues that don't exist."""
    linked = _linked_dates(issue.closing or "") if context.dates else []
    known = {str(date) for date in (*context.dates, issue.date)} if linked else ()
    dead = [date for date in linked if date not in known]
    if dead:
        dates = listed(dead, context.say)
        values = {"back_issues": context.newsletter.back_issues, "count": len(dead), "dates": dates}
        yield RuleMatch(("closing",), values)


def stray_text(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Text after the licence."""
    lines = (issue.closing or "").split("\n")
    marks = _licence_marks(context.newsletter)
    last = next((n for n in reversed(range(len(lines))) if any(mark in lines[n] for mark in marks)), None)
    if last is not None and (stray := [line.strip() for line in lines[last + 1 :] if line.strip()]):
        yield RuleMatch(
            ("closing",), {"text": " ".join(stray)}, Replacement(("closing",), "\n".join(lines[: last + 1]))
        )


def _linked_dates(closing: str) -> list[str]:
    found = [date for link in links(closing) for date in DATE.findall(f"{link.text} {link.url}")]
    return list(dict.fromkeys(found))


def _licence_marks(newsletter: Newsletter) -> list[str]:
    """Recognise a licence by the host of its link, as wording and version change."""
    hosts = [urlsplit(url).hostname or "" for url in addresses(newsletter.licence)]
    return [mark for mark in hosts or newsletter.licence.split("\n")[-1:] if mark]
