"""Errors of fetching and capturing; their texts for the editor are in ``messages``."""

from __future__ import annotations

from typing import Literal

from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import N_, _

FailureReason = Literal[
    "forbidden",  # not an address of the public internet
    "address",  # not the URL of a page: another scheme, credentials in it, malformed
    "unreachable",
    "timeout",
    "too-large",
    "unreadable",  # not of the expected format, or not decodable
    "redirects",  # too many
    "status",  # any other than those below
    "limited",  # rate limit exceeded
    "verification",  # a captcha instead of the page
    "gone",
    "nothing",  # a page without a title
]

PROBLEMS: dict[FailureReason, str] = {
    "forbidden": N_("not an address of the public internet"),
    "address": N_("not an address of a page"),
    "unreachable": N_("cannot be reached"),
    "timeout": N_("no answer in time"),
    "too-large": N_("larger than is read"),
    "unreadable": N_("not what it claims to be"),
    "redirects": N_("redirects without end"),
    "status": N_("refuses"),
    "limited": N_("asked too often"),
    "verification": N_("asks for a human being"),
    "gone": N_("is no longer there"),
    "nothing": N_("says nothing about itself"),
}


class FetchError(EmbedAIError):
    """A page that could not be fetched; only the host is named, as the rest of its URL may hold secrets."""

    def __init__(
        self, reason: FailureReason, host: str = "", *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        problem = _(PROBLEMS[reason])
        if status:
            problem = _("{problem} (status {status})", problem=problem, status=status)
        super().__init__(problem, field=host or None)
        self.reason: FailureReason = reason
        self.host = host
        self.status = status
        self.retry_after = retry_after
        """Seconds after which the host wants to be asked again, where it says so."""


class NotCapturableError(EmbedAIError):
    """A pasted text that must not become an item; the message tells the editor what to do instead."""
