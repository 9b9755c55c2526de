"""A real mail server on this machine, with the certificate of the tests, that keeps what it is handed."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from .loopback import CERTIFICATE

USER = "CANARYuser@e.com"
PASSWORD = "CANARYpassword $ 1"
NAME = "site.test"
"""The name in the certificate."""


@dataclass
class MailServer:
    """What it was handed, and how it answers instead of accepting that; an answer of None accepts it."""

    port: int
    envelopes: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """Answers by command, or by recipient."""
    greeted_by: list[str] = field(default_factory=list)
    """What its clients call themselves."""
    breaks_in_data: bool = False
    """Whether it hangs up when it has the message."""

    @property
    def messages(self) -> list[EmailMessage]:
        return [
            cast("EmailMessage", message_from_bytes(cast("bytes", each.content), policy=default))
            for each in self.envelopes
        ]

    def recipients(self) -> list[list[str]]:
        return [each.rcpt_tos for each in self.envelopes]

    # --- hooks of aiosmtpd, with its names ---

    async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        self.greeted_by.append(session.host_name)
        if "MAIL" not in self.answers:
            envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        answer = self.answers.get(address, self.answers.get("RCPT", "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.breaks_in_data:
            server.transport.abort()
            return "250 OK"
        if "DATA" not in self.answers:
            self.envelopes.append(envelope)
        return self.answers.get("DATA", "250 OK")

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        if "AUTH" in self.answers:
            return AuthResult(success=False, handled=False, message=self.answers["AUTH"])
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(*, tls: str = "starttls", login: bool = True) -> Iterator[MailServer]:
    """The server while it runs.

    Args:
        tls: ``starttls``, ``implicit``, or ``none``.
        login: whether one can log in, and has to.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server = MailServer(free_port())
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        ssl_context=context if tls == "implicit" else None,
        tls_context=context if tls == "starttls" else None,
        require_starttls=tls == "starttls",
        authenticator=server.authenticate,
        auth_required=login and tls == "starttls",
        auth_require_tls=tls == "starttls",
        auth_exclude_mechanism=[] if login else ["LOGIN", "PLAIN"],
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
