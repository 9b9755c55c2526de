"""Errors of sending; none of them holds a secret."""

from __future__ import annotations

from embedai_nb.errors import EmbedAIError

__all__ = ["DeliveryError", "ServiceError", "masked"]

MASK = "***"


class DeliveryError(EmbedAIError):
    """The message did not go out, or not to everybody."""


class ServiceError(EmbedAIError):
    """A newsletter service refused a request, or did not answer."""


def masked(text: str, *secrets: str) -> str:
    """What a server said, on one line, without these secrets."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return " ".join(text.split())
