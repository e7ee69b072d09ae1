"""Step 5: hand a message to its channel."""

from time import perf_counter

from monitor import notifiers
from monitor.errors import DeliveryError
from monitor.model import Attempt, Outcome
from monitor.pipeline.doors import Doors
from monitor.store import deliveries as rows
from monitor.store.deliveries import DeliveryClaim
from monitor.telemetry import ALERT_LATENCY_SECONDS, DELIVERIES, log


async def deliver(doors: Doors, claim: DeliveryClaim) -> None:
    """Try to deliver once. T5: the try, and the delivery's state and next try.

    It is sent when the channel accepted it, not before: a crash in between sends it again, with the same id and bytes.
    """
    delivery, number, started = claim.delivery, claim.tries + 1, perf_counter()
    outcome, status, detail, next_try_at = Outcome.ACCEPTED, None, "", None
    try:
        status = await notifiers.send(delivery, doors.channels, now=doors.clock())
    except DeliveryError as error:
        status, detail = error.status, str(error)
        next_try_at = None if error.permanent else notifiers.retry_at(number, delivery_id=delivery.id, now=doors.clock(), asked=error.retry_at)
        outcome = Outcome.RETRY if next_try_at else Outcome.DEAD
    now = doors.clock()
    tried = Attempt(
        delivery_id=delivery.id, number=number, at=now, outcome=outcome, status=status, duration_s=round(perf_counter() - started, 4), detail=detail
    )
    await doors.database.write(rows.save_attempt, claim, tried, next_try_at)

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
