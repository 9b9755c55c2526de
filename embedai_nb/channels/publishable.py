"""Refuse to send what would not be published."""

from __future__ import annotations

from embedai_nb.channels.errors import DeliveryError
from embedai_nb.edition import Edition
from embedai_nb.i18n import _

__all__ = ["require_no_errors"]


def require_no_errors(edition: Edition) -> None:
    """Raise a DeliveryError if the issue has errors."""
    date = str(edition.draft.date)
    if any(finding.severity == "error" for finding in edition.findings):
        remedy = _("`embedai check {date}` lists them", date=date)
        raise DeliveryError(_("the issue has errors"), item=date, remedy=remedy)
