"""Severities of findings: the one table of their order, words and colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
"""error: a reader would meet something broken, so the issue isn't published; warning: probably a slip; note: worth knowing."""


class SeverityStyle(NamedTuple):
    """How a severity is shown.

    Args:
        word: in the form and the notebook.
        plural: in totals, for people and programs.
        colour: in a terminal, a name that click knows.
        annotation: as a workflow command of GitHub Actions.
    """

    word: str
    plural: str
    colour: str
    annotation: str


SEVERITIES: dict[Severity, SeverityStyle] = {
    "error": SeverityStyle("错误", "errors", "red", "error"),
    "warning": SeverityStyle("警告", "warnings", "yellow", "warning"),
    "note": SeverityStyle("提示", "notes", "blue", "notice"),
}
"""All severities, the gravest first."""


def count_severities(severities: Iterable[Severity]) -> dict[Severity, int]:
    """How often each severity occurs, in the order of the table; those that don't occur too."""
    counted = Counter(severities)
    return {severity: counted[severity] for severity in SEVERITIES}
