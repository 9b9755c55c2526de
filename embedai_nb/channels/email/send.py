"""Send an issue by mail: to a test address first, then once to its readers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from email import message_from_string
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import NamedTuple

from embedai_nb.channels.email.account import SmtpAccount
from embedai_nb.channels.email.smtp_errors import Answer
from embedai_nb.channels.email.transport import UncertainDeliveryError, deliver
from embedai_nb.channels.errors import DeliveryError
from embedai_nb.channels.publishable import require_no_errors
from embedai_nb.channels.sent_record import Sending, change_sent, load_sent, utc
from embedai_nb.edition import Edition
from embedai_nb.errors import UsageError
from embedai_nb.html.email import message
from embedai_nb.i18n import _
from embedai_nb.model import Newsletter
from embedai_nb.workspace import layout
from embedai_nb.workspace.locks import lock_file

__all__ = ["CHANNEL", "Delivery", "send_test", "send_to_readers"]

CHANNEL = "email"
_SIGNS = r"[^<>@,;\s\u0080-\U0010ffff]+"
ADDRESS = re.compile(rf"[^<>@\n]*<(?P<named>{_SIGNS}@{_SIGNS})>|(?P<bare>{_SIGNS}@{_SIGNS})")


class Delivery(NamedTuple):
    """A message that was handed in."""

    recipients: tuple[str, ...]
    """Those whom the server accepted."""
    refused: Mapping[str, Answer]
    """The others, with the server's answer."""


def send_test(edition: Edition, account: SmtpAccount, to: str | None, now: datetime.datetime) -> Delivery:
    """Send the message to one address, to be looked at.

    Args:
        edition: the issue.
        account: at the mail server.
        to: the address; else that of the sender.
        now: the time, for the message and the record.

    Raises:
        UsageError: newsletter.yaml names no sender, or the address is none, or that of the list.
        DeliveryError: the issue has errors, or the message did not go out.
    """
    sender, text = _sender(edition), _text(edition)
    recipient = _address(to) if to else sender
    if recipient.casefold() == parseaddr(edition.newsletter.email.to)[1].casefold():
        raise UsageError(
            _("{address} is the list of all readers", address=recipient), field="--to", remedy=_("send to it by --send")
        )
    sending = Sending(edition.draft.date, CHANNEL, "test", utc(now), _digest(text))
    made = _complete(text, edition.newsletter, now, f"test.{sending.key}.{now.timestamp():.0f}")
    refused = deliver(made, account, sender=sender, recipients=[recipient], date=str(sending.date))
    change_sent(edition.folder, add=[sending])
    return Delivery((recipient,), refused)


def send_to_readers(
    edition: Edition, account: SmtpAccount, to: Sequence[str], now: datetime.datetime, *, again: bool = False
) -> Delivery:
    """Send the message to its readers, if the very same was sent to a test address and none was sent to them before.

    A message with the same text has the same Message-ID on all computers, so that mailing lists and mailboxes can tell a
    second copy (RFC 5322, section 3.6.4).

    Args:
        edition: the issue.
        account: at the mail server.
        to: addresses; else the list that newsletter.yaml names.
        now: the time, for the message and the record.
        again: whether a message that was sent before is sent once more.

    Raises:
        UsageError: newsletter.yaml names no sender, or no list where no address is given; an address is none.
        DeliveryError: the issue has errors, was not tested as it is, or was sent before; or the message did not go out.
        UncertainDeliveryError: the connection broke; the record says so.
        LockedError: another process is sending.
    """
    sender, text = _sender(edition), _text(edition)
    recipients = tuple(dict.fromkeys(map(_address, to or [_list(edition)])))
    sending = Sending(edition.draft.date, CHANNEL, "sending", utc(now), _digest(text))
    made = _complete(text, edition.newsletter, now, sending.key)
    with lock_file(edition.folder / layout.lock("sending"), _("an issue is being sent")):
        _require_tested(edition, sending)
        if not again:
            _require_unsent(edition, sending.date)
        change_sent(edition.folder, add=[sending])
        try:
            refused = deliver(made, account, sender=sender, recipients=recipients, date=str(sending.date))
        except UncertainDeliveryError:
            raise
        except DeliveryError:
            change_sent(edition.folder, remove=[sending])
            raise
        change_sent(edition.folder, add=[sending._replace(kind="sent")], remove=[sending])
    return Delivery(tuple(each for each in recipients if each not in refused), refused)


# --- what has to be true --------------------------------------------------------------------------------------


def _require_tested(edition: Edition, sending: Sending) -> None:
    tests = [each for each in load_sent(edition.folder) if _is_about(each, sending.date) and each.kind == "test"]
    if any(each.key == sending.key for each in tests):
        return
    problem = _("the message has changed since its test") if tests else _("the message was not tested yet")
    remedy = _("`embedai email {date}` sends it to you alone; look at it, then send it", date=sending.date)
    raise DeliveryError(problem, item=str(sending.date), remedy=remedy)


def _require_unsent(edition: Edition, date: datetime.date) -> None:
    known = [each for each in load_sent(edition.folder) if _is_about(each, date) and each.kind in ("sending", "sent")]
    if not known:
        return
    last = known[-1]
    if last.kind == "sent":
        problem = _("was sent to its readers already, at {time}", time=last.time)
        raise DeliveryError(problem, item=str(date), remedy=_("--again sends it once more"))
    problem = _("may have been sent already, at {time}: the connection broke then", time=last.time)
    remedy = _("look for it in a mailbox that gets it; --again sends it once more")
    raise DeliveryError(problem, item=str(date), remedy=remedy)


def _is_about(sending: Sending, date: datetime.date) -> bool:
    return (sending.date, sending.channel) == (date, CHANNEL)


# --- the message ----------------------------------------------------------------------------------------------


def _text(edition: Edition) -> str:
    require_no_errors(edition)
    return message(edition.issue, edition.newsletter)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _complete(text: str, newsletter: Newsletter, now: datetime.datetime, name: str) -> EmailMessage:
    """The message with what whoever sends it adds: time, Message-ID, and a recipient where none is named."""
    made = message_from_string(text, EmailMessage, policy=SMTP)
    sender = newsletter.email.sender
    del made["Date"]
    made["Date"] = format_datetime(now.astimezone(datetime.UTC))
    made["Message-ID"] = f"<{name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    if "To" not in made:
        made["To"] = sender
    return made


# --- addresses ------------------------------------------------------------------------------------------------


def _sender(edition: Edition) -> str:
    return _address(edition.newsletter.email.sender or _unnamed(edition, "sender"))


def _list(edition: Edition) -> str:
    return edition.newsletter.email.to or _unnamed(edition, "to")


def _unnamed(edition: Edition, key: str) -> str:
    path = edition.folder / layout.NEWSLETTER
    remedy = _("write it there as in `email: {{{key}: news@example.org}}`", key=key)
    raise UsageError(_("names no address"), path=path, field=f"email.{key}", remedy=remedy)


def _address(text: str) -> str:
    """The bare address; ``Name <news@example.org>`` is one, too."""
    found = ADDRESS.fullmatch(text.strip())
    if found is None:
        remedy = _("write it as in news@example.org; letters beyond ASCII are not sent to")
        raise UsageError(_("{address} is no address of mail", address=ascii(text)), remedy=remedy)
    return found["named"] or found["bare"]
