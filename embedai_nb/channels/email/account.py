"""The account at a mail server that messages are handed to; its password comes from the environment alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from embedai_nb.errors import UsageError
from embedai_nb.i18n import _

__all__ = ["SmtpAccount"]

SUBMISSIONS = 465
"""The port of implicit TLS (RFC 8314, section 7.3)."""
IMPLICIT_TLS = frozenset({SUBMISSIONS, 994, 2465})
"""Ports where TLS begins at once: the standard one, that of NetEase besides, that of Amazon SES besides.

On any other, STARTTLS is demanded (RFC 3207)."""
HOST, PORT, USER, PASSWORD = (f"EMBEDAI_SMTP_{name}" for name in ("HOST", "PORT", "USER", "PASSWORD"))


@dataclass(frozen=True)
class SmtpAccount:
    """Where messages are handed in, and as whom; its repr shows neither user nor password."""

    host: str
    port: int = SUBMISSIONS
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    implicit_tls: bool = True
    """Whether TLS begins with the connection, rather than by STARTTLS; without TLS nothing is ever sent."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> SmtpAccount:
        """Read the account from environment variables.

        Raises:
            UsageError: one of them is missing, or cannot be used.
        """
        host, user = (environment.get(name, "").strip() for name in (HOST, USER))
        password = environment.get(PASSWORD, "")
        if not host:
            raise _missing(HOST)
        if bool(user) != bool(password):
            raise _missing(PASSWORD if user else USER)
        for name, value in ((USER, user), (PASSWORD, password)):
            if not value.isascii():
                raise _not_ascii(name)
        port = _port(environment.get(PORT, "").strip() or str(SUBMISSIONS))
        return cls(host, port, user, password, port in IMPLICIT_TLS)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown, also as SMTP encodes it (RFC 4616, RFC 4954)."""
        plain = f"\0{self.user}\0{self.password}"
        return (self.password, *(b64encode(each.encode()).decode() for each in (plain, self.password) if self.password))


def _missing(name: str) -> UsageError:
    return UsageError(
        _("{name} is not in the environment", name=name),
        remedy=_("your mail provider tells it; it is never written to a file"),
    )


def _not_ascii(name: str) -> UsageError:
    """For `smtplib.SMTP.login`, which knows no other characters."""
    return UsageError(
        _("has characters that cannot be sent"), field=name, remedy=_("use letters, digits and ASCII signs")
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise UsageError(_("is no port"), field=PORT, remedy=_("write 465 or 587, whichever your mail provider names"))
