"""Which channel a delivery takes, and when it is tried again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import DeliveryError
from monitor.model import ChannelKind, Delivery
from monitor.notifiers import RETRY_AFTER_S, Channels, SmtpServer, retry_at, send

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def delivery(kind: ChannelKind, address: str, body: bytes = b"From: a\r\n\r\nHi") -> Delivery:
    return Delivery(id="d1", digest_id=1, subscriber="desk", channel=f"{kind}:x", kind=kind, address=address, subject="", body=body, created_at=NOON)


async def test_a_mail_takes_the_mail_server(mail_server: Callable[..., Any], mailbox: Any, tmp_path: Path):
    async with mail_server(mailbox()) as box:
        smtp = SmtpServer(host="127.0.0.1", port=box.port, security="none")
        status = await send(delivery(ChannelKind.EMAIL, "desk@example.org"), Channels(spool=tmp_path, smtp=smtp, sender="m@example.org"), now=NOON)

    assert status == 250
    assert len(box.received) == 1


async def test_a_mail_waits_until_there_is_a_mail_server(tmp_path: Path):
    with pytest.raises(DeliveryError) as refused:
        await send(delivery(ChannelKind.EMAIL, "desk@example.org"), Channels(spool=tmp_path), now=NOON)

    assert (refused.value.reason, refused.value.permanent) == ("no-mail-server", False)


async def test_a_webhook_is_signed_with_the_secret_of_its_subscriber_and_channel(hook: Any, post: Callable[..., Any], tmp_path: Path):
    channels = Channels(spool=tmp_path, post=post, secrets={("desk", "webhook:x"): SECRET})

    status = await send(delivery(ChannelKind.WEBHOOK, hook.url, b"{}"), channels, now=NOON)

    ((headers, _),) = hook.received
    assert status == 204
    assert headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("named", [True, False])
async def test_a_file_goes_to_its_folder_or_to_the_spool(tmp_path: Path, named: bool):
    folder = tmp_path / "own" if named else tmp_path / "spool"

    status = await send(delivery(ChannelKind.FILE, str(folder) if named else ""), Channels(spool=tmp_path / "spool"), now=NOON)

    assert status is None
    assert (folder / "d1.eml").exists()


def test_secrets_are_never_shown(tmp_path: Path):
    assert SECRET not in repr(Channels(spool=tmp_path, secrets={("desk", "webhook:x"): SECRET}))


# -------------------------------------------------------------------------------------------- retries
@pytest.mark.parametrize(("attempt", "usual_s"), list(enumerate(RETRY_AFTER_S, 1)))
def test_tries_come_ever_later_but_never_together(attempt: int, usual_s: float):
    waits = {(retry_at(attempt, delivery_id=f"d{number}", now=NOON) - NOON).total_seconds() for number in range(50)}

    assert all(0.9 * usual_s <= wait <= 1.1 * usual_s for wait in waits)
    assert len(waits) > 40


def test_a_delivery_is_dead_after_three_days():
    assert retry_at(len(RETRY_AFTER_S) + 1, delivery_id="d1", now=NOON) is None
    assert timedelta(seconds=sum(RETRY_AFTER_S)) == timedelta(hours=75, minutes=35, seconds=5)


@given(attempt=st.integers(1, 9), wait_s=st.integers(-1000, 10**7))
def test_a_receiver_that_asks_for_time_gets_it_within_a_day(attempt: int, wait_s: int):
    asked = NOON + timedelta(seconds=wait_s)

    usual, found = (retry_at(attempt, delivery_id="d1", now=NOON, asked=wish) for wish in (None, asked))

    assert found == max(usual, min(asked, NOON + timedelta(days=1)))
