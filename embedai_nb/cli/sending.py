"""Send an issue by mail, or upload it as a draft to a newsletter service."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.date_argument import date_argument
from embedai_nb.cli.group import Folder, commands, fail
from embedai_nb.cli.json_output import json_option, print_json
from embedai_nb.cli.translated_help import option
from embedai_nb.errors import UsageError
from embedai_nb.i18n import _, _n

if TYPE_CHECKING:
    from embedai_nb.channels.email.send import Delivery
    from embedai_nb.edition import Edition


@commands.command()
@date_argument
@option(
    "--to",
    "addresses",
    multiple=True,
    metavar="ADDRESS",
    help="Address to send to (default: the sender; with --send email.to of newsletter.yaml). May be given repeatedly.",
)
@option("--send", "to_readers", is_flag=True, help="Send to the readers, after the same message was tested.")
@option("--again", is_flag=True, help="Send, or add a draft, although the issue was sent before.")
@option(
    "--via",
    metavar="SERVICE",
    help="Upload a draft to this newsletter service instead of sending: buttondown, listmonk, or that of a plug-in.",
)
@json_option
@click.pass_obj
def email(
    folder: Folder, date: str, addresses: tuple[str, ...], to_readers: bool, again: bool, via: str | None, form: str
) -> int:
    """Send an issue by mail, first to yourself.

    Then --send sends it to its readers. The message is that of `embedai show DATE --format email`; nobody sees who else
    gets it. $EMBEDAI_SMTP_HOST, _PORT, _USER and _PASSWORD name the mail server and your account there. An issue is
    sent to its readers once, and only as it was tested.

    With --via, it becomes a draft at a newsletter service, where you look at it and send it: buttondown needs
    $BUTTONDOWN_API_KEY; listmonk $LISTMONK_URL, $LISTMONK_USER and $LISTMONK_TOKEN. The draft of an earlier call is
    replaced.
    """
    edition, now = folder.edition(date), datetime.datetime.now(datetime.UTC)
    if via is not None:
        if addresses or to_readers:
            raise UsageError(_("--to and --send are not for drafts"), field="--via")
        return _upload(edition, via, now, form, again=again)
    if not to_readers:
        if again:
            raise UsageError(_("goes with --send or --via"), field="--again")
        return _test(edition, addresses, now, form)
    return _send(edition, addresses, now, form, again=again)


def _test(edition: Edition, addresses: Sequence[str], now: datetime.datetime, form: str) -> int:
    from embedai_nb.channels.email.account import SmtpAccount
    from embedai_nb.channels.email.send import send_test

    if len(addresses) > 1:
        raise UsageError(_("a test goes to one address"), field="--to", remedy=_("send to several by --send"))
    done = send_test(edition, SmtpAccount.of(os.environ), next(iter(addresses), None), now)
    date = edition.draft.date
    _tell_size(edition)
    if form == "json":
        print_json(_as_json(edition, done, test=True))
        return 0
    click.echo(_("{date}: test sent to {address}", date=date, address=done.recipients[0]))
    click.echo(_("look at it; then `embedai email {date} --send` sends it to the readers", date=date))
    return 0


def _send(edition: Edition, addresses: Sequence[str], now: datetime.datetime, form: str, *, again: bool) -> int:
    from embedai_nb.channels.email.account import SmtpAccount
    from embedai_nb.channels.email.send import send_to_readers

    done = send_to_readers(edition, SmtpAccount.of(os.environ), addresses, now, again=again)
    count = len(done.recipients)
    said = _n(
        "{date}: sent to {count} address", "{date}: sent to {count} addresses", date=edition.draft.date, count=count
    )
    _tell_size(edition)
    if form == "json":
        print_json(_as_json(edition, done, test=False))
    else:
        click.echo(said)
    return _tell_refused(edition, done)


def _as_json(edition: Edition, done: Delivery, *, test: bool) -> dict[str, Any]:
    addresses = {"sent": list(done.recipients), "refused": list(done.refused)}
    return {"date": str(edition.draft.date), "test": test} | addresses


def _tell_refused(edition: Edition, done: Delivery) -> int:
    """Say which recipients the server refused, one line each; returns the exit status."""
    from embedai_nb.channels.email.account import SmtpAccount
    from embedai_nb.channels.email.smtp_errors import reply

    account = SmtpAccount.of(os.environ)
    for address, answer in done.refused.items():
        remedy = _(
            "see whether the address is right, then `embedai email {date} --send --again --to ADDRESS`",
            date=edition.draft.date,
        )
        problem = _("{address} was refused: {answer}", address=address, answer=reply(answer, account))
        fail(_("{problem}; {remedy}", problem=problem, remedy=remedy), 1)
    return int(bool(done.refused))


def _upload(edition: Edition, name: str, now: datetime.datetime, form: str, *, again: bool) -> int:
    from embedai_nb.channels.service_draft import upload_draft
    from embedai_nb.channels.services import find_service

    entry = find_service(name, edition.newsletter)
    with closing(entry.connect(os.environ, edition.newsletter)) as service:
        done = upload_draft(edition, service, name, now, again=again)
    if form == "json":
        print_json({"date": str(edition.draft.date), "service": name, "added": done.added, "page": done.page})
        return 0
    names = {"date": edition.draft.date, "service": entry.title, "page": done.page}
    if done.added:
        click.echo(_("{date}: draft added at {service}; look at it and send it there: {page}", **names))
    else:
        click.echo(_("{date}: draft replaced at {service}; look at it and send it there: {page}", **names))
    return 0


def _tell_size(edition: Edition) -> None:
    """Say that Gmail shows only the beginning, where it does."""
    from embedai_nb.html.email import CLIPPED, html_bytes

    if (size := html_bytes(edition.issue, edition.newsletter)) > CLIPPED:
        note = _(
            "the message has {size:,} bytes of HTML; Gmail hides what follows the first {limit:,}",
            size=size,
            limit=CLIPPED,
        )
        click.secho(note, fg="yellow", err=True)
