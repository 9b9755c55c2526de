"""Check an issue: rules take an issue and its context and yield findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from embedai_nb.checks import (
    closing,
    items,
    labels,
    links,
    markdown_dialect,
    opening,
    plugin_rules,
    repeats,
    round_trip,
    typography,
    waivers,
    wechat_limits,
)
from embedai_nb.checks.findings import Context, Finding, Fix, LinkStatus, RuleMatch
from embedai_nb.checks.links import pages
from embedai_nb.checks.make_finding import make_finding
from embedai_nb.checks.messages import MESSAGES
from embedai_nb.checks.severity import SEVERITIES, Severity
from embedai_nb.model import Issue
from embedai_nb.text.paths import position

__all__ = [
    "RULES",
    "SEVERITIES",
    "Context",
    "Finding",
    "Fix",
    "LinkStatus",
    "Severity",
    "check",
    "fixable_rules",
    "pages",
]

BuiltInRule = Callable[[Issue, Context], Iterator[RuleMatch]]

RULES: dict[str, BuiltInRule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        links.empty_link,
        links.no_link,
        links.no_title,
        links.bad_url,
        links.expiring_link,
        links.dead_link,
        links.unknown_link,
        links.item_twice,
        links.missing_fragment,
        links.same_page,
        links.same_repo,
        items.unclosed_head,
        items.unusual_head,
        items.no_source,
        items.no_tag,
        items.no_repo,
        items.repo_mismatch,
        items.tag_mismatch,
        labels.no_summary,
        labels.unlabelled_summary,
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
        markdown_dialect.readers_differ,
        markdown_dialect.raw_end,
        markdown_dialect.eaten_signs,
        markdown_dialect.cut_address,
        markdown_dialect.single_tilde,
        markdown_dialect.list_start,
        markdown_dialect.not_markdown,
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
        plugin_rules.plugin_missing,
        plugin_rules.plugin_failed,
    )
}
"""All rules by name; ``MESSAGES`` has the severity and message of each."""


def fixable_rules() -> dict[str, BuiltInRule]:
    """The rules whose findings may have a fix."""
    return {name: rule for name, rule in RULES.items() if MESSAGES[name].fix}


def check(issue: Issue, context: Context, run: Mapping[str, BuiltInRule] = RULES) -> tuple[Finding, ...]:
    """Run rules, all unless others are given, and those of plug-ins; findings come in the order of the issue, and of the rules.

    The severity of a rule is that of newsletter.yaml, else that of ``MESSAGES``.  A finding that the draft waives, with
    a reason, is a note.  In an imported issue an error counts as a warning: readers have had it.
    """
    weights = context.newsletter.checks
    rules = {name: rule for name, rule in run.items() if weights.get(name) != "off"}
    found = [
        make_finding(name, MESSAGES[name], match, issue, context)
        for name, rule in rules.items()
        for match in rule(issue, context)
    ]
    found += plugin_rules.run(issue, context).findings
    return tuple(sorted(found, key=lambda finding: position(issue, finding.place.path)))
