"""Webhooks, signed as Standard Webhooks 1.0 says."""

import json
from datetime import UTC, datetime
from typing import Protocol

from monitor.errors import DeliveryError, FetchError, Refused
from monitor.model import Message, Response

TIMEOUT_S = 20.0

# Of the 4xx answers only these say "not now"; the others say "not this", and asking again cannot help (RFC 9110 §15.5).
_NOT_NOW = {408, 409, 425, 429}


class Post(Protocol):
    """The guarded client's POST: any status is an answer, redirects are not followed. raises: FetchError where there is no answer."""

    async def __call__(self, url: str, *, body: bytes, headers: dict[str, str], timeout_s: float) -> Response: ...


def compose(message: Message) -> bytes:
    """The document, frozen when the digest closes."""
    return json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()


def sign(secret: str, delivery_id: str, timestamp: datetime, body: bytes) -> dict[str, str]:
    """The headers that let a receiver know the sender and drop repeats.

    secret: base64, with or without `whsec_`; several, parted by blanks, while one is replaced; "" gives no signature.
    timestamp: of this try.
    """
    from standardwebhooks import Webhook

    at = timestamp.astimezone(UTC)
    headers = {"webhook-id": delivery_id, "webhook-timestamp": str(int(at.timestamp()))}
    signatures = [Webhook(each).sign(delivery_id, at, body.decode()) for each in secret.split()]
    return headers | ({"webhook-signature": " ".join(signatures)} if signatures else {})


async def send(body: bytes, *, delivery_id: str, url: str, secret: str, post: Post, now: datetime) -> int:
    """Post the document; gives the status.

    raises: DeliveryError, permanent where the receiver's answer says that this message will never be taken.
    """
    headers = {"content-type": "application/json"} | sign(secret, delivery_id, now, body)
    try:
        response = await post(url, body=body, headers=headers, timeout_s=TIMEOUT_S)
    except FetchError as error:
        raise DeliveryError(error.reason, error.detail, permanent=isinstance(error, Refused), status=error.status, retry_at=error.retry_at) from error
    if not 200 <= response.status < 300:
        raise _refusal(response)
    return response.status


def _refusal(response: Response) -> DeliveryError:
    status, retry_at = response.status, response.retry_at
    if status == 410:
        return DeliveryError("gone", "the receiver wants no more of these; remove the channel", permanent=True, status=status)
    if 300 <= status < 400:
        where = response.headers.get("location", "")
        return DeliveryError("redirected", f"webhooks go only to their own address; it now names {where[:200] or 'another'}", permanent=False, status=status)
    if 400 <= status < 500 and status not in _NOT_NOW:
        return DeliveryError("rejected", f"status {status}: {_opening(response.body)}", permanent=True, status=status)
    return DeliveryError("unavailable", f"status {status}: {_opening(response.body)}", permanent=False, status=status, retry_at=retry_at)


def _opening(body: bytes) -> str:
    return " ".join(body[:200].decode(errors="replace").split())
