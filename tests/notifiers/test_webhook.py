"""Webhooks: signed as the standard says, and every answer told apart."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from monitor.errors import BadBody, DeliveryError, Refused, Unreachable
from monitor.model import Message, Response
from monitor.notifiers.webhook import compose, send, sign

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = b'{"type":"webhook.test"}'


def test_the_signature_is_the_one_of_the_standard():
    headers = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}')

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_time_zone_of_the_clock_does_not_matter():
    there = NOON.astimezone(tz=datetime.fromisoformat("2026-01-01T00:00+05:30").tzinfo)

    assert sign(SECRET, "d1", there, BODY) == sign(SECRET, "d1", NOON, BODY)


def test_both_secrets_sign_while_one_is_replaced():
    now = datetime.now(UTC)
    headers = sign(f"{SECRET} {OLD_SECRET}", "d1", now, BODY)

    for secret in (SECRET, OLD_SECRET):
        assert Webhook(secret).verify(BODY, headers) == {"type": "webhook.test"}


def test_without_a_secret_there_is_an_id_but_no_signature():
    assert sign("", "d1", NOON, BODY).keys() == {"webhook-id", "webhook-timestamp"}


def test_the_document_is_compact_and_readable():
    body = compose(Message(subject="", text="", html="", payload={"type": "story.matched", "data": {"title": "Одеса"}}))

    assert body.decode() == '{"type":"story.matched","data":{"title":"Одеса"}}'
    assert json.loads(body)["data"]["title"] == "Одеса"


async def test_a_webhook_arrives_with_its_id_on_every_try(hook: Any, post: Callable[..., Any]):
    for minute in range(2):
        status = await send(BODY, delivery_id="d1", url=hook.url, secret=SECRET, post=post, now=NOON + timedelta(minutes=minute))
        assert status == 204

    (first, body), (second, again) = hook.received
    assert body == again == BODY
    assert first["webhook-id"] == second["webhook-id"] == "d1"
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert first["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("answer", "permanent", "retry_after_s"),
    [
        pytest.param("500 Oops", False, None, id="broken"),
        pytest.param("503 Busy\nRetry-After: 120", False, 120, id="busy, and says until when"),
        pytest.param("429 Slow down\nRetry-After: 30", False, 30, id="too fast"),
        pytest.param("408 Timeout", False, None, id="too slow"),
        pytest.param("409 Conflict", False, None, id="conflict"),
        pytest.param("425 Too Early", False, None, id="too early"),
        pytest.param("410 Gone", True, None, id="gone"),
        pytest.param("400 Bad", True, None, id="not understood"),
        pytest.param("401 Who", True, None, id="not signed right"),
        pytest.param("404 Nothing", True, None, id="no such address"),
        pytest.param("413 Large", True, None, id="too large"),
        pytest.param("302 Found\nLocation: https://elsewhere.example/", False, None, id="moved: not followed"),
        pytest.param("304 Same", False, None, id="an answer to another question"),
    ],
)
async def test_a_no_for_now_is_told_from_a_no_for_ever(hook: Any, post: Callable[..., Any], answer: str, permanent: bool, retry_after_s: int | None):
    hook.answer = answer

    with pytest.raises(DeliveryError) as refused:
        await send(BODY, delivery_id="d1", url=hook.url, secret=SECRET, post=post, now=NOON)

    error = refused.value
    assert (error.permanent, error.status) == (permanent, int(answer[:3]))
    assert error.retry_at == (NOON + timedelta(seconds=retry_after_s) if retry_after_s else None)
    assert len(hook.received) == 1


@pytest.mark.parametrize(
    ("raised", "permanent"),
    [
        pytest.param(Unreachable("https://x.example", "timeout"), False, id="no answer in time"),
        pytest.param(BadBody("https://x.example", "too-large"), False, id="an endless answer"),
        pytest.param(Refused("https://x.example", "private-address"), True, id="an address we never ask"),
    ],
)
async def test_no_answer_is_tried_again_unless_we_may_not_ask(raised: Exception, permanent: bool):
    async def post(url: str, **_: Any) -> Response:
        raise raised

    with pytest.raises(DeliveryError) as refused:
        await send(BODY, delivery_id="d1", url="https://x.example", secret=SECRET, post=post, now=NOON)

    assert (refused.value.reason, refused.value.permanent) == (raised.reason, permanent)  # type: ignore[attr-defined]
