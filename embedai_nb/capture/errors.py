"""Errors of fetching and capturing; their texts for the editor are in ``messages``."""

from __future__ import annotations

from typing import Literal

from embedai_nb.errors import EmbedAIError

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
    "forbidden": "not an address of the public internet",
    "address": "not an address of a page",
    "unreachable": "cannot be reached",
    "timeout": "no answer in time",
    "too-large": "larger than is read",
    "unreadable": "not what it claims to be",
    "redirects": "redirects without end",
    "status": "refuses",
    "limited": "asked too often",
    "verification": "asks for a human being",
    "gone": "is no longer there",
    "nothing": "says nothing about itself",
}


class FetchError(EmbedAIError):
    """A page that could not be fetched; only the host is named, as the rest of its URL may hold secrets."""

    def __init__(
        self, reason: FailureReason, host: str = "", *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(PROBLEMS[reason] + (f" (status {status})" if status else ""), field=host or None)
        self.reason: FailureReason = reason
        self.host = host
        self.status = status
        self.retry_after = retry_after
        """Seconds after which the host wants to be asked again, where it says so."""


class NotCapturableError(EmbedAIError):
    """A pasted text that must not become an item; the message tells the editor what to do instead."""
