"""Rules that need not hold in one place, and the reason; rules about those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from embedai_nb.checks.findings import Context, Spot
from embedai_nb.checks.messages import MESSAGES
from embedai_nb.model import Issue, Item
from embedai_nb.text.paths import Path, entries


def reason(issue: Issue, path: Path, rule: str) -> str:
    """Why this rule need not hold at a path, as the item there or the issue says; empty where it has to."""
    match path:
        case ("sections", int(number), "items", int(index), *_):
            entry = issue.sections[number].items[index]
            if isinstance(entry, Item) and entry.waived.get(rule):
                return entry.waived[rule]
    return issue.waived.get(rule, "")


def unknown_rule(issue: Issue, context: Context) -> Iterator[Spot]:
    for path, rules in _waivers(issue):
        yield from (Spot((*path, rule), {"rule": rule}) for rule in rules if rule not in MESSAGES)
    for rule in context.newsletter.checks:
        if rule not in MESSAGES:
            yield Spot((), {"rule": rule})


def waived_without_reason(issue: Issue, context: Context) -> Iterator[Spot]:
    for path, rules in _waivers(issue):
        yield from (Spot((*path, rule), {"rule": rule}) for rule, why in rules.items() if not why)


def _waivers(issue: Issue) -> Iterator[tuple[Path, Mapping[str, str]]]:
    yield ("waived",), issue.waived
    for path, _, item in entries(issue):
        yield (*path, "waived"), item.waived
