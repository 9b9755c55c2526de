"""What is wrong with an issue: rules from an issue and its context to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embedai_nb.checks import (
    closing,
    items,
    labels,
    links,
    opening,
    repeats,
    round_trip,
    typography,
    waivers,
    wechat_limits,
)
from embedai_nb.checks.findings import Context, Finding, Fix, LinkStatus, Spot
from embedai_nb.checks.links import pages
from embedai_nb.checks.messages import MESSAGES, WAIVED
from embedai_nb.checks.severity import SEVERITIES, Severity
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.locations import locate
from embedai_nb.text.paths import position
from embedai_nb.text.spans import visible

__all__ = [
    "RULES",
    "SEVERITIES",
    "Context",
    "Finding",
    "Fix",
    "LinkStatus",
    "Severity",
    "check",
    "pages",
]

Rule = Callable[[Issue, Context], Iterator[Spot]]

RULES: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        links.empty_link,
        links.no_link,
        links.no_title,
        links.bad_url,
        links.expiring_link,
        links.dead_link,
        links.unknown_link,
        links.same_page,
        links.same_repo,
        items.unusual_head,
        items.no_source,
        items.no_tag,
        items.no_repo,
        items.repo_mismatch,
        items.tag_mismatch,
        labels.no_summary,
        labels.empty_label,
        labels.summary_without_colon,
        labels.repeated_label,
        opening.no_headline,
        opening.heading_date,
        opening.lead_missing,
        opening.lead_skeleton,
        opening.lead_count,
        opening.warmup_without_text,
        opening.lost_bullet,
        items.no_items,
        items.raw_text,
        items.empty_section,
        items.not_ready,
        round_trip.reads_differently,
        round_trip.too_deep,
        wechat_limits.wechat_title,
        wechat_limits.wechat_title_too_long,
        wechat_limits.wechat_nearly_full,
        wechat_limits.wechat_too_long,
        repeats.page_before,
        repeats.paper_before,
        repeats.repo_before,
        repeats.title_before,
        typography.doubled_punctuation,
        typography.halfwidth_punctuation,
        typography.space_before_punctuation,
        typography.spacing,
        typography.unbalanced_brackets,
        typography.invisible_character,
        closing.no_closing,
        closing.dead_back_issue,
        closing.stray_text,
        waivers.unknown_rule,
        waivers.waived_without_reason,
    )
}
"""All rules by name; what each says stands under the same name in ``MESSAGES``."""


def check(issue: Issue, context: Context) -> tuple[Finding, ...]:
    """What the rules find, in order of appearance; where two are at one place, in the order of the rules.

    A rule matters as much as newsletter.yaml says, else as ``MESSAGES``.  A finding that the draft waives, with a
    reason, is a note.  In an old issue nothing is graver than a warning: readers have had it.
    """
    weights = context.newsletter.checks
    rules = {name: rule for name, rule in RULES.items() if weights.get(name) != "off"}
    found = [_finding(name, spot, issue, context) for name, rule in rules.items() for spot in rule(issue, context)]
    return tuple(sorted(found, key=lambda finding: position(issue, finding.place.path)))


def _severity(name: str, newsletter: Newsletter) -> Severity:
    weight = newsletter.checks.get(name, "off")
    return MESSAGES[name].severity if weight == "off" else weight


def _finding(name: str, spot: Spot, issue: Issue, context: Context) -> Finding:
    message = MESSAGES[name]
    fix = spot.change and Fix(
        path=spot.change.path,
        value=spot.change.value,
        description=visible(message.fix.format_map(spot.values)),
        safe=message.safe,
    )
    text = visible(message.text.format_map(spot.values))
    reason = waivers.reason(issue, spot.path, name)
    severity = _severity(name, context.newsletter)
    if reason:
        severity, text = "note", WAIVED.format(text=text, reason=reason)
    elif issue.imported and severity == "error":
        severity = "warning"
    return Finding(
        rule=name,
        severity=severity,
        message=text,
        place=locate(issue, spot.path),
        line=context.line(spot.path),
        fix=fix,
    )
