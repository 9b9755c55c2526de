"""An issue as a newsletter service takes it, and its upload: a draft is added once, and replaced from then on."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from embedai_nb.channels.errors import DeliveryError
from embedai_nb.channels.publishable import require_no_errors
from embedai_nb.channels.sent_record import Sending, change_sent, load_sent, utc
from embedai_nb.edition import Edition
from embedai_nb.html.email import fragment_of_message, subject
from embedai_nb.i18n import _
from embedai_nb.markdown import writes
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import lock_file

if TYPE_CHECKING:
    from embedai_nb.channels.services import NewsletterService

__all__ = ["ServiceDraft", "UploadedDraft", "service_draft", "upload_draft"]


class ServiceDraft(NamedTuple):
    """An issue as a newsletter service takes it.

    Services have templates of their own around it, with a link that unsubscribes.
    """

    name: str
    """For people who look for it: newsletter and date."""
    subject: str
    html: str
    """With its styles, without a document around it."""
    text: str
    """The same as Markdown."""


class UploadedDraft(NamedTuple):
    """Where the draft of an issue lies."""

    draft_id: str
    added: bool
    """Whether it is a new one; otherwise an earlier one was replaced."""
    page: str
    """The address at which a person finds it."""


def service_draft(edition: Edition) -> ServiceDraft:
    """Make what is uploaded.

    Raises:
        MarkupError: some text is nested too deep to be shown whole; the error names it.
    """
    issue, newsletter = edition.issue, edition.newsletter
    return ServiceDraft(
        name=f"{newsletter.name} {issue.date}",
        subject=subject(issue, newsletter),
        html=str(fragment_of_message(issue, newsletter)),
        text=writes(issue.model_copy(update={"front_matter": None}), newsletter),
    )


def upload_draft(
    edition: Edition, service: NewsletterService, name: str, now: datetime.datetime, *, again: bool = False
) -> UploadedDraft:
    """Upload an issue as a draft, or replace the draft of an earlier upload, on whichever computer that was.

    Args:
        edition: the issue.
        service: the account.
        name: of the service, as `SERVICES` has it.
        now: the time, for the record.
        again: whether an issue that was sent there is uploaded as another draft.

    Raises:
        DeliveryError: the issue has errors; or the earlier draft is no draft any more: scheduled, or sent.
        ServiceError: the service refuses a request, or does not answer.
        LockedError: another process is sending.
    """
    require_no_errors(edition)
    made = service_draft(edition)
    with lock_file(edition.folder / layout.lock("sending"), _("an issue is being sent")):
        if draft_id := _earlier(edition, service, name, again=again):
            service.replace(draft_id, made)
            return UploadedDraft(draft_id, False, service.page(draft_id))
        draft_id = service.add(made)
        change_sent(edition.folder, add=[Sending(edition.draft.date, name, "draft", utc(now), draft_id)])
    return UploadedDraft(draft_id, True, service.page(draft_id))


def _earlier(edition: Edition, service: NewsletterService, name: str, *, again: bool) -> str:
    """The id of the latest draft that still is one; empty if there is none."""
    date = edition.draft.date
    for known in reversed([each for each in load_sent(edition.folder) if (each.date, each.channel) == (date, name)]):
        status = service.status(known.key)
        if status == "draft":
            return known.key
        if status and not again:
            raise _no_draft(date, status)
    return ""


def _no_draft(date: datetime.date, status: str) -> DeliveryError:
    return DeliveryError(
        _("what was uploaded before is no draft any more: {status}", status=status),
        item=str(date),
        remedy=_("--again adds another draft"),
    )
