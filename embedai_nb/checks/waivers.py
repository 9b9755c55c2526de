"""Waivers: rules that need not hold for an item or issue, each with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from embedai_nb.checks.findings import Context, RuleMatch
from embedai_nb.checks.messages import FILE_MESSAGES, MESSAGES
from embedai_nb.model import Issue, Item
from embedai_nb.plugins import CHECKS, plugin_entries
from embedai_nb.text.paths import Path, entries
from embedai_nb.text.spans import visible


def reason(issue: Issue, path: Path, rule: str) -> str:
    """Why this rule is waived at a path, by its item or the issue; empty if it isn't."""
    waivers = [issue.waived]
    match path:
        case ("sections", int(number), "items", int(index), *_):
            entry = issue.sections[number].items[index]
            waivers[:0] = [entry.waived] if isinstance(entry, Item) else []
    return next((text for waived in waivers if (text := visible(waived.get(rule, "")))), "")


def unknown_rule(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A waiver or setting of a rule that doesn't exist."""
    known = {*MESSAGES, *(entry.name for entry in plugin_entries(context.newsletter.plugins, CHECKS))}
    for path, rules in _waivers(issue):
        yield from (RuleMatch((*path, rule), {"rule": rule}) for rule in rules if rule not in known)
    for rule in context.newsletter.checks:
        if rule not in known and rule not in FILE_MESSAGES:
            yield RuleMatch((), {"rule": rule})


def waived_without_reason(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A waiver without reason, which has no effect."""
    for path, rules in _waivers(issue):
        yield from (RuleMatch((*path, rule), {"rule": rule}) for rule, why in rules.items() if not visible(why))


def _waivers(issue: Issue) -> Iterator[tuple[Path, Mapping[str, str]]]:
    yield ("waived",), issue.waived
    for path, _, item in entries(issue):
        yield (*path, "waived"), item.waived
