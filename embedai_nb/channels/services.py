"""Services that keep an issue as a draft, which a person looks at and sends there: the contract, and one visible list.

A service of one's own is a class that fulfils `NewsletterService`, named in `SERVICES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from embedai_nb.channels.buttondown import Buttondown
from embedai_nb.channels.listmonk import Listmonk
from embedai_nb.channels.service_draft import ServiceDraft
from embedai_nb.model import Newsletter

__all__ = ["SERVICES", "NewsletterService", "ServiceEntry"]


class NewsletterService(Protocol):
    """One account at a service.  Nothing in it can send."""

    def close(self) -> None:
        """End its connections."""

    def status(self, draft_id: str) -> str | None:
        """Look a draft up: ``draft`` while it is one, else what became of it; None if it is there no more.

        Raises:
            ServiceError: the service refuses the request, or does not answer.
        """

    def add(self, draft: ServiceDraft) -> str:
        """Add a draft; returns its id.

        Raises:
            ServiceError: as `status`.
        """

    def replace(self, draft_id: str, draft: ServiceDraft) -> None:
        """Replace the content of a draft.

        Raises:
            ServiceError: as `status`.
        """

    def page(self, draft_id: str) -> str:
        """The address at which a person finds the draft."""


class ServiceEntry(NamedTuple):
    """How a service is made and called."""

    title: str
    """Its name, for people."""
    connect: Callable[[Mapping[str, str], Newsletter], NewsletterService]
    """Read its account from environment variables; a UsageError if one is missing."""


SERVICES: Mapping[str, ServiceEntry] = MappingProxyType(
    {
        "buttondown": ServiceEntry("Buttondown", Buttondown.of),
        "listmonk": ServiceEntry("listmonk", Listmonk.of),
    }
)
"""All services, by the names that `embedai email --via` knows."""
