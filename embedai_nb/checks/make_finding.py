"""Make a finding of what a rule yields: its message, place, fix and severity here."""

from __future__ import annotations

from embedai_nb.checks import waivers
from embedai_nb.checks.findings import Context, Finding, Fix, RuleMatch
from embedai_nb.checks.messages import WAIVED, Message
from embedai_nb.checks.severity import Severity
from embedai_nb.model import Issue, Newsletter
from embedai_nb.text.locations import locate
from embedai_nb.text.spans import visible

__all__ = ["make_finding"]


def make_finding(
    name: str, message: Message, match: RuleMatch, issue: Issue, context: Context, plugin: str = ""
) -> Finding:
    """Make the finding of a rule.

    Args:
        name: of the rule.
        message: its severity and words.
        match: what it yields.
        issue: the issue that is checked.
        context: as the rule got it.
        plugin: what brings the rule.
    """
    say = context.say
    fix = match.change and Fix(
        path=match.change.path,
        value=match.change.value,
        description=visible(say(message.fix, **match.values)),
        safe=message.safe,
    )
    text = visible(say(message.text, **match.values))
    reason = waivers.reason(issue, match.path, name)
    severity = _severity(name, message, context.newsletter)
    if reason:
        severity, text = "note", say(WAIVED, text=text, reason=reason)
    elif issue.imported and not issue.unpublished and severity == "error":
        severity = "warning"
    return Finding(
        rule=name,
        severity=severity,
        message=text,
        place=locate(issue, match.path, context.newsletter.language),
        line=context.line(match.path),
        fix=fix,
        plugin=plugin,
    )


def _severity(name: str, message: Message, newsletter: Newsletter) -> Severity:
    weight = newsletter.checks.get(name, "off")
    return message.severity if weight == "off" else weight
