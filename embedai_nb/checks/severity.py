"""Severities of findings: the one table of their order, words and colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from embedai_nb.i18n import NN_, NP_, Plural

Severity = Literal["error", "warning", "note"]
"""error: a reader would meet something broken, so the issue isn't published; warning: probably a slip; note: worth knowing."""


class SeverityStyle(NamedTuple):
    """How a severity is shown.

    Args:
        word: in the form and the notebook, to be said in the newsletter's language.
        number: so many of them, likewise.
        plural: in totals, for people and programs.
        colour: in a terminal, a name that click knows.
        annotation: as a workflow command of GitHub Actions.
    """

    word: str
    number: Plural
    plural: str
    colour: str
    annotation: str


SEVERITIES: dict[Severity, SeverityStyle] = {
    "error": SeverityStyle(NP_("severity", "Error"), NN_("{count} error", "{count} errors"), "errors", "red", "error"),
    "warning": SeverityStyle(
        NP_("severity", "Warning"), NN_("{count} warning", "{count} warnings"), "warnings", "yellow", "warning"
    ),
    "note": SeverityStyle(NP_("severity", "Note"), NN_("{count} note", "{count} notes"), "notes", "blue", "notice"),
}
"""All severities, the gravest first."""


def count_severities(severities: Iterable[Severity]) -> dict[Severity, int]:
    """How often each severity occurs, in the order of the table; those that don't occur too."""
    counted = Counter(severities)
    return {severity: counted[severity] for severity in SEVERITIES}
