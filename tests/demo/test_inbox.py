import asyncio
import json
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import pytest
from standardwebhooks.webhooks import Webhook

from monitor.demo.inbox import Inbox, save_hook, save_mail


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "monitor@newsroom.example"
    message["To"] = "desk@newsroom.example"
    message["Subject"] = "Одеса: п’ять джерел"
    message.set_content("Plain words\n.a line with a dot\n")
    message.add_alternative("<p>Words in HTML</p>", subtype="html")
    return message


def signed(inbox: Inbox, body: bytes) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(inbox.secret).sign("dlv_1", now, body.decode())
    return {"webhook-id": "dlv_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


async def deliver(inbox: Inbox) -> None:
    await aiosmtplib.send(mail(), hostname="127.0.0.1", port=inbox.smtp_port, start_tls=False)


async def test_a_mail_is_kept_as_it_was_sent(inbox):
    await deliver(inbox)

    [received] = inbox.mails
    assert received.recipients == ("desk@newsroom.example",)
    assert received.message["Subject"] == "Одеса: п’ять джерел"
    assert received.part("plain") == "Plain words\n.a line with a dot\n"
    assert received.part("html").strip() == "<p>Words in HTML</p>"


async def test_a_signed_webhook_is_accepted(inbox, client):
    body = json.dumps({"type": "webhook.test"}).encode()

    response = await client.post(inbox.hook_url, content=body, headers=signed(inbox, body))

    [hook] = inbox.hooks
    assert response.status_code == 204
    assert hook.body == body
    assert hook.document == {"type": "webhook.test"}
    assert hook.headers["webhook-id"] == "dlv_1"
    assert hook.complaint == ""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"webhook-id": "dlv_2"}, id="another id"),
        pytest.param({"webhook-timestamp": "1614265330"}, id="an old time"),
        pytest.param({"webhook-signature": "v1,AAAA"}, id="a wrong signature"),
        pytest.param({"webhook-signature": "nonsense"}, id="no signature at all"),
    ],
)
async def test_a_webhook_with_a_bad_signature_is_refused_and_kept_with_the_reason(inbox, client, change):
    response = await client.post(inbox.hook_url, content=b"{}", headers=signed(inbox, b"{}") | change)

    assert response.status_code == 401
    assert inbox.hooks[0].complaint


async def test_waiting_ends_when_the_message_is_there(inbox):
    waiting = asyncio.create_task(inbox.wait(lambda: inbox.mails, timeout_s=5))
    await asyncio.sleep(0)
    assert not waiting.done()

    await deliver(inbox)

    await waiting


async def test_waiting_for_what_is_there_returns_at_once(inbox):
    await deliver(inbox)

    await inbox.wait(lambda: len(inbox.mails) == 1, timeout_s=0.1)

    assert len(inbox.mails) == 1


async def test_waiting_has_an_end(inbox):
    with pytest.raises(TimeoutError):
        await inbox.wait(lambda: inbox.hooks, timeout_s=0.01)


async def test_what_was_received_can_be_kept_in_files(inbox, client, tmp_path):
    await deliver(inbox)
    await client.post(inbox.hook_url, content=b'{"a": 1}', headers=signed(inbox, b'{"a": 1}'))

    whole, html = save_mail(inbox.mails[0], tmp_path, "digest")
    hook = save_hook(inbox.hooks[0], tmp_path, "webhook")

    assert [path.name for path in (whole, html, hook)] == ["digest.eml", "digest.html", "webhook.json"]
    assert whole.read_bytes() == inbox.mails[0].body
    assert "Words in HTML" in html.read_text("utf-8")
    assert hook.read_bytes() == b'{"a": 1}'
