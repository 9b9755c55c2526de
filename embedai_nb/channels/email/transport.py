"""Hand a message to a mail server, over a verified and encrypted connection only."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from embedai_nb.channels.email.account import SmtpAccount
from embedai_nb.channels.email.smtp_errors import Answer, connection_error, login_error, sending_error
from embedai_nb.channels.errors import DeliveryError
from embedai_nb.i18n import _

__all__ = ["UncertainDeliveryError", "deliver"]

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 30.0
NAME = "[127.0.0.1]"
"""How this computer presents itself: an address literal (RFC 5321, section 4.1.3) that tells nobody its name."""


class UncertainDeliveryError(DeliveryError):
    """The connection broke while the message was handed over: it may have gone out."""


def deliver(
    message: EmailMessage, account: SmtpAccount, *, sender: str, recipients: Sequence[str], date: str
) -> Mapping[str, Answer]:
    """Hand in one message for all recipients, whom it doesn't name.

    Args:
        message: with all its headers.
        account: at the mail server.
        sender: bare address that bounces go to.
        recipients: bare addresses.
        date: of the issue, for error messages.

    Returns:
        Those whom the server refused, with its answer; all others get the message.

    Raises:
        DeliveryError: nobody gets it.
        UncertainDeliveryError: nobody knows.
    """
    logger.info("handing a message to %s:%d, recipients: %d", account.host, account.port, len(recipients))
    with _logged_in(account) as smtp:
        try:
            return smtp.send_message(message, sender, recipients)
        except smtplib.SMTPServerDisconnected:
            raise _uncertain(account, date) from None
        except smtplib.SMTPException as error:
            raise sending_error(error, account, date) from None
        except OSError:
            raise _uncertain(account, date) from None


def _uncertain(account: SmtpAccount, date: str) -> UncertainDeliveryError:
    return UncertainDeliveryError(
        _("the connection to {host} broke while the message was handed over: it may have gone out", host=account.host),
        item=date,
        remedy=_("look for it in a mailbox that gets it before you send it again with --again"),
    )


@contextmanager
def _logged_in(account: SmtpAccount) -> Iterator[smtplib.SMTP]:
    """A connection on which messages are taken."""
    try:
        smtp = _connected(account)
    except OSError as error:  # smtplib's exceptions are, too
        raise connection_error(error, account) from None
    try:
        if account.user:
            _log_in(smtp, account)
        yield smtp
    finally:
        with suppress(OSError):
            smtp.quit()
        smtp.close()


def _connected(account: SmtpAccount) -> smtplib.SMTP:
    """A connection with TLS: from its beginning, or by STARTTLS before anything else is said."""
    trust = ssl.create_default_context()
    place = account.host, account.port
    if account.implicit_tls:
        return smtplib.SMTP_SSL(*place, local_hostname=NAME, timeout=TIMEOUT_SECONDS, context=trust)
    smtp = smtplib.SMTP(*place, local_hostname=NAME, timeout=TIMEOUT_SECONDS)
    try:
        smtp.starttls(context=trust)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _log_in(smtp: smtplib.SMTP, account: SmtpAccount) -> None:
    try:
        smtp.login(account.user, account.password)
    except OSError as error:
        raise login_error(error, account) from None
