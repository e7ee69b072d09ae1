"""Mail: the words become an RFC 5322 message once, and any try sends the same bytes."""

import asyncio
import re
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Literal, NoReturn
from urllib.parse import quote

from monitor.errors import DeliveryError
from monitor.model import Message
from monitor.text import clean_line

if TYPE_CHECKING:
    import aiosmtplib

DEADLINE_S = 60.0
_HEADER_CHARS = 200
_ADDRESS = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")  # what can stand between < and > in one RCPT command


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed in.

    security: "starttls" (required, not tried), "tls" from the first byte (RFC 8314), or "none" for loopback.
    tls: trust other than the system's.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None


# -------------------------------------------------------------------------------------------- compose
def compose(
    message: Message,
    *,
    delivery_id: str,
    sender: str,
    recipient: str,
    domain: str,
    list_name: str,
    date: datetime,
    unsubscribe_url: str = "",
    in_reply_to: str = "",
) -> bytes:
    """The mail, frozen when the digest closes: the same input gives the same bytes.

    sender: "Name <address>" or an address. domain: of the Message-ID and List-Id. list_name: what a reader filters by.
    date: the close time. in_reply_to: the delivery id of the story's first mail to this recipient, "" if this is it.
    unsubscribe_url: takes the POST of RFC 8058; without one, a mail to the sender asks for the end.
    """
    mail = EmailMessage(policy=_MailPolicy(message_factory=None))
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = _literal(clean_line(message.subject, _HEADER_CHARS))
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = _message_id(delivery_id, domain)
    if in_reply_to:
        mail["In-Reply-To"] = _message_id(in_reply_to, domain)
        mail["References"] = _message_id(in_reply_to, domain)
    mail["List-Id"] = f"<{_label(list_name)}.{_label(domain)}>"
    if unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{quote(unsubscribe_url, safe=_URL_SAFE)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    else:
        mail["List-Unsubscribe"] = f"<mailto:{quote(parseaddr(sender)[1], safe='@')}?subject={quote('unsubscribe ' + _label(list_name))}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    # "=_" cannot occur in quoted-printable (RFC 2045 §6.7), and chance would make two composings differ.
    mail.set_boundary(f"=_{_label(delivery_id)}"[:70])
    return mail.as_bytes()


def _literal(words: str) -> str:
    """Words that mean themselves.

    The library decodes what looks like an encoded word, line ends included, and up to Python 3.11.9 writes them out: a headline
    with `=?utf-8?q?=0D=0ABcc=3A_…?=` could add headers of its own.
    """
    return words.replace("=?", "= ?")


_URL_SAFE = ":/?#[]@!$&'()*+,;=%~"
_NEVER_FOLDED = {"message-id", "in-reply-to", "references", "list-id", "list-unsubscribe", "list-unsubscribe-post"}


class _MailPolicy(EmailPolicy):
    """SMTP's policy, but identifiers and addresses stay as they are.

    The library folds a long value without blanks into encoded words, which no program decodes there (RFC 2047 §5).
    """

    linesep = SMTP.linesep

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _NEVER_FOLDED:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


def _message_id(delivery_id: str, domain: str) -> str:
    return f"<{_label(delivery_id)}@{_label(domain)}>"


def _label(name: str) -> str:
    """Letters, digits, dots and dashes: what identifiers may hold."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-.") or "monitor"


# ----------------------------------------------------------------------------------------------- send
async def send(body: bytes, *, recipient: str, sender: str, server: SmtpServer) -> int:
    """Hand the mail to the server; gives the code with which it took it.

    raises: DeliveryError, permanent only where the server refused this very mail. A reply lost after the text was sent is not:
    the mail may arrive twice then, with one Message-ID.
    """
    import aiosmtplib

    if server.username and server.security == "none":
        raise DeliveryError("no-tls", 'a password never travels in the clear; set security to "starttls" or "tls"', permanent=False)
    if not _ADDRESS.fullmatch(recipient):
        raise DeliveryError("bad-address", f"{clean_line(recipient, _HEADER_CHARS)} is no mail address in ASCII", permanent=True)
    try:
        async with asyncio.timeout(DEADLINE_S), _connection(server, parseaddr(sender)[1]) as connection:
            await connection.sendmail(parseaddr(sender)[1], [recipient], body)
    except aiosmtplib.SMTPException as error:
        _raise(error, server)
    except (ssl.SSLError, ssl.CertificateError) as error:
        raise DeliveryError("tls", f"{server.host}: {error}; the certificate must be valid for this name", permanent=False) from error
    except TimeoutError as error:
        raise DeliveryError("timeout", f"{server.host}:{server.port} took longer than {DEADLINE_S:.0f} s", permanent=False) from error
    except OSError as error:
        raise DeliveryError("unreachable", f"{server.host}:{server.port}: {error.strerror or error}", permanent=False) from error
    return 250


def _connection(server: SmtpServer, sender: str) -> "aiosmtplib.SMTP":
    import aiosmtplib

    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=sender.rpartition("@")[2] or "localhost",  # asking the system for its name may wait for DNS
        timeout=DEADLINE_S,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        validate_certs=True,
        tls_context=server.tls,
        username=server.username or None,
        password=server.password or None,
    )


def _raise(error: "aiosmtplib.SMTPException", server: SmtpServer) -> NoReturn:
    """The error of the library as one that the caller can decide about."""
    import aiosmtplib

    place = f"{server.host}:{server.port}"
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        raise DeliveryError("login", f"{place} does not take the password: {_reply(error)}", permanent=False, status=error.code) from error
    if isinstance(error, aiosmtplib.SMTPResponseException):
        # Only these three speak of this mail. Any other refusal speaks of us (greeting, TLS, login asked for), and an operator can mend it.
        is_about_mail = isinstance(error, (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError))
        permanent = is_about_mail and error.code >= 500 and error.code not in _ABOUT_US
        raise DeliveryError("refused" if permanent else "not-now", f"{place}: {_reply(error)}", permanent=permanent, status=error.code) from error
    reasons = {
        aiosmtplib.SMTPTimeoutError: "timeout",
        aiosmtplib.SMTPConnectError: "unreachable",
        aiosmtplib.SMTPServerDisconnected: "connection-lost",
        aiosmtplib.SMTPNotSupported: "not-supported",
    }
    reason = next((reason for kind, reason in reasons.items() if isinstance(error, kind)), "smtp")
    raise DeliveryError(reason, f"{place}: {clean_line(str(error.message), _HEADER_CHARS)}", permanent=False) from error


_ABOUT_US = {503, 530, 534, 535, 538}  # bad sequence; login or encryption wanted (RFC 4954 §6, RFC 3207 §4)


def _reply(error: "aiosmtplib.SMTPResponseException") -> str:
    return clean_line(f"{error.code} {error.message}", _HEADER_CHARS)
