"""Rules of plug-ins: run them, and report those that fail; the others still run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from embedai_nb.checks.findings import Context, Finding, RuleMatch
from embedai_nb.checks.make_finding import make_finding
from embedai_nb.checks.messages import FILE_MESSAGES, MESSAGES, Message
from embedai_nb.checks.severity import Severity
from embedai_nb.i18n import _, translated
from embedai_nb.i18n.punctuation import labelled
from embedai_nb.memoize import cache_last
from embedai_nb.model import Issue, Newsletter
from embedai_nb.plugins import CHECKS, MissingPluginError, PluginEntry, PluginError, blamed, find, plugin_entries

__all__ = ["PluginFindings", "Rule", "Words", "load_rules", "message_of", "plugin_failed", "plugin_missing", "run"]

MOST = 1000
"""Findings of one rule in one issue; one that yields more may never end."""

Words = str | Mapping[str, str]
"""A text in one language, or by language: ``{"en": …, "zh-CN": …}``."""


@dataclass(frozen=True)
class Rule:
    """A rule that a plug-in brings under the name of its entry point.

    Args:
        find: yields a `RuleMatch` for each place.
        severity: ``error``, ``warning`` or ``note``; newsletter.yaml may say otherwise.
        text: the message; ``{…}`` are values of the match.
        fix: says what a replacement does.
        safe: whether replacements need no decision of an editor.
    """

    find: Callable[[Issue, Context], Iterable[RuleMatch]]
    severity: Severity
    text: Words
    fix: Words = ""
    safe: bool = False

    def message(self, language: str) -> Message:
        """Its severity and words in a language."""
        return Message(self.severity, _worded(self.text, language), _worded(self.fix, language), self.safe)


def _worded(words: Words, language: str) -> str:
    """The words in this language, else in one related to it, else the first."""
    if isinstance(words, str):
        return words
    base = language.partition("-")[0]
    related = (words[known] for known in words if known.partition("-")[0] == base)
    return words.get(language) or next(related, next(iter(words.values())))


class PluginFindings(NamedTuple):
    """What the rules of plug-ins find, and why some of them do not run."""

    findings: tuple[Finding, ...] = ()
    problems: tuple[PluginError, ...] = ()


@cache_last
def run(issue: Issue, context: Context) -> PluginFindings:
    """Run the rules of the plug-ins that newsletter.yaml names; of one that fails nothing is kept."""
    if not context.newsletter.plugins:
        return PluginFindings()
    findings, problems = list[Finding](), list[PluginError]()
    entries = plugin_entries(context.newsletter.plugins, CHECKS)
    for number, entry in enumerate(entries):
        if context.newsletter.checks.get(entry.name) == "off":
            continue
        try:
            _refuse_taken(entry, entries[:number])
            findings += _found(entry, issue, context)
        except PluginError as error:
            problems.append(error)
    return PluginFindings(tuple(findings), tuple(problems))


def load_rules(newsletter: Newsletter) -> None:
    """Import the rules of plug-ins, say before processes are forked; what fails is reported by `run`."""
    for entry in plugin_entries(newsletter.plugins, CHECKS):
        with suppress(PluginError):
            entry.load(Rule)


def _refuse_taken(entry: PluginEntry, before: Sequence[PluginEntry]) -> None:
    """Raise a PluginError if the name of a rule is taken."""
    if entry.name in MESSAGES or entry.name in FILE_MESSAGES:
        raise entry.error(_("embedai-nb itself has a rule of this name"))
    for other in before:
        if other.name == entry.name:
            raise entry.error(_("{plugin} has a rule of this name, too", plugin=other.plugin))


def _found(entry: PluginEntry, issue: Issue, context: Context) -> list[Finding]:
    """The findings of one rule; a fix that would make no issue is a failure, too."""
    rule, found = entry.load(Rule), list[Finding]()
    with blamed(entry):
        message = rule.message(context.newsletter.language)
        for match in islice(rule.find(issue, context), MOST + 1):
            finding = make_finding(entry.name, message, RuleMatch(*match), issue, context, entry.plugin)
            if finding.fix:
                finding.fix.applied(issue)
            found.append(finding)
    if len(found) > MOST:
        raise entry.error(_("it finds more than {count:,} places", count=MOST))
    return found


def plugin_missing(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A plug-in that newsletter.yaml names and that is not installed."""
    for found in map(find, context.newsletter.plugins):
        if isinstance(found, MissingPluginError):
            yield RuleMatch((), {"plugin": found.item})


def plugin_failed(issue: Issue, context: Context) -> Iterator[RuleMatch]:
    """A plug-in that brings nothing, or one of whose rules fails."""
    for error in (*map(find, context.newsletter.plugins), *run(issue, context).problems):
        if isinstance(error, PluginError) and not isinstance(error, MissingPluginError):
            problem = labelled(error.field, translated(error.problem, context.newsletter.language), context.say)
            yield RuleMatch((), {"plugin": error.item, "problem": problem})


def message_of(finding: Finding) -> tuple[Message, str]:
    """The message of the rule of a plug-in in the language of a finding, and what it says of itself."""
    entry = next(each for each in plugin_entries((finding.plugin,), CHECKS) if each.name == finding.rule)
    rule = entry.load(Rule)
    return rule.message(finding.place.language), rule.find.__doc__ or ""
