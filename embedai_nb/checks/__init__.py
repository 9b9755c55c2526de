"""What is wrong with an issue: rules from an issue and its context to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embedai_nb.checks import closing, earlier, items, labels, links, opening, publication, typography, waived, wechat
from embedai_nb.checks.findings import Context, Finding, Fix, Place, Reached, Severity, Spot
from embedai_nb.checks.links import pages
from embedai_nb.checks.messages import FIELDS, MESSAGES, WAIVED
from embedai_nb.checks.paths import position
from embedai_nb.checks.places import place
from embedai_nb.checks.texts import visible
from embedai_nb.model import Issue, Newsletter

__all__ = ["FIELDS", "RULES", "Context", "Finding", "Fix", "Place", "Reached", "Severity", "check", "pages"]

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
        publication.reads_differently,
        publication.too_deep,
        wechat.wechat_title,
        wechat.wechat_title_too_long,
        wechat.wechat_nearly_full,
        wechat.wechat_too_long,
        earlier.page_before,
        earlier.paper_before,
        earlier.repo_before,
        earlier.title_before,
        typography.doubled_punctuation,
        typography.halfwidth_punctuation,
        typography.space_before_punctuation,
        typography.spacing,
        typography.unbalanced_brackets,
        typography.invisible_character,
        closing.no_closing,
        closing.dead_back_issue,
        closing.stray_text,
        waived.unknown_rule,
        waived.waived_without_reason,
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
    reason = visible(waived.reason(issue, spot.path, name))
    severity = _severity(name, context.newsletter)
    if reason:
        severity, text = "note", WAIVED.format(text=text, reason=reason)
    elif issue.imported and severity == "error":
        severity = "warning"
    return Finding(
        rule=name,
        severity=severity,
        message=text,
        place=place(issue, spot.path),
        line=context.line(spot.path),
        fix=fix,
    )
