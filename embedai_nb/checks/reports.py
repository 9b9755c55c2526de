"""Format findings: text for people, JSON, GitHub annotations, SARIF."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from pydantic_core import PydanticSerializationError, to_json

import embedai_nb
from embedai_nb.checks import RULES, Finding
from embedai_nb.checks.messages import FILE_MESSAGES, MESSAGES
from embedai_nb.checks.plugin_rules import message_of
from embedai_nb.checks.severity import SEVERITIES, Severity
from embedai_nb.i18n import NP_, _, translator
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


def as_text(checked: Iterable[CheckedDraft], style: Style = uncoloured) -> Iterator[str]:
    """A line for each finding, then totals: a line for one draft, tables by rule and by issue for several."""
    totals = _Totals()
    for each in checked:
        totals.add(each)
        yield _joined(_line(each.path, finding, style) for finding in each.findings)
    yield _joined(totals.lines())


def as_json(checked: Iterable[CheckedDraft]) -> Iterator[str]:
    """A JSON list of findings, each with the date of its issue and the file."""
    before = "[\n "
    for each, finding in _with_drafts(checked):
        values = finding.model_dump(mode="json") | {"date": each.date, "file": each.path}
        yield before + _indented(values).replace("\n", "\n ")
        before = ",\n "
    yield "[]\n" if before[0] == "[" else "\n]\n"


def as_github(checked: Iterable[CheckedDraft]) -> Iterator[str]:
    """Annotations of a pull request (docs.github.com: Workflow commands for GitHub Actions)."""
    for each in checked:
        yield _joined(_annotation(each.path, finding) for finding in each.findings)


def as_sarif(checked: Iterable[CheckedDraft]) -> Iterator[str]:
    """SARIF 2.1.0 for code scanning (docs.oasis-open.org), where the rules that found something stand first."""
    rules, results = dict[str, Finding](), list[dict[str, object]]()
    for each, finding in _with_drafts(checked):
        rules[finding.rule] = finding
        results.append(_result(each.path, finding))
    driver = {
        "name": "embedai",
        "version": embedai_nb.__version__,
        "informationUri": HOME,
        "rules": [_described(rules[rule]) for rule in sorted(rules)],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}],
    }
    yield json.dumps(log, ensure_ascii=False, indent=1) + "\n"


REPORTS: dict[str, Callable[[Iterable[CheckedDraft]], Iterator[str]]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}
"""They yield their text piece by piece, and keep no findings but those that SARIF has to: there may be many issues."""


def by_rule(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    """Number of findings of each rule, the most frequent first."""
    return sorted(Counter(finding.rule for finding in findings).items(), key=lambda row: (-row[1], row[0]))


# --- their parts ----------------------------------------------------------------------------------------------


def _indented(values: object) -> str:
    """JSON as `json.dumps` indents it, in a tenth of the time; that does it where a path is no UTF-8."""
    try:
        return to_json(values, indent=1).decode()
    except PydanticSerializationError:
        return json.dumps(values, ensure_ascii=False, indent=1)


def _with_drafts(checked: Iterable[CheckedDraft]) -> Iterator[tuple[CheckedDraft, Finding]]:
    return ((each, finding) for each in checked for finding in each.findings)


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


def _described(example: Finding) -> dict[str, object]:
    """The rule of a finding with its texts: what it finds, in English, and what it says."""
    rule, say = example.rule, translator(example.place.language)
    if example.plugin:
        message, about = message_of(example)
    else:
        message, about = (MESSAGES | FILE_MESSAGES)[rule], (rule in RULES and RULES[rule].__doc__) or ""
    text, fix = say.template(message.text, MANY), say.template(message.fix)
    short = (about or text).strip().split("\n")[0]
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


class _Totals:
    """How many findings there are, by issue and by rule; of one draft, one line of its own."""

    def __init__(self) -> None:
        self._issues = list[tuple[str, Counter[Severity]]]()
        self._findings = Counter[tuple[str, Severity]]()
        self._drafts = Counter[tuple[str, Severity]]()

    def add(self, checked: CheckedDraft) -> None:
        # By rule and severity, as the lines say it: that of an imported or waived finding is another.
        kinds = Counter((finding.rule, finding.severity) for finding in checked.findings)
        self._findings += kinds
        self._drafts.update(kinds.keys())
        self._issues.append((checked.name, Counter(finding.severity for finding in checked.findings)))

    def lines(self) -> list[str]:
        if len(self._issues) == 1:
            name, found = self._issues[0]
            numbers = {style.plural: found[severity] for severity, style in SEVERITIES.items()}
            counts = _("errors: {errors}, warnings: {warnings}, notes: {notes}", **numbers)
            return [f"{name}: {counts}"]
        return [*self._by_rule(), *self._by_issue()] if self._issues else []

    def _by_rule(self) -> Iterator[str]:
        rows = sorted(self._findings.items(), key=lambda row: (-row[1], row[0]))
        yield from _table(
            tuple(map(_, RULE_COLUMNS)), [(*kind, str(count), str(self._drafts[kind])) for kind, count in rows]
        )

    def _by_issue(self) -> Iterator[str]:
        rows = [*self._issues, (_(ALL_ISSUES), sum((found for _name, found in self._issues), Counter[Severity]()))]
        yield from _table(
            tuple(map(_, ISSUE_COLUMNS)),
            [(name, *(str(found[severity]) for severity in SEVERITIES)) for name, found in rows],
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
