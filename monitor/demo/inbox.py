"""Where the demo's messages end up: a real mail server and a real webhook receiver on loopback.

    async with Inbox() as inbox:
        ...                                       # send to inbox.smtp_port and inbox.hook_url
        await inbox.wait(lambda: inbox.mails and inbox.hooks, timeout_s=20)

Both keep the raw bytes they were sent, so what is shown is what was received.
"""

import asyncio
import base64
import email
import email.policy
import json
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from monitor.demo.httpd import Listener, Reply, Request

HOST = "127.0.0.1"
MAIL_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as it was handed over. body: the bytes after DATA, dot-stuffing undone."""

    sender: str
    recipients: tuple[str, ...]
    body: bytes
    received_at: datetime

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.body, policy=email.policy.default)

    def part(self, subtype: str) -> str:
        """The text of its "plain" or "html" part, "" where it has none."""
        part = self.message.get_body((subtype,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook call. headers: names in lower case. complaint: what is wrong with its signature, "" when it is good."""

    path: str
    headers: dict[str, str]
    body: bytes
    complaint: str
    received_at: datetime

    @property
    def document(self) -> dict[str, Any]:
        """The body, read. raises: ValueError where it is not JSON."""
        document: dict[str, Any] = json.loads(self.body)
        return document


class Inbox:
    """Both receivers, running.

    mails, hooks: in the order in which they arrived.
    secret: what webhooks have to be signed with, in the Standard Webhooks form `whsec_…`.
    """

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.hooks: list[Hook] = []
        self.secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.smtp_port = 0
        self.hook_url = ""
        self._arrived = asyncio.Condition()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        listener = Listener(self._take_hook)
        self._stack.push_async_callback(listener.close)
        await listener.open(HOST)
        self.hook_url = f"{listener.url}/hook"
        # The name is given because aiosmtpd would ask DNS for it otherwise, which takes seconds on some machines.
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(_Handler(self._take_mail), hostname="inbox.localhost", data_size_limit=MAIL_BYTES, enable_SMTPUTF8=True), HOST, 0
        )
        self._stack.callback(server.close)
        self.smtp_port = server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def wait(self, until: Callable[[], object], *, timeout_s: float) -> None:
        """Return as soon as `until()` is true; asked again after each arrival. raises: TimeoutError."""
        async with asyncio.timeout(timeout_s), self._arrived:
            await self._arrived.wait_for(lambda: bool(until()))

    async def _take_mail(self, mail: Mail) -> None:
        async with self._arrived:
            self.mails.append(mail)
            self._arrived.notify_all()

    async def _take_hook(self, request: Request) -> Reply:
        if request.method != "POST":
            return Reply(status=405, headers={"Allow": "POST"})
        complaint = _signature_complaint(self.secret, request)
        async with self._arrived:
            self.hooks.append(Hook(path=request.path, headers=dict(request.headers), body=request.body, complaint=complaint, received_at=datetime.now(UTC)))
            self._arrived.notify_all()
        return Reply(status=401, body=complaint.encode()) if complaint else Reply(status=204)


class _Handler:
    """aiosmtpd's side of the mail server: the method's name is its protocol."""

    def __init__(self, take: Callable[[Mail], Any]) -> None:
        self._take = take

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        await self._take(Mail(sender=envelope.mail_from or "", recipients=tuple(envelope.rcpt_tos), body=content, received_at=datetime.now(UTC)))
        return "250 Thank you, filed"


def save_mail(mail: Mail, folder: Path, stem: str) -> tuple[Path, Path]:
    """Write a mail byte for byte to STEM.eml, and its HTML part beside it to STEM.html for a browser."""
    whole, html = folder / f"{stem}.eml", folder / f"{stem}.html"
    whole.write_bytes(mail.body)
    html.write_text(mail.part("html"), "utf-8")
    return whole, html


def save_hook(hook: Hook, folder: Path, stem: str) -> Path:
    """Write a webhook's body byte for byte to STEM.json."""
    path = folder / f"{stem}.json"
    path.write_bytes(hook.body)
    return path


def _signature_complaint(secret: str, request: Request) -> str:
    """Source: Standard Webhooks 1.0, "Verifying webhook authenticity"."""
    try:
        Webhook(secret).verify(request.body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        return str(error) or type(error).__name__
    return ""
