"""Mail: composed once, handed in over real sockets, and every refusal told apart."""

import email
import email.policy
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import DeliveryError
from monitor.model import Message
from monitor.notifiers import email as mail
from monitor.notifiers.email import SmtpServer, compose, send

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WORDS = Message(subject="Союзники – allies agree", text="Plain – слова\n", html="<p>Rich – слова</p>")

HOSTILE = (Path(__file__).parents[1] / "alerts" / "hostile.txt").read_text().splitlines()


def composed(message: Message = WORDS, **fields: Any) -> bytes:
    usual = {
        "delivery_id": "d1",
        "sender": "NATO–Ukraine Monitor <monitor@example.org>",
        "recipient": "desk@example.org",
        "domain": "example.org",
        "list_name": "nato-ukraine",
        "date": NOON,
    }
    return compose(message, **(usual | fields))


def read(body: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(body, policy=email.policy.default)  # type: ignore[return-value]


# -------------------------------------------------------------------------------------------- compose
def test_a_mail_reads_back_as_it_was_meant():
    found = read(composed())

    assert found["Subject"] == WORDS.subject
    assert found["From"].addresses[0].display_name == "NATO–Ukraine Monitor"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content().replace("\r\n", "\n").strip() for part in found.iter_parts()] == [WORDS.text.strip(), WORDS.html]
    assert {part["Content-Transfer-Encoding"] for part in found.iter_parts()} == {"quoted-printable"}


def test_a_mail_says_who_sent_it_when_and_that_a_machine_did():
    found = read(composed())

    assert found["Message-ID"] == "<d1@example.org>"
    assert found["Date"].datetime == NOON
    assert found["List-Id"] == "<nato-ukraine.example.org>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["X-Auto-Response-Suppress"] == "All"


def test_composing_twice_gives_the_same_bytes():
    assert composed() == composed()


def test_readers_leave_with_one_click_where_there_is_a_page():
    found = read(composed(unsubscribe_url="https://monitor.example.org/u/token"))

    assert found["List-Unsubscribe"] == "<https://monitor.example.org/u/token>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_readers_leave_by_mail_where_there_is_none():
    found = read(composed())

    assert found["List-Unsubscribe"] == "<mailto:monitor@example.org?subject=unsubscribe%20nato-ukraine>"
    assert found["List-Unsubscribe-Post"] is None


def test_a_follow_up_hangs_below_the_first_mail():
    found = read(composed(in_reply_to="d0"))

    assert found["In-Reply-To"] == found["References"] == "<d0@example.org>"


def test_long_addresses_and_ids_are_never_folded_into_encoded_words():
    address = "https://monitor.example.org/u/" + "t" * 150

    body = composed(delivery_id="d" * 64, in_reply_to="e" * 64, unsubscribe_url=address)

    assert f"List-Unsubscribe: <{address}>\r\n".encode() in body
    assert b"In-Reply-To: <" + b"e" * 64 + b"@example.org>\r\n" in body


def test_lines_end_as_smtp_wants_and_stay_short():
    body = composed(Message(subject="s" * 200, text="слово " * 500, html=f"<p>{'слово' * 500}</p>"))

    assert body.count(b"\n") == body.count(b"\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
def test_A41_no_header_can_be_smuggled_into_a_mail(line_end: str):
    found = read(
        composed(Message(subject=f"News{line_end}Bcc: all@example.org", text="", html=""), delivery_id=f"d{line_end}X: y", list_name=f"n{line_end}X: y")
    )

    assert found["Bcc"] is None
    assert found["X"] is None
    assert found["Subject"] == "News Bcc: all@example.org"


@pytest.mark.parametrize("headline", HOSTILE)
def test_A41_no_headline_becomes_a_header_or_a_part(headline: str):
    found = read(composed(Message(subject=headline, text=f"{headline}\n", html=f"<p>{headline}</p>")))

    assert found.keys() == read(composed()).keys()
    assert found["Subject"] == " ".join(headline.replace("=?", "= ?").split())
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert next(found.iter_parts()).get_content().splitlines() == [headline]


def test_an_encoded_word_in_a_headline_smuggles_nothing():
    found = read(composed(Message(subject="=?utf-8?q?News=0D=0ABcc=3A_all=40example=2Eorg?= ==??x?=", text="", html="")))

    assert found["Bcc"] is None
    assert found["Subject"] == "= ?utf-8?q?News=0D=0ABcc=3A_all=40example=2Eorg?= == ??x?="


# ----------------------------------------------------------------------------------------------- send
async def sent(port: int, body: bytes = b"", **fields: Any) -> int:
    server = SmtpServer(**({"host": "127.0.0.1", "port": port, "security": "none"} | fields))
    return await send(body or composed(), recipient="desk@example.org", sender="Monitor <monitor@example.org>", server=server)


async def refusal(port: int, **fields: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as refused:
        await sent(port, **fields)
    return refused.value


async def test_a_mail_arrives_byte_for_byte(mail_server: Callable[..., Any], mailbox: Any):
    async with mail_server(mailbox()) as box:
        code = await sent(box.port)

    (envelope,) = box.received
    assert code == 250
    assert (envelope.mail_from, envelope.rcpt_tos) == ("monitor@example.org", ["desk@example.org"])
    assert envelope.content.rstrip() == composed().rstrip()


@pytest.mark.parametrize(
    ("answers", "permanent", "status"),
    [
        pytest.param({"rcpt": "451 come back"}, False, 451, id="the mailbox is busy"),
        pytest.param({"rcpt": "550 no such user"}, True, 550, id="the mailbox does not exist"),
        pytest.param({"data": "452 disk full"}, False, 452, id="the server is full"),
        pytest.param({"data": "554 spam"}, True, 554, id="the text is not wanted"),
        pytest.param({"rcpt": "530 log in first"}, False, 530, id="the server wants something of us"),
    ],
)
async def test_a_no_for_now_is_told_from_a_no_for_ever(mail_server: Callable[..., Any], mailbox: Any, answers: dict[str, str], permanent: bool, status: int):
    async with mail_server(mailbox(**answers)) as box:
        error = await refusal(box.port)

    assert (error.permanent, error.status) == (permanent, status)
    assert str(status) in str(error)


async def test_a_reply_lost_after_the_text_means_trying_again(mail_server: Callable[..., Any], mailbox: Any):
    async with mail_server(mailbox(hang_up=True)) as box:
        error = await refusal(box.port)

    assert not error.permanent
    assert len(box.received) == 1


async def test_a_server_that_is_down_is_tried_again(mail_server: Callable[..., Any], mailbox: Any):
    async with mail_server(mailbox()) as box:
        pass

    error = await refusal(box.port)

    assert (error.reason, error.permanent) == ("unreachable", False)


@pytest.mark.parametrize(
    ("greeting", "status"),
    [pytest.param("421 too busy", 421, id="for now"), pytest.param("554 not you", 554, id="the server shuts us out: an operator can mend it")],
)
async def test_a_refusing_greeting_is_tried_again(greeter: Callable[..., Any], greeting: str, status: int):
    async with greeter(f"{greeting}\r\n".encode()) as port:
        error = await refusal(port)

    assert (error.permanent, error.status) == (False, status)


async def test_a_server_that_never_speaks_is_left_at_the_deadline(greeter: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail, "DEADLINE_S", 0.2)
    async with greeter() as port:
        error = await refusal(port)

    assert (error.reason, error.permanent) == ("timeout", False)


async def test_a_password_travels_only_inside_tls(mail_server: Callable[..., Any], mailbox: Any, server_tls: ssl.SSLContext, trusting_tls: ssl.SSLContext):
    box = mailbox()
    async with mail_server(box, tls_context=server_tls, require_starttls=True, authenticator=box.log_in, auth_required=True):
        code = await sent(box.port, security="starttls", username="monitor", password="right", tls=trusting_tls)

    assert code == 250
    assert box.logins == [(b"monitor", b"right", True)]


async def test_a_wrong_password_is_mended_by_an_operator_so_the_mail_waits(
    mail_server: Callable[..., Any], mailbox: Any, server_tls: ssl.SSLContext, trusting_tls: ssl.SSLContext
):
    box = mailbox()
    async with mail_server(box, tls_context=server_tls, require_starttls=True, authenticator=box.log_in, auth_required=True):
        error = await refusal(box.port, security="starttls", username="monitor", password="wrong", tls=trusting_tls)

    assert (error.reason, error.permanent, error.status) == ("login", False, 535)
    assert "wrong" not in str(error)


async def test_a_server_without_starttls_gets_no_mail_when_it_is_demanded(mail_server: Callable[..., Any], mailbox: Any):
    async with mail_server(mailbox()) as box:
        error = await refusal(box.port, security="starttls", username="monitor", password="right")

    assert not error.permanent
    assert (box.received, box.logins) == ([], [])


async def test_a_certificate_that_nobody_vouches_for_stops_the_mail(mail_server: Callable[..., Any], mailbox: Any, server_tls: ssl.SSLContext):
    async with mail_server(mailbox(), tls_context=server_tls) as box:
        error = await refusal(box.port, security="starttls")

    assert not error.permanent
    assert "certificate" in str(error).lower()
    assert box.received == []


async def test_a_password_without_tls_is_refused_before_connecting(mail_server: Callable[..., Any], mailbox: Any):
    async with mail_server(mailbox()) as box:
        error = await refusal(box.port, security="none", username="monitor", password="right")

    assert error.reason == "no-tls"
    assert box.connections == 0


@pytest.mark.parametrize("recipient", ["desk@example.org\r\nRCPT TO:<all@example.org>", "desk@example.org, all@example.org", "письмо@example.org", "desk", ""])
async def test_an_address_that_cannot_be_sent_to_is_dead_at_once(mail_server: Callable[..., Any], mailbox: Any, recipient: str):
    async with mail_server(mailbox()) as box:
        server = SmtpServer(host="127.0.0.1", port=box.port, security="none")
        with pytest.raises(DeliveryError) as refused:
            await send(composed(), recipient=recipient, sender="monitor@example.org", server=server)

    assert (refused.value.reason, refused.value.permanent) == ("bad-address", True)
    assert box.connections == 0


def test_a_password_is_never_shown():
    assert "secret" not in repr(SmtpServer(host="mail.example.org", port=587, username="monitor", password="secret"))
