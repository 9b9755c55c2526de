"""Drafts in listmonk (https://listmonk.app/docs/apis/campaigns/); nothing here can send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from embedai_nb.channels.credentials import required
from embedai_nb.channels.json_api import JsonApi
from embedai_nb.channels.service_draft import ServiceDraft
from embedai_nb.errors import UsageError
from embedai_nb.i18n import _
from embedai_nb.model import Newsletter
from embedai_nb.workspace import layout

__all__ = ["Listmonk"]

URL, USER, TOKEN = (f"LISTMONK_{name}" for name in ("URL", "USER", "TOKEN"))
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
ABSENT = frozenset({400, 404})
"""What listmonk answers when asked for a campaign that is not there."""
BRACES = re.compile(r"\{\{")
"""What begins an expression of a template (https://listmonk.app/docs/templating/)."""
LITERAL = '{{ "{{" }}'
"""The expression that gives the braces themselves (pkg.go.dev/text/template)."""


class Listmonk:
    """One installation of listmonk.

    Args:
        url: its address.
        user: the API user.
        token: of that user.
        lists: the numbers of the lists that a campaign is for.
    """

    def __init__(self, url: str, user: str, token: str, lists: tuple[int, ...]) -> None:
        self._url = url.rstrip("/")
        self._lists = lists
        headers = {"Authorization": f"token {user}:{token}"}
        self._api = JsonApi("listmonk", f"{self._url}/api/", headers, (token,), TOKEN)

    @classmethod
    def of(cls, environment: Mapping[str, str], newsletter: Newsletter) -> Self:
        """Read the account from the environment, and the lists from newsletter.yaml.

        Raises:
            UsageError: one of them is missing, or the address would send the token unencrypted.
        """
        url, user, token = (required(environment, name) for name in (URL, USER, TOKEN))
        parts = urlsplit(url)
        if parts.username or (parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE)):
            remedy = _("write it as in https://lists.example.org: the token is sent there")
            raise UsageError(_("is no address of an encrypted page"), field=URL, remedy=remedy)
        if not newsletter.email.listmonk_lists:
            remedy = _(
                "write the numbers there that listmonk shows under Lists, as in `email: {{listmonk_lists: [3]}}`"
            )
            problem = _("names no list")
            raise UsageError(problem, path=layout.NEWSLETTER, field="email.listmonk_lists", remedy=remedy)
        return cls(url, user, token, newsletter.email.listmonk_lists)

    def close(self) -> None:
        """End its connections."""
        self._api.close()

    def status(self, draft_id: str) -> str | None:
        """Look a campaign up: GET /api/campaigns/{campaign_id}."""
        path = f"campaigns/{draft_id}"
        found = self._api.get(path, absent=ABSENT)
        return self._api.text(_data(found), "status", path) if found is not None else None

    def add(self, draft: ServiceDraft) -> str:
        """Add a campaign, which is a draft until its status is changed: POST /api/campaigns."""
        made = self._api.send("POST", "campaigns", self._content(draft) | {"type": "regular"})
        return self._api.text(_data(made), "id", "campaigns")

    def replace(self, draft_id: str, draft: ServiceDraft) -> None:
        """Replace a campaign: PUT /api/campaigns/{campaign_id}; its status stays what it is."""
        self._api.send("PUT", f"campaigns/{draft_id}", self._content(draft))

    def page(self, draft_id: str) -> str:
        """The campaign in listmonk's own pages."""
        return f"{self._url}/admin/campaigns/{draft_id}"

    def _content(self, draft: ServiceDraft) -> dict[str, object]:
        """The campaign, in which nothing is taken for an expression of listmonk's templates."""
        return {
            "name": draft.name,
            "subject": BRACES.sub(LITERAL, draft.subject),
            "lists": list(self._lists),
            "content_type": "html",
            "body": BRACES.sub("&#123;&#123;", draft.html),
            "altbody": BRACES.sub(LITERAL, draft.text),
        }


def _data(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What listmonk wraps into ``data`` (https://listmonk.app/docs/apis/apis/)."""
    data = answer.get("data")
    return data if isinstance(data, dict) else {}
