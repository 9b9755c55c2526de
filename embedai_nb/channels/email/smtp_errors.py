"""What a mail server's refusals and broken connections mean, and what to do about them."""

from __future__ import annotations

import smtplib
import socket
import ssl

from embedai_nb.channels.email.account import HOST, PASSWORD, PORT, USER, SmtpAccount
from embedai_nb.channels.errors import DeliveryError, masked
from embedai_nb.i18n import Translatable, _

__all__ = ["Answer", "connection_error", "login_error", "reply", "sending_error"]

Answer = tuple[int, bytes | str]
"""Reply code and text of a server (RFC 5321, section 4.2)."""

SHOWN = 200
"""Characters of a server's text that are shown."""


def reply(answer: Answer, account: SmtpAccount) -> str:
    """What a server answered, without secrets: ``550 no such user``."""
    code, text = answer
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {masked(said, *account.secrets)[:SHOWN]}".strip()


def connection_error(error: OSError, account: SmtpAccount) -> DeliveryError:
    """There is no connection, or none that is encrypted and leads to the server that is meant."""
    problem, remedy = _of_connection(error, account)
    return DeliveryError(problem, item=f"{account.host}:{account.port}", remedy=remedy)


def _of_connection(error: OSError, account: SmtpAccount) -> tuple[Translatable, Translatable]:
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = _("the server's certificate is not valid ({reason})", reason=error.verify_message)
        return problem, _("see whether {name} is the name that your mail provider gives", name=HOST)
    if isinstance(error, ssl.SSLError):
        return _("the server does not speak TLS here"), _see_port()
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _("the server offers no encryption here (STARTTLS), so nothing was sent"), _see_port()
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return _("the server does not answer"), _("see whether the network works, and {name} is right", name=PORT)
    if isinstance(error, socket.gaierror):
        return _("there is no server of this name"), _("see whether the network works, and {name} is right", name=HOST)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return _("the server closed the connection before it said anything"), _see_port()
    if isinstance(error, smtplib.SMTPResponseException):
        answer = reply((error.smtp_code, error.smtp_error), account)
        return _("the server does not take messages now: {answer}", answer=answer), _("try again later")
    reason = getattr(error, "strerror", None) or type(error).__name__
    return _("the server cannot be reached ({reason})", reason=reason), _see_port()


def _see_port() -> Translatable:
    return _("see whether {name} is right: 465 and 587 are usual", name=PORT)


def login_error(error: OSError, account: SmtpAccount) -> DeliveryError:
    """The server does not let this account in; what it said is not shown, as it may repeat what was sent."""
    where = f"{account.host}:{account.port}"
    if isinstance(error, smtplib.SMTPResponseException) and 400 <= error.smtp_code < 500:
        problem = _("the server does not let anybody log in now ({code})", code=error.smtp_code)
        return DeliveryError(problem, item=where, remedy=_("try again later"))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        problem = _("the server does not accept user and password ({code})", code=error.smtp_code)
        remedy = _(
            "copy them anew into {user} and {password}; many providers want a code made for programs, not your password",
            user=USER,
            password=PASSWORD,
        )
        return DeliveryError(problem, item=where, remedy=remedy)
    if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
        remedy = _("unset {user} and {password} if it needs none", user=USER, password=PASSWORD)
        return DeliveryError(_("the server offers no way to log in that is known"), item=where, remedy=remedy)
    return connection_error(error, account)


def sending_error(error: smtplib.SMTPException, account: SmtpAccount, date: str) -> DeliveryError:
    """The server refused the message, so nobody gets it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answer = reply(next(iter(error.recipients.values())), account)
        problem = _("no recipient was accepted ({answer})", answer=answer)
        return DeliveryError(problem, item=date, remedy=_later_or(answer, _("see whether the addresses are right")))
    if isinstance(error, smtplib.SMTPSenderRefused):
        answer = reply((error.smtp_code, error.smtp_error), account)
        problem = _("the sender was not accepted ({answer})", answer=answer)
        remedy = _("let email.sender in newsletter.yaml be the address of the account")
        return DeliveryError(problem, item=date, remedy=_later_or(answer, remedy))
    if isinstance(error, smtplib.SMTPResponseException):
        answer = reply((error.smtp_code, error.smtp_error), account)
        problem = _("the message was not accepted ({answer})", answer=answer)
        return DeliveryError(problem, item=date, remedy=_later_or(answer, _("ask your mail provider what it means")))
    problem = _("the message was not accepted ({answer})", answer=type(error).__name__)
    return DeliveryError(problem, item=date, remedy=_("ask your mail provider what it means"))


def _later_or(answer: str, remedy: Translatable) -> Translatable:
    """What to do: a code that begins with 4 is a passing one (RFC 5321, section 4.2.1)."""
    return _("try again later") if answer.startswith("4") else remedy
