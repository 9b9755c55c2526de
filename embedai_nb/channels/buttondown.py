"""Drafts at Buttondown (https://docs.buttondown.com/api-emails-introduction); nothing here can send.

https://github.com/buttondown/openapi describes the requests and answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Self

from embedai_nb.channels.credentials import required
from embedai_nb.channels.json_api import JsonApi
from embedai_nb.channels.service_draft import ServiceDraft
from embedai_nb.model import Newsletter

__all__ = ["API", "Buttondown"]

API = "https://api.buttondown.com/v1/"
KEY = "BUTTONDOWN_API_KEY"
VERSION = "2026-04-01"
"""The first version of the API in which an email is a draft unless said otherwise (docs.buttondown.com/api-versioning)."""
FANCY = "<!-- buttondown-editor-mode: fancy -->"
"""Says that the body is HTML (`body` of EmailInput in the API's description)."""
SUBJECT = 2000
"""Characters of a subject at most (`subject` of EmailInput)."""
BRACES = re.compile(r"\{(?=[{%#])")
"""What begins an expression of a template (docs.buttondown.com/using-templating)."""


class Buttondown:
    """One newsletter at Buttondown.

    Args:
        key: the API key.
        api: base URL of all calls.
    """

    def __init__(self, key: str, api: str = API) -> None:
        headers = {"Authorization": f"Token {key}", "X-API-Version": VERSION}
        self._api = JsonApi("Buttondown", api, headers, (key,), KEY)

    @classmethod
    def of(cls, environment: Mapping[str, str], newsletter: Newsletter) -> Self:
        """Read the key from the environment; a UsageError if it is not there."""
        del newsletter
        return cls(required(environment, KEY), api=API)

    def close(self) -> None:
        """End its connections."""
        self._api.close()

    def status(self, draft_id: str) -> str | None:
        """Look an email up: GET /emails/{id}."""
        path = f"emails/{draft_id}"
        found = self._api.get(path, absent=frozenset({404}))
        status = self._api.text(found, "status", path) if found is not None else None
        return None if status == "deleted" else status

    def add(self, draft: ServiceDraft) -> str:
        """Add an email as a draft: POST /emails, whose status would be ``about_to_send`` in older versions."""
        made = self._api.send("POST", "emails", _content(draft) | {"status": "draft"})
        return self._api.text(made, "id", "emails")

    def replace(self, draft_id: str, draft: ServiceDraft) -> None:
        """Replace subject and body: PATCH /emails/{id}; its status stays what it is."""
        self._api.send("PATCH", f"emails/{draft_id}", _content(draft))

    def page(self, draft_id: str) -> str:
        """The list of emails, drafts first."""
        del draft_id
        return "https://buttondown.com/emails"


def _content(draft: ServiceDraft) -> dict[str, str]:
    """Subject and body, in which nothing is taken for an expression of Buttondown's templates."""
    subject = BRACES.sub("{\N{WORD JOINER}", draft.subject)[:SUBJECT]
    return {"subject": subject, "body": f"{FANCY}{BRACES.sub('&#123;', draft.html)}"}
