"""Rules about what precedes the sections: title, lead, warm-ups."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from pydantic import JsonValue

from embedai_nb.checks.findings import Context, Replacement, RuleMatch
from embedai_nb.checks.messages import NOTHING
from embedai_nb.i18n.punctuation import listed
from embedai_nb.model import Issue, Newsletter, Raw, Warmup

BULLET = re.compile(r"\A[-–]\s*")
DATE = re.compile(r"(?P<year>\d{4})(?P<mark>[-./])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})", re.ASCII)
BRACKETED = re.compile(r"【[^】]*】|「[^」]*」|\[[^\]]*\]")


def no_headline(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A title without keywords."""
    if not any(issue.headline):
        yield RuleMatch(("headline",))


def heading_date(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A title with another date than the issue's."""
    heading = issue.heading or ""
    if wrong := [found[0] for found in DATE.finditer(heading) if _date(found) != issue.date]:
        right = DATE.sub(lambda found: str(issue.date) if found[0] in wrong else found[0], heading)
        values = {"found": listed(wrong, context.say), "date": issue.date}
        yield RuleMatch(("heading",), values, Replacement(("heading",), right))


def lead_missing(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """An empty lead after its label, in an imported issue; in a new one the program writes the lead."""
    if issue.imported and issue.lead == "":
        yield RuleMatch(("lead",), {"word": context.newsletter.lead_word})


def lead_skeleton(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A lead with section names and count, but no content."""
    if issue.lead and _is_skeleton(issue.lead, context.newsletter):
        change = None if issue.imported else Replacement(("lead",), None)
        yield RuleMatch(("lead",), {"word": context.newsletter.lead_word}, change)


def lead_count(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A lead that states another number of items than there are."""
    lead, count = issue.lead or "", len(issue.entries)
    claim = _claim(lead, context.newsletter)
    if claim and int(claim["count"]) != count:
        right = f"{lead[: claim.start('count')]}{count}{lead[claim.end('count') :]}"
        values = {"word": context.newsletter.lead_word, "claimed": claim["count"], "count": count}
        yield RuleMatch(("lead",), values, Replacement(("lead",), right))


def warmup_without_text(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A warm-up without text; one without anything isn't published."""
    for index, warmup in enumerate(issue.warmups):
        if isinstance(warmup, Warmup) and not warmup.text and (warmup.company or warmup.url):
            yield RuleMatch(("warmups", index, "text"), {"company": warmup.company or context.say(NOTHING)})


def lost_bullet(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """Warm-up lines that begin with a company, but without their bullet; any other goes on with the line above it."""
    for index, entry in enumerate(issue.warmups):
        if isinstance(entry, Raw):
            count = sum(not BULLET.match(line) and bool(Warmup(text=line).company) for line in entry.raw.split("\n"))
            yield from [RuleMatch(("warmups", index), {}, _as_warmups(issue, index, entry.raw))] * count


def _as_warmups(issue: Issue, index: int, raw: str) -> Replacement | None:
    """Fix for lines that name a company; any other may belong to the line above it."""
    found = [Warmup(text=BULLET.sub("", line)) for line in raw.split("\n")]
    if not all(warmup.company and warmup.text for warmup in found):
        return None
    entries: list[JsonValue] = [{"company": warmup.company, "text": warmup.text} for warmup in found]
    if len(entries) == 1:
        return Replacement(("warmups", index), entries[0])
    warmups: list[JsonValue] = [entry.model_dump(mode="json", exclude_defaults=True) for entry in issue.warmups]
    return Replacement(("warmups",), [*warmups[:index], *entries, *warmups[index + 1 :]])


def _date(found: re.Match[str]) -> datetime.date | None:
    try:
        return datetime.date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


# --- the lead -------------------------------------------------------------------------------------------------


def _is_skeleton(lead: str, newsletter: Newsletter) -> bool:
    """Whether a lead has no words besides the count and the names of sections."""
    if claim := _claim(lead, newsletter):
        lead = lead[: claim.start()] + lead[claim.end() :]
    lead = BRACKETED.sub("", lead)
    for name in _section_names(newsletter):
        lead = lead.replace(newsletter.lead.section.format(name=name, hooks="").strip(), "")
    return not re.search(r"\w", lead)


def _claim(lead: str, newsletter: Newsletter) -> re.Match[str] | None:
    """The number of items that the lead states for the whole issue, not for a section."""
    pattern = _claim_pattern(newsletter.lead.count)
    for found in pattern.finditer(lead) if pattern else ():
        if not any(name in found[0] for name in _section_names(newsletter)):
            return found
    return None


def _claim_pattern(style: str) -> re.Pattern[str] | None:
    """Pattern of ``本期{count}条。`` and its variants: 本次20条, 本次内容20条.

    The text before the number may vary after its first character in scripts without spaces; the text after it must match
    whole.  A number right after a section's name in brackets counts that section, so it doesn't match.
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
    """Names of sections, longest first, so that none is matched as the beginning of another."""
    names = {name for style in newsletter.sections for name in (style.name, style.short) if name}
    return sorted(names, key=len, reverse=True)
