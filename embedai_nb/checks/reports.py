"""Format findings: text for people, JSON, GitHub annotations, SARIF."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import embedai_nb
from embedai_nb.checks import RULES, Finding
from embedai_nb.checks.messages import FILE_MESSAGES, MESSAGES
from embedai_nb.checks.severity import SEVERITIES, Severity, count_severities
from embedai_nb.i18n import NP_, Translator, _, translator
from embedai_nb.i18n.punctuation import labelled
from embedai_nb.text.columns import columns, padded

HOME = "https://github.com/ysh329/awesome-embedded-ai"
"""Where the README is that says what the checks are."""

MANY = 2
"""So many are meant where a rule is described."""

RULE_COLUMNS = (
    NP_("column of a table", "rule"),
    NP_("column of a table", "severity"),
    NP_("column of a table", "findings"),
    NP_("column of a table", "issues"),
)
ISSUE_COLUMNS = (
    NP_("column of a table", "issue"),
    NP_("column of a table", "errors"),
    NP_("column of a table", "warnings"),
    NP_("column of a table", "notes"),
)
ALL_ISSUES = NP_("row of a table", "all")

Style = Callable[[str, Severity], str]
"""Colours text by severity."""


class CheckedDraft(NamedTuple):
    """A draft and its findings; or another file, which has no date."""

    path: str
    date: str
    findings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """What it is called in totals."""
        return self.date or self.path


def uncoloured(text: str, severity: Severity) -> str:
    """Text without colours."""
    del severity
    return text


def as_text(checked: Sequence[CheckedDraft], style: Style = uncoloured) -> str:
    """A line for each finding, then totals: a line for one draft, tables by rule and by issue for several."""
    lines = [_line(each.path, finding, style) for each in checked for finding in each.findings]
    if len(checked) == 1:
        return _joined([*lines, f"{checked[0].name}: {counts(checked[0].findings)}"])
    return _joined([*lines, *_by_rule(checked), *_by_issue(checked)]) if checked else ""


def as_json(checked: Sequence[CheckedDraft]) -> str:
    """A JSON list of findings, each with the date of its issue and the file."""
    found = [
        finding.model_dump(mode="json") | {"date": each.date, "file": each.path}
        for each in checked
        for finding in each.findings
    ]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def as_github(checked: Sequence[CheckedDraft]) -> str:
    """Annotations of a pull request (docs.github.com: Workflow commands for GitHub Actions)."""
    return _joined([_annotation(each.path, finding) for each in checked for finding in each.findings])


def as_sarif(checked: Sequence[CheckedDraft]) -> str:
    """SARIF 2.1.0 for code scanning (docs.oasis-open.org)."""
    languages = {finding.rule: finding.place.language for each in checked for finding in each.findings}
    driver = {
        "name": "embedai",
        "version": embedai_nb.__version__,
        "informationUri": HOME,
        "rules": [_described(rule, translator(languages[rule])) for rule in sorted(languages)],
    }
    results = [_result(each.path, finding) for each in checked for finding in each.findings]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


REPORTS: dict[str, Callable[[Sequence[CheckedDraft]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}


def counts(findings: Iterable[Finding]) -> str:
    """Number of findings of each severity, as text."""
    counted = count_severities(finding.severity for finding in findings)
    numbers = {SEVERITIES[severity].plural: count for severity, count in counted.items()}
    return _("errors: {errors}, warnings: {warnings}, notes: {notes}", **numbers)


def by_rule(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    """Number of findings of each rule, the most frequent first."""
    return sorted(Counter(finding.rule for finding in findings).items(), key=lambda row: (-row[1], row[0]))


# --- their parts ----------------------------------------------------------------------------------------------


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _line(path: str, finding: Finding, style: Style) -> str:
    place = f"{finding.place}: " if str(finding.place) else ""
    severity = style(finding.severity, finding.severity)
    return f"{path}:{finding.line or 1}: {severity}: {place}{finding.message} [{finding.rule}]"


def _annotation(path: str, finding: Finding) -> str:
    command = SEVERITIES[finding.severity].annotation
    message = _message(finding)
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        message = message.replace(sign, code)
    return f"::{command} file={path},line={finding.line or 1},title={finding.rule}::{message}"


def _described(rule: str, say: Translator) -> dict[str, object]:
    """A rule with its texts: what it finds, in English, and what it says."""
    message = (MESSAGES | FILE_MESSAGES)[rule]
    text, fix = say.template(message.text, MANY), say.template(message.fix) if message.fix else ""
    short = ((RULES[rule].__doc__ if rule in RULES else None) or text).strip().split("\n")[0]
    return {
        "id": rule,
        "shortDescription": {"text": short},
        "fullDescription": {"text": text},
        "help": {"text": "\n".join(filter(None, [text, fix]))},
        "defaultConfiguration": {"level": message.severity},
    }


def _result(path: str, finding: Finding) -> dict[str, object]:
    place = {"artifactLocation": {"uri": path}, "region": {"startLine": finding.line or 1}}
    return {
        "ruleId": finding.rule,
        "level": finding.severity,
        "message": {"text": _message(finding)},
        "locations": [{"physicalLocation": place}],
    }


def _message(finding: Finding) -> str:
    return labelled(str(finding.place), finding.message, translator(finding.place.language))


def _by_rule(checked: Sequence[CheckedDraft]) -> Iterator[str]:
    """Rows by rule and severity, as the lines say it: that of an imported or waived finding is another."""
    found = Counter((finding.rule, finding.severity) for each in checked for finding in each.findings)
    rows = sorted(found.items(), key=lambda row: (-row[1], row[0]))
    yield from _table(
        tuple(map(_, RULE_COLUMNS)),
        [(*kind, str(count), str(sum(_has(each, *kind) for each in checked))) for kind, count in rows],
    )


def _has(checked: CheckedDraft, rule: str, severity: Severity) -> bool:
    return any((finding.rule, finding.severity) == (rule, severity) for finding in checked.findings)


def _by_issue(checked: Sequence[CheckedDraft]) -> Iterator[str]:
    rows = [(each.name, [finding.severity for finding in each.findings]) for each in checked]
    rows.append((_(ALL_ISSUES), [severity for row in rows for severity in row[1]]))
    yield from _table(
        tuple(map(_, ISSUE_COLUMNS)),
        [(name, *map(str, count_severities(severities).values())) for name, severities in rows],
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """An aligned table after an empty line; nothing if there are no rows."""
    widths = [max(columns(row[n]) for row in (head, *rows)) for n in range(len(head))]
    if rows:
        yield ""
        yield from (
            "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (head, *rows)
        )
