"""Channels: how a frozen message leaves, and when it is tried again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import assert_never

from monitor.errors import DeliveryError
from monitor.model import ChannelKind, Delivery
from monitor.notifiers import email, file, webhook
from monitor.notifiers.email import SmtpServer
from monitor.notifiers.webhook import Post

__all__ = ["Channels", "SmtpServer", "retry_at", "send"]

# After the try before. Source: Standard Webhooks 1.0, "Retry schedule" (about three days in all); mail servers are as patient.
RETRY_AFTER_S = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
JITTER = 0.1
_LONGEST_WISH = timedelta(days=1)  # a receiver that asks for years must not make a delivery immortal


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """What the channels need, built once by the service.

    smtp: None where no mail server is configured. sender: the From of mails. post: the guarded HTTP client's POST.
    secrets: (subscriber, channel key) to what signs its webhooks. spool: where file channels without a folder write.
    """

    spool: Path
    smtp: SmtpServer | None = None
    sender: str = ""
    post: Post | None = None
    secrets: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)


async def send(delivery: Delivery, channels: Channels, *, now: datetime) -> int | None:
    """Hand the frozen bytes to the delivery's channel; gives the SMTP or HTTP status, None where there is no such thing.

    raises: DeliveryError.
    """
    match delivery.kind:
        case ChannelKind.EMAIL:
            if channels.smtp is None:
                raise DeliveryError("no-mail-server", "config.toml has no [smtp]; add it, and this mail leaves with the next try", permanent=False)
            return await email.send(delivery.body, recipient=delivery.address, sender=channels.sender, server=channels.smtp)
        case ChannelKind.WEBHOOK:
            assert channels.post is not None, "the service gives webhooks their door"
            secret = channels.secrets.get((delivery.subscriber, delivery.channel), "")
            return await webhook.send(delivery.body, delivery_id=delivery.id, url=delivery.address, secret=secret, post=channels.post, now=now)
        case ChannelKind.FILE:
            await file.send(delivery.body, delivery_id=delivery.id, folder=Path(delivery.address) if delivery.address else channels.spool)
            return None
        case _:
            assert_never(delivery.kind)


def retry_at(attempt: int, *, delivery_id: str, now: datetime, asked: datetime | None = None) -> datetime | None:
    """When to try again after try number `attempt` failed; None when the schedule is over and the delivery is dead.

    asked: when the receiver wants us back; never earlier than that, but within a day.
    Jitter comes from the id, so the same input always gives the same time.
    """
    if attempt > len(RETRY_AFTER_S):
        return None
    chance = int.from_bytes(hashlib.sha256(f"{delivery_id} {attempt}".encode()).digest()[:8]) / 2**64
    usual = now + timedelta(seconds=RETRY_AFTER_S[attempt - 1] * (1 + JITTER * (2 * chance - 1)))
    return max(usual, min(asked, now + _LONGEST_WISH)) if asked else usual
