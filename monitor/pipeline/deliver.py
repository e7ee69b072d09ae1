"""Step 5: hand a message to its channel."""

from time import perf_counter

from monitor import notifiers
from monitor.errors import DeliveryError
from monitor.model import Attempt, Delivery, Outcome
from monitor.pipeline.doors import Doors, Settings
from monitor.store.deliveries import DeliveryClaim
from monitor.telemetry import ALERT_LATENCY_SECONDS, DELIVERIES, STEP_ERRORS, log


async def deliver(doors: Doors, settings: Settings, claim: DeliveryClaim) -> None:
    """Try to deliver once. T5: the try, and the delivery's state and next try.

    It is sent when the channel accepted it, not before: a crash in between sends it again, with the same id and bytes.
    """
    delivery, number, started = claim.delivery, claim.tries + 1, perf_counter()
    outcome, status, detail, next_try_at = Outcome.ACCEPTED, None, "", None
    try:
        _check_wanted(settings, delivery)
        status = await _sent(doors, delivery)
    except DeliveryError as error:
        status, detail = error.status, str(error)
        next_try_at = None if error.permanent else notifiers.retry_at(number, delivery_id=delivery.id, now=doors.clock(), asked=error.retry_at)
        outcome = Outcome.RETRY if next_try_at else Outcome.DEAD
    now = doors.clock()
    tried = Attempt(
        delivery_id=delivery.id, number=number, at=now, outcome=outcome, status=status, duration_s=round(perf_counter() - started, 4), detail=detail
    )
    await doors.save_attempt((claim, tried, next_try_at))

    DELIVERIES.labels(str(delivery.kind), str(outcome)).inc()
    doors.tally.deliveries[{Outcome.ACCEPTED: "sent", Outcome.RETRY: "retrying", Outcome.DEAD: "dead"}[outcome]] += 1
    if outcome is Outcome.ACCEPTED and claim.news_at:
        ALERT_LATENCY_SECONDS.observe(max((now - claim.news_at).total_seconds(), 0.0))
    level = log.info if outcome is Outcome.ACCEPTED else log.warning
    level(
        "delivered" if outcome is Outcome.ACCEPTED else "not-delivered",
        delivery=delivery.id,
        subscriber=delivery.subscriber,
        channel=str(delivery.kind),
        outcome=str(outcome),
        detail=detail,
    )


def _check_wanted(settings: Settings, delivery: Delivery) -> None:
    """raises: DeliveryError when the configuration no longer has the channel; nobody who left may hear from us, and its secret is gone."""
    subscriber = settings.subscribers.get(delivery.subscriber)
    if subscriber is None or delivery.channel not in {channel.key for channel in subscriber.channels}:
        raise DeliveryError("channel-removed", "no longer in the configuration", permanent=True)


async def _sent(doors: Doors, delivery: Delivery) -> int | None:
    """Hand it over. An error nobody expected is a failed try like any other, so the schedule ends it and the row says why. raises: DeliveryError."""
    try:
        return await notifiers.send(delivery, doors.channels, now=doors.clock())
    except DeliveryError:
        raise
    except Exception as error:
        STEP_ERRORS.labels("deliver").inc()
        log.exception("deliver-failed", delivery=delivery.id)
        raise DeliveryError("internal", f"{type(error).__name__}: {error}"[:300], permanent=False) from error
