"""Why something could not be fetched or taken in, as data; what the editor reads is in ``words``."""

from __future__ import annotations

from typing import Literal

from embedai_nb.errors import EmbedAIError

Why = Literal[
    "forbidden",  # the address is not one of the public internet
    "address",  # no address of a page: another scheme, a password in it, not well-formed
    "unreachable",
    "timeout",
    "too-large",
    "unreadable",  # not what it claims to be, or nothing that can be decoded
    "redirects",
    "status",
    "limited",  # asked too often
    "verification",  # wants to see a human being
    "gone",
    "nothing",  # a page without a title
]

PROBLEMS: dict[Why, str] = {
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
    """A page that could not be had; ``host`` is named, the rest of its address may hold secrets."""

    def __init__(self, why: Why, host: str = "", *, status: int | None = None) -> None:
        super().__init__(PROBLEMS[why] + (f" (status {status})" if status else ""), field=host or None)
        self.why: Why = why
        self.host = host
        self.status = status


class NotCapturableError(EmbedAIError):
    """Something pasted that must not become an item; the message is the editor's, with what to do instead."""
