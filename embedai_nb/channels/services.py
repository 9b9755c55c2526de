"""Services that keep an issue as a draft, which a person looks at and sends there: the contract, and one visible list.

A service of one's own is a class that fulfils `NewsletterService`, named in `SERVICES`, or a `ServiceEntry` of a plug-in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, cast

from embedai_nb.channels.buttondown import Buttondown
from embedai_nb.channels.listmonk import Listmonk
from embedai_nb.channels.service_draft import ServiceDraft
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.i18n import _
from embedai_nb.model import Newsletter
from embedai_nb.plugins import CHANNELS, PluginEntry, blamed, entry_named

__all__ = ["SERVICES", "NewsletterService", "ServiceEntry", "find_service"]


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
        """Add a draft; returns its id, of letters, digits, ``_``, ``.`` and ``-``.

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
"""Services by the names that `embedai email --via` knows; plug-ins bring others."""


def find_service(name: str, newsletter: Newsletter) -> ServiceEntry:
    """The service of a name, built in or of a plug-in.

    Raises:
        UsageError: there is none.
        PluginError: it is that of a plug-in that fails, as its methods may; or may be that of one that is missing.
    """
    if name in SERVICES:
        return SERVICES[name]
    entry = entry_named(name, newsletter.plugins, CHANNELS)
    if entry is None:
        remedy = _("one of these is known: {names}", names=", ".join(SERVICES))
        raise UsageError(_("{name} is no newsletter service", name=name), field="--via", remedy=remedy)
    return _blaming(entry)


def _blaming(entry: PluginEntry) -> ServiceEntry:
    """The service of a plug-in; its failures name the plug-in."""
    service = entry.load(ServiceEntry)

    def connect(environment: Mapping[str, str], newsletter: Newsletter) -> NewsletterService:
        with blamed(entry, EmbedAIError):
            return cast("NewsletterService", _BlamedService(service.connect(environment, newsletter), entry))

    return service._replace(connect=connect)


class _BlamedService:
    """The methods of a service, in which whatever fails names the plug-in."""

    def __init__(self, service: NewsletterService, entry: PluginEntry) -> None:
        self._service, self._entry = service, entry

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            with blamed(self._entry, EmbedAIError):
                return getattr(self._service, name)(*arguments)

        return call
