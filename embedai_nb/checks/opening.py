"""Rules about what stands before the sections: title, lead, warm-ups."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from embedai_nb.checks.findings import Context, Replacement, Spot
from embedai_nb.checks.messages import NOTHING
from embedai_nb.model import Issue, Newsletter, Raw, Warmup

DATE = re.compile(r"(?P<year>\d{4})(?P<mark>[-./])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})", re.ASCII)
BRACKETED = re.compile(r"【[^】]*】|「[^」]*」|\[[^\]]*\]")


def no_headline(issue: Issue, context: Context) -> Iterator[Spot]:
    """An old issue without keywords is as it was meant, unless its title ends in the colon before them."""
    if not any(issue.headline) and (not issue.imported or (issue.heading or "").endswith((":", "："))):
        yield Spot(("headline",))


def heading_date(issue: Issue, context: Context) -> Iterator[Spot]:
    heading = issue.heading or ""
    if wrong := [found[0] for found in DATE.finditer(heading) if _date(found) != issue.date]:
        right = DATE.sub(lambda found: str(issue.date) if found[0] in wrong else found[0], heading)
        yield Spot(("heading",), {"found": "、".join(wrong), "date": issue.date}, Replacement(("heading",), right))


def lead_missing(issue: Issue, context: Context) -> Iterator[Spot]:
    """Only of an old issue, where the word for it is there: the program writes a lead into a new one."""
    if issue.imported and issue.lead == "":
        yield Spot(("lead",), {"word": context.newsletter.lead_word})


def lead_skeleton(issue: Issue, context: Context) -> Iterator[Spot]:
    if issue.lead and _is_skeleton(issue.lead, context.newsletter):
        change = None if issue.imported else Replacement(("lead",), None)
        yield Spot(("lead",), {"word": context.newsletter.lead_word}, change)


def lead_count(issue: Issue, context: Context) -> Iterator[Spot]:
    lead, count = issue.lead or "", len(issue.entries)
    claim = _claim(lead, context.newsletter)
    if claim and int(claim["count"]) != count:
        right = f"{lead[: claim.start('count')]}{count}{lead[claim.end('count') :]}"
        values = {"word": context.newsletter.lead_word, "claimed": claim["count"], "count": count}
        yield Spot(("lead",), values, Replacement(("lead",), right))


def warmup_without_text(issue: Issue, context: Context) -> Iterator[Spot]:
    """One that is empty altogether isn't published."""
    for index, warmup in enumerate(issue.warmups):
        if isinstance(warmup, Warmup) and not warmup.text and (warmup.company or warmup.url):
            yield Spot(("warmups", index, "text"), {"company": warmup.company or NOTHING})


def lost_bullet(issue: Issue, context: Context) -> Iterator[Spot]:
    for index, entry in enumerate(issue.warmups):
        if isinstance(entry, Raw):
            yield Spot(("warmups", index), {}, _as_warmup(("warmups", index), entry))


def _as_warmup(path: tuple[str, int], entry: Raw) -> Replacement | None:
    """A line that names a company lost its bullet; any other may as well belong to the line above it."""
    warmup = Warmup(text=entry.raw)
    if "\n" in entry.raw or not (warmup.company and warmup.text):
        return None
    return Replacement(path, {"company": warmup.company, "text": warmup.text})


def _date(found: re.Match[str]) -> datetime.date | None:
    try:
        return datetime.date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


# --- the lead -------------------------------------------------------------------------------------------------


def _is_skeleton(lead: str, newsletter: Newsletter) -> bool:
    """Whether no word is left without the count and the names of the sections."""
    if claim := _claim(lead, newsletter):
        lead = lead[: claim.start()] + lead[claim.end() :]
    lead = BRACKETED.sub("", lead)
    for name in _section_names(newsletter):
        lead = lead.replace(newsletter.lead.section.format(name=name, hooks="").strip(), "")
    return not re.search(r"\w", lead)


def _claim(lead: str, newsletter: Newsletter) -> re.Match[str] | None:
    """The number of items that the lead names, where it is that of the whole issue and not of a section."""
    pattern = _claim_pattern(newsletter.lead.count)
    for found in pattern.finditer(lead) if pattern else ():
        if not any(name in found[0] for name in _section_names(newsletter)):
            return found
    return None


def _claim_pattern(style: str) -> re.Pattern[str] | None:
    """How editors vary ``本期{count}条。``: 本次20条, 本次内容20条.

    What stands before the number may differ behind its first character where there are no spaces between words; what
    stands behind it must be there, and be all.  Right behind a section's name in brackets it counts that section.
    """
    before, placeholder, after = (part.strip() for part in style.partition("{count}"))
    after = re.sub(r"\W+$", "", after)
    if not placeholder or not (before or after):
        return None
    variants = [re.escape(before) if before else "^"]
    if before and not before.isascii():
        variants.append(re.escape(before[0]) + r"[^\W\d_]{1,4}")
    return re.compile(
        rf"(?<![】」\]])(?:{'|'.join(variants)})[\s*]*(?P<count>[0-9]{{1,4}})[\s*]*{re.escape(after)}(?!\w)",
        re.MULTILINE,
    )


def _section_names(newsletter: Newsletter) -> list[str]:
    """Longest first, so that no name is taken for the beginning of another."""
    names = {name for style in newsletter.sections for name in (style.name, style.short) if name}
    return sorted(names, key=len, reverse=True)
