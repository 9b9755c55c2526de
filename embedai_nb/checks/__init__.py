"""What is wrong with an issue: rules from an issue and its context to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embedai_nb.checks import closing, items, labels, links, opening, publication, typography
from embedai_nb.checks.findings import Context, Finding, Fix, Place, Severity, Spot
from embedai_nb.checks.messages import FIELDS, MESSAGES
from embedai_nb.checks.paths import position
from embedai_nb.checks.places import place
from embedai_nb.checks.texts import visible
from embedai_nb.model import Issue

__all__ = ["FIELDS", "RULES", "Context", "Finding", "Fix", "Place", "Severity", "check"]

Rule = Callable[[Issue, Context], Iterator[Spot]]

RULES: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        links.empty_link,
        links.no_link,
        links.no_title,
        links.bad_url,
        links.expiring_link,
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
        typography.doubled_punctuation,
        typography.halfwidth_punctuation,
        typography.space_before_punctuation,
        typography.unbalanced_brackets,
        typography.invisible_character,
        closing.no_closing,
        closing.dead_back_issue,
        closing.stray_text,
    )
}
"""All rules by name; what each says stands under the same name in ``MESSAGES``."""


def check(issue: Issue, context: Context) -> tuple[Finding, ...]:
    """What the rules find, in order of appearance; where two are at one place, in the order of the rules."""
    found = [_finding(name, spot, issue, context) for name, rule in RULES.items() for spot in rule(issue, context)]
    return tuple(sorted(found, key=lambda finding: position(issue, finding.place.path)))


def _finding(name: str, spot: Spot, issue: Issue, context: Context) -> Finding:
    message = MESSAGES[name]
    fix = spot.change and Fix(
        path=spot.change.path, value=spot.change.value, description=visible(message.fix.format_map(spot.values))
    )
    return Finding(
        rule=name,
        severity=message.severity,
        message=visible(message.text.format_map(spot.values)),
        place=place(issue, spot.path),
        line=context.line(spot.path),
        fix=fix,
    )
