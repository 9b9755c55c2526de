"""Parse the date of an issue, the only input that becomes part of file names."""

from __future__ import annotations

import datetime
import re

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _

# Neither `date.fromisoformat` (takes 20190413 and 2019-W15-6) nor `\d` (takes full-width digits) is strict enough.
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_date(text: str) -> datetime.date:
    """Parse YYYY-MM-DD.

    Raises:
        UsageError: the text is anything else, or no day of the calendar.
    """
    try:
        if DATE.fullmatch(text):
            return datetime.date.fromisoformat(text)
    except ValueError:
        raise UsageError(_("{text} is no day of the calendar", text=text), field="DATE") from None
    raise UsageError(_("{text!a} is no date", text=text), field="DATE", remedy=_("write it as in 2026-11-15"))
