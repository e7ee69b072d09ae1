"""What a poll means for the life of its feed: part of step 1, between the answer and the save."""

from dataclasses import replace

from monitor.errors import FetchError, SandboxError
from monitor.feeds import lifecycle
from monitor.feeds.lifecycle import Life
from monitor.model import Feed, FeedState, Response
from monitor.pipeline import rediscover
from monitor.pipeline.doors import Doors, FeedRules
from monitor.pipeline.rediscover import Found
from monitor.store import feeds as feed_rows
from monitor.store.feeds import FeedPoll
from monitor.telemetry import STEP_ERRORS, log


async def after_answer(doors: Doors, before: Feed, response: Response, polled: FeedPoll, rules: FeedRules) -> FeedPoll:
    """The same poll with what it means: the feed has moved, or turned into something else."""
    life = lifecycle.answered(before, polled.feed, response, new_count=len(polled.new))
    if lifecycle.is_ready_to_move(life.feed, response.fetched_at):
        life = await _moved(doors, life, response, rules)
    return _with(polled, life)


async def _moved(doors: Doors, life: Life, response: Response, rules: FeedRules) -> Life:
    feed = life.feed
    was_read_there = response.permanent_url == feed.moved_url
    if not was_read_there and not await rediscover.read_feed(doors, feed.moved_url, rules):
        return replace(life, feed=lifecycle.not_there(feed, response.fetched_at))
    twin = await doors.database.read(feed_rows.holder_of, feed.moved_url, besides=feed.id)
    there = lifecycle.moved(feed, twin=twin, was_read_there=was_read_there)
    return Life(feed=there.feed, events=(*life.events, *there.events))


async def after_failure(doors: Doors, before: Feed, error: FetchError | SandboxError, polled: FeedPoll, rules: FeedRules, *, page: Response | None) -> FeedPoll:
    """The same poll with what it means: the feed is gone, given up, or to be looked for elsewhere. page: what came in place of the feed."""
    now = polled.at
    life = lifecycle.failed(before, polled.feed, reason=error.reason, disable_after=rules.disable_after, now=now)
    if life.feed.failures == before.failures:
        return _with(polled, life)
    is_page = error.reason == "not-a-feed" and page is not None
    wants_site = lifecycle.wants_discovery(life.feed, now)
    if wants_site or (is_page and before.missing_polls == 0 and lifecycle.may_discover(before, now)):
        found = await _rediscovered(doors, life.feed, rules, page=page if is_page else None, ask_site=wants_site)
        life = lifecycle.proposed(life, found.url if found else "", found.reason if found else "", now)
    return _with(polled, life)


async def _rediscovered(doors: Doors, feed: Feed, rules: FeedRules, *, page: Response | None, ask_site: bool) -> Found | None:
    """Where the feed may be now, as the page says that came in its place, or its site. Trouble on the way finds nothing, and stops no poll."""
    title = feed.own_title or feed.title
    try:
        found = await rediscover.look_in(doors, page, rules, title=title, old_url=feed.url, enough=2, guess=False) if page else []
        if not found and ask_site:
            found = await rediscover.look(doors, lifecycle.site_of(feed), rules, title=title, old_url=feed.url, enough=2)
    except (FetchError, SandboxError) as error:
        log.debug("nothing-discovered", feed=feed.id, reason=error.reason)
        return None
    except Exception:  # noqa: BLE001 -- counted and told; the poll that failed must be saved, or the feed is asked after every lease, for ever
        STEP_ERRORS.labels("poll").inc()
        log.exception("discovery-failed", feed=feed.id)
        return None
    for each in found:
        is_ours = await doors.database.read(feed_rows.holder_of, each.url, besides=feed.id)
        if not is_ours and lifecycle.may_be_stored(each.url, in_place_of=feed.url):
            return each
    return None


def _with(polled: FeedPoll, life: Life) -> FeedPoll:
    head = life.feed
    if head is polled.feed and not life.events:
        return polled
    if head.state is not FeedState.ACTIVE:
        log.warning("feed-ended", feed=head.id, state=str(head.state), detail=head.last_problem)
    return replace(polled, feed=head, events=(*polled.events, *life.events))
