"""Sending by mail: the same message to oneself first, to readers once, over TLS, and no secret is ever shown."""

from __future__ import annotations

import datetime
import json
import logging
import re
import socket
import threading
import traceback
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from embedai_nb.channels.email import account as accounts
from embedai_nb.channels.email import transport
from embedai_nb.channels.email.account import SmtpAccount
from embedai_nb.channels.email.send import send_test, send_to_readers
from embedai_nb.channels.email.transport import UncertainDeliveryError
from embedai_nb.channels.errors import DeliveryError, masked
from embedai_nb.channels.sent_record import Sending, change_sent, load_sent
from embedai_nb.cli import run
from embedai_nb.edition import Edition, load
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.html.email import message
from embedai_nb.model import EmailStyle
from embedai_nb.workspace import layout

from .json_keys import DOCUMENTED, keys
from .loopback import CERTIFICATE
from .mail_server import NAME, PASSWORD, USER, MailServer, free_port, mail_server

DAY = datetime.date(2031, 5, 4)
NOW = datetime.datetime(2031, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)
SENDER, LIST = "news@e.com", "list@e.com"
NEWSLETTER = """\
name: 简报
email: {sender: 简报 <news@e.com>, to: list@e.com, unsubscribe: "https://e.com/u"}
"""
DRAFT = """\
schema: 1
date: 2031-05-04
headline: [甲]
sections:
  - name: 论文
    items:
      - {title: 低比特训练, url: https://e.com/1, fields: {摘要: 一句。}}
"""
SECRETS = (
    PASSWORD,
    b64encode(PASSWORD.encode()).decode(),
    b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode(),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "issues"
    (folder / "drafts").mkdir(parents=True)
    (folder / layout.NEWSLETTER).write_text(NEWSLETTER, encoding="utf-8")
    (folder / layout.draft(str(DAY))).write_text(DRAFT, encoding="utf-8")
    return folder


@pytest.fixture
def edition(folder: Path) -> Edition:
    return load(DAY, folder)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name in the certificate leads to this machine, and the certificate is one that is trusted."""
    resolve = socket.getaddrinfo

    def resolved(host: str, *rest: object, **more: object) -> object:
        return resolve("127.0.0.1" if host == NAME else host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    for name in (accounts.HOST, accounts.PORT, accounts.USER, accounts.PASSWORD):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def account(server: MailServer | int, *, host: str = NAME, user: str = USER, password: str = PASSWORD) -> SmtpAccount:
    port = server if isinstance(server, int) else server.port
    return SmtpAccount(host, port, user, password, implicit_tls=False)


def after_test(edition: Edition, server: MailServer) -> SmtpAccount:
    """The account, once the message was tested."""
    send_test(edition, account(server), None, NOW)
    return account(server)


def kinds(folder: Path) -> list[str]:
    return [each.kind for each in load_sent(folder)]


# --- the message ------------------------------------------------------------------------------------------------


class TestMessage:
    def test_a_test_goes_to_the_sender_alone(self, edition: Edition, server: MailServer) -> None:
        done = send_test(edition, account(server), None, NOW)
        assert done == ((SENDER,), {})
        assert server.recipients() == [[SENDER]]

    def test_it_is_the_message_that_show_prints_but_for_what_sending_adds(
        self, edition: Edition, server: MailServer
    ) -> None:
        send_test(edition, account(server), "ada@e.com", NOW)
        shown, sent = message(edition.issue, edition.newsletter), server.envelopes[0]
        assert isinstance(sent.content, bytes)
        lines = sent.content.decode("ascii").replace("\r\n", "\n").splitlines()
        added = [line for line in lines if line not in shown.splitlines()]
        assert [line.partition(":")[0] for line in added] == ["Date", "Message-ID"]
        assert [line for line in shown.splitlines() if line not in lines] == ["Date: Sun, 04 May 2031 00:00:00 +0000"]
        assert server.messages[0]["Date"].datetime == NOW

    def test_readers_get_the_very_text_that_was_tested_under_an_id_of_its_own(
        self, edition: Edition, server: MailServer
    ) -> None:
        send_to_readers(edition, after_test(edition, server), [], NOW)
        test, real = server.messages
        assert server.recipients() == [[SENDER], [LIST]]
        assert real["Message-ID"] == f"<{load_sent(edition.folder)[0].key}@e.com>"
        assert test["Message-ID"] != real["Message-ID"]
        for each in (test, real):
            del each["Message-ID"]
        assert test.as_bytes() == real.as_bytes()

    def test_recipients_do_not_see_each_other(self, edition: Edition, server: MailServer) -> None:
        people = ["Ada <ada@e.com>", "bob@e.com", "ada@e.com"]
        done = send_to_readers(edition, after_test(edition, server), people, NOW)
        assert done.recipients == ("ada@e.com", "bob@e.com")
        assert server.recipients()[1] == ["ada@e.com", "bob@e.com"]
        sent = server.envelopes[1].content
        assert isinstance(sent, bytes)
        assert b"ada@" not in sent
        assert b"bob@" not in sent

    def test_without_a_list_it_is_addressed_to_the_sender(self, folder: Path, server: MailServer) -> None:
        (folder / layout.NEWSLETTER).write_text("name: 简报\nemail: {sender: news@e.com}\n", encoding="utf-8")
        send_test(load(DAY, folder), account(server), "ada@e.com", NOW)
        assert server.messages[0]["To"] == SENDER

    def test_mail_programs_can_unsubscribe_by_one_click_where_the_newsletter_says_so(
        self, folder: Path, server: MailServer
    ) -> None:
        send_test(load(DAY, folder), account(server), None, NOW)
        said = NEWSLETTER.replace("}", ", one_click: true}")
        (folder / layout.NEWSLETTER).write_text(said, encoding="utf-8")
        send_test(load(DAY, folder), account(server), None, NOW)
        plain, one_click = server.messages
        assert plain["List-Unsubscribe"] == one_click["List-Unsubscribe"] == "<https://e.com/u>"
        assert plain["List-Unsubscribe-Post"] is None
        assert one_click["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    @pytest.mark.parametrize("unsubscribe", ["", "mailto:u@e.com", "http://e.com/u"])
    def test_one_click_needs_an_encrypted_page(self, unsubscribe: str) -> None:
        with pytest.raises(ValidationError, match="one_click needs an https:// address"):
            EmailStyle(unsubscribe=unsubscribe, one_click=True)

    def test_the_server_does_not_learn_the_name_of_this_computer(self, edition: Edition, server: MailServer) -> None:
        send_test(edition, account(server), None, NOW)
        assert server.greeted_by == ["[127.0.0.1]"]


# --- never by accident, never twice --------------------------------------------------------------------------------


class TestGuards:
    def refused(self, edition: Edition, server: MailServer, *, again: bool = False) -> str:
        before = len(server.envelopes)
        with pytest.raises(DeliveryError) as raised:
            send_to_readers(edition, account(server), [], NOW, again=again)
        assert len(server.envelopes) == before
        return str(raised.value)

    def test_what_was_not_tested_is_not_sent(self, edition: Edition, server: MailServer) -> None:
        said = self.refused(edition, server)
        assert said == (
            "2031-05-04: the message was not tested yet; "
            "`embedai email 2031-05-04` sends it to you alone; look at it, then send it"
        )

    @pytest.mark.parametrize("again", [False, True])
    def test_what_changed_since_its_test_is_not_sent(self, folder: Path, server: MailServer, again: bool) -> None:
        after_test(load(DAY, folder), server)
        draft = folder / layout.draft(str(DAY))
        draft.write_text(DRAFT.replace("低比特训练", "低比特推理"), encoding="utf-8")
        assert "the message has changed since its test" in self.refused(load(DAY, folder), server, again=again)

    def test_the_test_of_another_issue_is_none(self, folder: Path, server: MailServer) -> None:
        after_test(load(DAY, folder), server)
        (folder / layout.draft("2031-05-05")).write_text(
            DRAFT.replace("05-04", "05-05").replace("e.com/1", "e.com/2"), encoding="utf-8"
        )
        assert "was not tested yet" in self.refused(load("2031-05-05", folder), server)

    def test_nothing_is_sent_twice_without_being_asked(self, edition: Edition, server: MailServer) -> None:
        send_to_readers(edition, after_test(edition, server), [], NOW)
        said = self.refused(edition, server)
        assert said == (
            "2031-05-04: was sent to its readers already, at 2031-05-06T07:08:09Z; --again sends it once more"
        )
        send_to_readers(edition, account(server), [], NOW, again=True)
        assert server.recipients() == [[SENDER], [LIST], [LIST]]

    def test_an_issue_that_was_corrected_afterwards_is_not_sent_again_either(
        self, folder: Path, server: MailServer
    ) -> None:
        send_to_readers(load(DAY, folder), after_test(load(DAY, folder), server), [], NOW)
        draft = folder / layout.draft(str(DAY))
        draft.write_text(DRAFT.replace("低比特训练", "低比特推理"), encoding="utf-8")
        corrected = load(DAY, folder)
        after_test(corrected, server)
        assert "was sent to its readers already" in self.refused(corrected, server)

    def test_what_another_computer_sent_is_known_once_its_record_is_there(
        self, edition: Edition, server: MailServer
    ) -> None:
        after_test(edition, server)
        record = edition.folder / layout.SENT
        mine = record.read_text("utf-8")
        theirs = "2031-05-04\temail\tsent\t2031-05-05T01:02:03Z\tfedcba9876543210\n"
        record.write_text(f"<<<<<<< ours\n{mine}=======\n{theirs}>>>>>>> theirs\n", encoding="utf-8")
        assert "already, at 2031-05-05T01:02:03Z" in self.refused(edition, server)

    def test_git_is_told_to_keep_the_lines_of_both(self, edition: Edition, server: MailServer) -> None:
        after_test(edition, server)
        assert (edition.folder / layout.SENT_ATTRIBUTES).read_text("utf-8") == "sent.txt text eol=lf merge=union\n"

    def test_two_processes_do_not_send_at_once(self, edition: Edition, server: MailServer) -> None:
        after_test(edition, server)
        results: list[object] = []

        def send() -> None:
            try:
                results.append(send_to_readers(edition, account(server), [], NOW))
            except EmbedAIError as error:
                results.append(error)

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.recipients() == [[SENDER], [LIST]]
        assert sum(isinstance(result, EmbedAIError) for result in results) == 3

    def test_an_issue_with_errors_is_not_sent(self, folder: Path, server: MailServer) -> None:
        broken = DRAFT.replace("https://e.com/1", "''")
        (folder / layout.draft(str(DAY))).write_text(broken, encoding="utf-8")
        edition = load(DAY, folder)
        for send in (
            lambda: send_test(edition, account(server), None, NOW),
            lambda: send_to_readers(edition, account(server), [], NOW, again=True),
        ):
            with pytest.raises(DeliveryError, match="the issue has errors; `embedai check 2031-05-04` lists them"):
                send()
        assert server.envelopes == []
        assert load_sent(folder) == ()

    @pytest.mark.parametrize("list_address", [LIST, "List@E.com", f"Readers <{LIST}>"])
    def test_a_test_does_not_go_to_the_list(self, edition: Edition, server: MailServer, list_address: str) -> None:
        with pytest.raises(UsageError, match="is the list of all readers; send to it by --send"):
            send_test(edition, account(server), list_address, NOW)
        assert server.envelopes == []

    def test_no_address_is_kept_in_the_record(self, edition: Edition, server: MailServer) -> None:
        send_to_readers(edition, after_test(edition, server), ["ada@e.com"], NOW)
        assert "@" not in (edition.folder / layout.SENT).read_text("utf-8")


# --- what goes wrong -----------------------------------------------------------------------------------------------


def fails(edition: Edition, account: SmtpAccount) -> str:
    """The error of a test, in one line; nobody gets anything, nothing is noted, and no secret is shown."""
    with pytest.raises(DeliveryError) as raised:
        send_test(edition, account, None, NOW)
    assert load_sent(edition.folder) == ()
    said = str(raised.value)
    assert "\n" not in said
    whole = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert not any(secret in whole for secret in SECRETS)
    return said


class TestServerRefuses:
    @pytest.mark.parametrize(
        ("command", "answer", "said"),
        [
            ("RCPT", "550 5.1.1 no such user", "no recipient was accepted (550 5.1.1 no such user); see whether"),
            ("RCPT", "450 4.2.1 busy", "no recipient was accepted (450 4.2.1 busy); try again later"),
            ("MAIL", "553 not yours", "the sender was not accepted (553 not yours); let email.sender in newsletter"),
            ("MAIL", "451 wait", "the sender was not accepted (451 wait); try again later"),
            ("DATA", "554 5.7.1 spam", "the message was not accepted (554 5.7.1 spam); ask your mail provider"),
            ("DATA", "452 4.3.1 full", "the message was not accepted (452 4.3.1 full); try again later"),
            ("DATA", f"554 you said {PASSWORD}", "the message was not accepted (554 you said ***); ask"),
        ],
    )
    def test_what_it_refuses_is_said_with_what_to_do(
        self, edition: Edition, server: MailServer, command: str, answer: str, said: str
    ) -> None:
        server.answers[command] = answer
        assert fails(edition, account(server)).startswith(f"2031-05-04: {said}")

    @pytest.mark.parametrize("user", [USER, "somebody@e.com"])
    def test_wrong_user_or_password(self, edition: Edition, server: MailServer, user: str) -> None:
        wrong = account(server, user=user, password=PASSWORD if user != USER else "wrong")
        said = fails(edition, wrong)
        assert "the server does not accept user and password (535); copy them anew into EMBEDAI_SMTP_USER" in said

    def test_a_server_that_repeats_what_it_was_told_is_not_quoted(self, edition: Edition, server: MailServer) -> None:
        server.answers["AUTH"] = f"535 no {PASSWORD} {SECRETS[1]} {SECRETS[2]}"
        assert "does not accept user and password (535)" in fails(edition, account(server))

    def test_a_login_that_fails_for_now(self, edition: Edition, server: MailServer) -> None:
        server.answers["AUTH"] = "454 4.7.0 temporary authentication failure"
        assert "the server does not let anybody log in now (454); try again later" in fails(edition, account(server))

    def test_a_login_where_none_is_offered(self, edition: Edition) -> None:
        with mail_server(login=False) as server:
            said = fails(edition, account(server))
            assert "offers no way to log in that is known; unset EMBEDAI_SMTP_USER and EMBEDAI_SMTP_PASSWORD" in said

    def test_a_server_that_needs_no_login(self, edition: Edition) -> None:
        with mail_server(login=False) as server:
            send_test(edition, account(server, user="", password=""), None, NOW)
            assert server.recipients() == [[SENDER]]

    def test_a_failure_leaves_the_way_free_for_the_next_try(self, edition: Edition, server: MailServer) -> None:
        after_test(edition, server)
        server.answers["DATA"] = "451 later"
        with pytest.raises(DeliveryError, match="451 later"):
            send_to_readers(edition, account(server), [], NOW)
        assert kinds(edition.folder) == ["test"]
        server.answers.clear()
        send_to_readers(edition, account(server), [], NOW)
        assert server.recipients() == [[SENDER], [LIST]]

    def test_some_refused_the_others_get_it_once(self, edition: Edition, server: MailServer) -> None:
        after_test(edition, server)
        server.answers["bob@e.com"] = "550 no such user"
        done = send_to_readers(edition, account(server), ["ada@e.com", "bob@e.com"], NOW)
        assert done.recipients == ("ada@e.com",)
        assert done.refused == {"bob@e.com": (550, b"no such user")}
        assert server.recipients()[1] == ["ada@e.com"]
        assert kinds(edition.folder) == ["test", "sent"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 0.3)


class scripted:  # noqa: N801  # read as a statement: with scripted(…)
    """A server that says these lines, one for each that it is told, and then nothing, or hangs up."""

    def __init__(self, *lines: str, hangs_up: bool = False) -> None:
        self.lines = lines
        self.hangs_up = hangs_up

    def __enter__(self) -> int:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return int(self.listening.getsockname()[1])

    def __exit__(self, *error: object) -> None:
        self.done.set()
        self.thread.join()
        self.listening.close()

    def serve(self) -> None:
        self.listening.settimeout(5)
        connection, _ = self.listening.accept()
        with connection:
            for n, line in enumerate(self.lines):
                if n:
                    connection.recv(1000)
                connection.sendall(f"{line}\r\n".encode())
            if not self.hangs_up:
                self.done.wait(5)


class TestConnection:
    def test_a_certificate_of_somebody_else_is_not_trusted(
        self, edition: Edition, server: MailServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        said = fails(edition, account(server))
        assert re.match(
            rf"{NAME}:\d+: the server's certificate is not valid \(self.signed certificate\); see whether", said
        )
        assert server.envelopes == []

    def test_a_certificate_for_another_name_is_not_trusted(self, edition: Edition, server: MailServer) -> None:
        said = fails(edition, account(server, host="localhost"))
        assert "the server's certificate is not valid (Hostname mismatch" in said
        assert "see whether EMBEDAI_SMTP_HOST is the name that your mail provider gives" in said

    def test_tls_from_the_beginning(self, edition: Edition) -> None:
        with mail_server(tls="implicit") as server:
            send_test(edition, SmtpAccount(NAME, server.port, USER, PASSWORD, implicit_tls=True), None, NOW)
            assert server.recipients() == [[SENDER]]

    @pytest.mark.usefixtures("impatient")
    def test_a_port_where_tls_begins_at_once_is_not_one_for_starttls(self, edition: Edition) -> None:
        with mail_server(tls="implicit") as server:
            assert "the server does not answer; see whether the network works, and" in fails(edition, account(server))

    def test_a_port_for_starttls_is_not_one_where_tls_begins_at_once(
        self, edition: Edition, server: MailServer
    ) -> None:
        said = fails(edition, SmtpAccount(NAME, server.port, USER, PASSWORD, implicit_tls=True))
        assert "the server does not speak TLS here; see whether EMBEDAI_SMTP_PORT is right: 465 and 587" in said

    def test_nothing_is_said_to_a_server_without_encryption(self, edition: Edition) -> None:
        with mail_server(tls="none") as server:
            said = fails(edition, account(server))
            assert "the server offers no encryption here (STARTTLS), so nothing was sent" in said
            assert server.envelopes == []

    def test_nobody_listens(self, edition: Edition) -> None:
        assert "the server cannot be reached (Connection refused)" in fails(edition, account(free_port()))

    def test_there_is_no_such_server(self, edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: object, **more: object) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        assert "mail.e.com:465: there is no server of this name" in fails(edition, SmtpAccount("mail.e.com"))

    @pytest.mark.usefixtures("impatient")
    def test_it_never_answers(self, edition: Edition) -> None:
        with scripted() as port:
            assert "the server does not answer" in fails(edition, account(port))

    def test_it_takes_nobody_now(self, edition: Edition) -> None:
        with scripted("421 too many connections") as port:
            assert "does not take messages now: 421 too many connections; try again" in fails(edition, account(port))

    def test_it_hangs_up_at_once(self, edition: Edition) -> None:
        with scripted(hangs_up=True) as port:
            assert "the server closed the connection before it said anything" in fails(edition, account(port))

    def test_it_hangs_up_when_it_has_the_message(self, edition: Edition, server: MailServer) -> None:
        """Nobody knows whether it went out, so it is not sent again by itself."""
        after_test(edition, server)
        server.breaks_in_data = True
        with pytest.raises(
            UncertainDeliveryError, match="broke while the message was handed over: it may have gone out"
        ):
            send_to_readers(edition, account(server), [], NOW)
        assert kinds(edition.folder) == ["test", "sending"]
        server.breaks_in_data = False
        with pytest.raises(DeliveryError, match="may have been sent already, at 2031-05-06T07:08:09Z: the connection"):
            send_to_readers(edition, account(server), [], NOW)
        assert server.recipients() == [[SENDER]]
        send_to_readers(edition, account(server), [], NOW, again=True)
        assert server.recipients() == [[SENDER], [LIST]]

    def test_a_process_that_dies_while_sending_leaves_a_note(
        self, edition: Edition, server: MailServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        after_test(edition, server)

        def dies(*_: object, **more: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("embedai_nb.channels.email.send.deliver", dies)
        with pytest.raises(KeyboardInterrupt):
            send_to_readers(edition, account(server), [], NOW)
        assert kinds(edition.folder) == ["test", "sending"]


# --- the account -------------------------------------------------------------------------------------------------


ENVIRONMENT = {accounts.HOST: NAME, accounts.USER: USER, accounts.PASSWORD: PASSWORD}


class TestAccount:
    @pytest.mark.parametrize(
        ("port", "implicit"), [("", True), ("465", True), ("994", True), ("587", False), ("25", False), ("2525", False)]
    )
    def test_the_port_says_where_tls_begins(self, port: str, implicit: bool) -> None:
        assert SmtpAccount.of(ENVIRONMENT | {accounts.PORT: port}).implicit_tls is implicit

    @pytest.mark.parametrize("port", ["0", "65536", "smtp", "４６５", "-1"])
    def test_a_port_that_is_none(self, port: str) -> None:
        with pytest.raises(UsageError, match="EMBEDAI_SMTP_PORT: is no port; write 465 or 587"):
            SmtpAccount.of(ENVIRONMENT | {accounts.PORT: port})

    @pytest.mark.parametrize("name", [accounts.USER, accounts.PASSWORD])
    def test_characters_that_cannot_be_sent_are_not_shown_either(self, name: str) -> None:
        with pytest.raises(UsageError) as raised:
            SmtpAccount.of(ENVIRONMENT | {name: "CANARY密码"})
        assert str(raised.value) == f"{name}: has characters that cannot be sent; use letters, digits and ASCII signs"

    @pytest.mark.parametrize("name", list(ENVIRONMENT))
    def test_what_is_missing_is_named(self, name: str) -> None:
        with pytest.raises(UsageError, match=f"{name} is not in the environment"):
            SmtpAccount.of(ENVIRONMENT | {name: ""})

    def test_a_server_may_need_no_login(self) -> None:
        assert SmtpAccount.of({accounts.HOST: NAME}) == SmtpAccount(NAME)

    def test_it_shows_neither_user_nor_password(self) -> None:
        shown = repr(SmtpAccount.of(ENVIRONMENT))
        assert USER not in shown
        assert PASSWORD not in shown

    def test_secrets_are_masked_the_longest_first(self) -> None:
        assert masked("a secret-1 and secret\nb", "secret", "secret-1", "") == "a *** and *** b"


# --- the record --------------------------------------------------------------------------------------------------


class TestRecord:
    SENT = Sending(DAY, "email", "sent", "2031-05-06T07:08:09Z", "0123456789abcdef")

    def test_what_is_added_is_read_again_the_oldest_first(self, folder: Path) -> None:
        later = self.SENT._replace(time="2031-05-07T00:00:00Z", kind="test")
        change_sent(folder, add=[later])
        change_sent(folder, add=[self.SENT, later])
        assert load_sent(folder) == (self.SENT, later)

    def test_what_was_answered_is_not_under_way_any_more_in_whatever_order_lines_merge(self, folder: Path) -> None:
        change_sent(folder, add=[self.SENT, self.SENT._replace(kind="sending")])
        assert load_sent(folder) == (self.SENT,)

    @pytest.mark.parametrize(
        "line",
        [
            "=======",
            "2031-02-30\temail\tsent\tx\tk",
            "2031-05-04\temail\tlost\tx\tk",
            "2031-05-04\temail",
            "2031-05-04\tlistmonk\tdraft\tx\t../subscribers/1",
        ],
    )
    def test_lines_that_are_none_are_passed_over(self, folder: Path, line: str) -> None:
        (folder / layout.SENT).parent.mkdir()
        (folder / layout.SENT).write_text(f"{line}\n", encoding="utf-8")
        assert load_sent(folder) == ()

    def test_a_record_that_cannot_be_written_is_said_before_anything_is_sent(
        self, edition: Edition, server: MailServer
    ) -> None:
        after_test(edition, server)
        record = edition.folder / layout.SENT
        kept = record.read_bytes()
        record.unlink()
        record.mkdir()
        with pytest.raises(EmbedAIError, match="cannot be"):
            send_to_readers(edition, account(server), [], NOW)
        assert server.recipients() == [[SENDER]]
        record.rmdir()
        record.write_bytes(kept)


# --- the command -------------------------------------------------------------------------------------------------


class Command:
    """`embedai email` with the account in the environment."""

    def __init__(self, folder: Path, printed: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.printed = printed

    def __call__(self, *words: str, status: int = 0) -> str:
        assert run(["--issues", str(self.folder), "email", str(DAY), *words]) == status
        out, err = self.printed.readouterr()
        if status:
            assert len(err.splitlines()) == 1, err
        said = out + err
        assert not any(secret in said for secret in SECRETS)
        return said


@pytest.fixture
def command(
    folder: Path, server: MailServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    for name, value in (ENVIRONMENT | {accounts.PORT: str(server.port)}).items():
        monkeypatch.setenv(name, value)
    return Command(folder, capfd)


class TestCommand:
    def test_from_the_test_to_the_readers(self, command: Command, server: MailServer) -> None:
        assert command() == (
            "2031-05-04: test sent to news@e.com\n"
            "look at it; then `embedai email 2031-05-04 --send` sends it to the readers\n"
        )
        assert command("--send") == "2031-05-04: sent to 1 address\n"
        assert server.recipients() == [[SENDER], [LIST]]
        assert "already" in command("--send", status=1)

    def test_addresses_of_ones_own(self, command: Command, server: MailServer) -> None:
        command("--to", "me@e.com")
        assert command("--send", "--to", "ada@e.com", "--to", "bob@e.com") == "2031-05-04: sent to 2 addresses\n"
        assert server.recipients() == [["me@e.com"], ["ada@e.com", "bob@e.com"]]

    def test_who_was_refused_is_named_with_the_answer(self, command: Command, server: MailServer) -> None:
        command()
        server.answers["bob@e.com"] = f"550 no such user, {PASSWORD}"
        said = command("--send", "--to", "ada@e.com", "--to", "bob@e.com", status=1)
        assert "2031-05-04: sent to 1 address\n" in said
        assert "embedai: bob@e.com was refused: 550 no such user, ***; see whether the address is right" in said
        server.answers.clear()
        command("--send", "--again", "--to", "bob@e.com")
        assert server.recipients() == [[SENDER], ["ada@e.com"], ["bob@e.com"]]

    def test_json_for_programs(self, command: Command, server: MailServer) -> None:
        tested = json.loads(command("--format", "json"))
        assert set(keys(tested)) == DOCUMENTED["email"]
        assert tested == {"date": "2031-05-04", "test": True, "sent": [SENDER], "refused": []}
        server.answers["bob@e.com"] = "550 no such user"
        said = command("--send", "--to", "ada@e.com", "--to", "bob@e.com", "--format", "json", status=1)
        sent, end = json.JSONDecoder().raw_decode(said)
        assert sent == {"date": "2031-05-04", "test": False, "sent": ["ada@e.com"], "refused": ["bob@e.com"]}
        assert said[end:].startswith("\nembedai: bob@e.com was refused")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--to", "a@e.com", "--to", "b@e.com"), "--to: a test goes to one address; send to several by --send"),
            (("--again",), "--again: goes with --send or --via"),
            (
                ("--via", "pigeon"),
                "--via: pigeon is no newsletter service; one of these is known: buttondown, listmonk",
            ),
            (("--via", "listmonk", "--send"), "--via: --to and --send are not for drafts"),
            (("--to", "nobody"), "'nobody' is no address of mail"),
            (("--to", "甲@e.com"), "is no address of mail; write it as in news@example.org"),
            (("--to", "a@e.com\nBcc: x@e.com"), "is no address of mail"),
            (("--to", LIST), "list@e.com is the list of all readers"),
        ],
    )
    def test_wrong_usage_sends_nothing(
        self, command: Command, server: MailServer, words: tuple[str, ...], said: str
    ) -> None:
        assert said in command(*words, status=2)
        assert server.envelopes == []

    def test_a_newsletter_that_names_no_sender(self, command: Command, folder: Path) -> None:
        (folder / layout.NEWSLETTER).write_text("name: 简报\n", encoding="utf-8")
        assert "newsletter.yaml: email.sender: names no address; write it there as in `email: {sender:" in command(
            status=2
        )

    def test_a_newsletter_that_names_no_list(self, command: Command, folder: Path) -> None:
        (folder / layout.NEWSLETTER).write_text("name: 简报\nemail: {sender: news@e.com}\n", encoding="utf-8")
        command()
        assert "newsletter.yaml: email.to: names no address" in command("--send", status=2)

    @pytest.mark.parametrize("verbosity", ["-v", "-vv"])
    def test_the_log_shows_no_secret(
        self,
        command: Command,
        capfd: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
        verbosity: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        words = [verbosity, "--issues", str(command.folder), "email", str(DAY)]
        assert run(words) == 0
        monkeypatch.setenv(accounts.PASSWORD, f"{PASSWORD}-wrong")
        assert run(words) == 1
        out, err = capfd.readouterr()
        assert f"handing a message to {NAME}:" in err
        assert not any(secret in out + err + caplog.text for secret in SECRETS)

    def test_a_message_that_is_clipped_is_told_of(self, command: Command, folder: Path) -> None:
        long = DRAFT.replace("一句。", "长" * 40_000)
        (folder / layout.draft(str(DAY))).write_text(long, encoding="utf-8")
        assert "Gmail hides what follows the first 102,400" in command()

    def test_chinese_is_spoken_where_the_user_does(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LANGUAGE", "zh_CN")
        assert "还没有试发" in command("--send", status=1)


def test_an_address_is_never_taken_from_a_file_of_secrets(folder: Path, edition: Edition) -> None:
    """Whatever newsletter.yaml says, it has no place for a password."""
    (folder / layout.NEWSLETTER).write_text("name: 简报\nemail: {password: x}\n", encoding="utf-8")
    with pytest.raises(EmbedAIError, match="password"):
        load(DAY, folder)
