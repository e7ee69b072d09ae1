"""Our own outage: when nobody answers us it is not the feeds' fault.

A failure is first taken at its word. When several hosts that were well have failed since anybody answered, it is our network that is down:
what was counted since then is taken back, and until somebody answers nothing more is counted.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from monitor.feeds import cadence, lifecycle
from monitor.model import Feed
from monitor.pipeline.doors import Doors
from monitor.store import feeds as rows
from monitor.store.feeds import FeedClaim, FeedPoll, NotCounted
from monitor.telemetry import NETWORK_DOWN, log

NO_ANSWER = frozenset(("dns", "unreachable", "refused", "timeout", "reset"))
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 600.0


def no_answer(doors: Doors, claim: FeedClaim, polled: FeedPoll) -> FeedPoll:
    """The poll as it is to be saved: a failure, or nothing that counts, because nobody answers us."""
    network, was_down = doors.network, doors.network.down_since is not None
    if not network.failed(claim, polled.at):
        return polled
    assert network.down_since
    if not was_down:
        NETWORK_DOWN.set(1)
        log.error("our-network-down", since=str(network.down_since), advice="nobody answers us: check this machine's network; no feed is blamed for it")
    again_at = _again_at(claim.feed, network.down_since, polled.at)
    head = replace(
        lifecycle.uncounted(claim.feed, claim.feed, polled.at), polled_at=polled.at, next_poll_at=again_at, next_poll_reason=str(cadence.Why.OUR_NETWORK)
    )
    return replace(polled, feed=head, outcome=str(cadence.PollOutcome.OUR_NETWORK))


async def after_save(doors: Doors) -> None:
    """Take back the failures that were counted before we knew. After the save, so that they are in the rows."""
    network = doors.network
    if network.down_since is None:
        return
    since = network.down_since
    if counted := network.counted():
        taken_back = [
            NotCounted(feed=each.before, attempt=each.attempt, polled_at=each.at, next_poll_at=_again_at(each.before, since, each.at)) for each in counted
        ]
        await doors.database.write(rows.take_failures_back, taken_back, str(cadence.Why.OUR_NETWORK))


async def answered(doors: Doors) -> None:
    """Somebody answers: our network is there, and the feeds that waited for it are asked now, one after the other."""
    if not doors.network.is_in_doubt:
        return
    if since := doors.network.answered():
        NETWORK_DOWN.set(0)
        log.info("our-network-back", down_since=str(since))
        await doors.database.write(rows.spread_due, doors.clock(), also=str(cadence.Why.OUR_NETWORK))


def _again_at(feed: Feed, since: datetime, at: datetime) -> datetime:
    """In a minute, then ever later, as long as it has lasted already; feeds of one moment a little apart."""
    wait_s = min(max((at - since).total_seconds(), FIRST_WAIT_S), LONGEST_WAIT_S)
    return at + timedelta(seconds=wait_s + cadence.initial_spread(feed.id, wait_s * cadence.JITTER))
