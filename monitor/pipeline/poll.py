"""Step 1: ask a feed what is new."""

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from time import perf_counter
from typing import Any

from monitor import urls
from monitor.errors import BadBody, BadStatus, FetchError, SandboxError, StoreError, Unreachable
from monitor.feeds import cadence, changes
from monitor.feeds.identity import other_keys
from monitor.feeds.news import News, Seen, glance, is_worth_a_look, look, read_news
from monitor.fetcher.slots import Room
from monitor.matcher.match import prepare
from monitor.model import Entry, Feed, Response, changed
from monitor.pipeline import life, outage
from monitor.pipeline.doors import OWN_ARTICLE, Doors, FeedRules, Settings
from monitor.pipeline.words import ready_words, without_page
from monitor.status import ArticleStatus
from monitor.store import feeds as feed_rows
from monitor.store.feeds import Asked, FeedClaim, FeedPoll, NewEntry
from monitor.telemetry import ARTICLES, ENTRIES, FEED_POLLS, STEP_ERRORS, log

PARSE_LIMIT_S = 10.0
LONG_FOR_THE_LOOP = 50_000  # characters of HTML; some milliseconds
LARGEST_CONTENT = 400_000  # characters of an entry's HTML that are kept
LONGEST_KEY = 500  # characters; PostgreSQL indexes no value of more than 2,700 bytes
FEED_TYPES = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"


async def poll_feed(doors: Doors, settings: Settings, claim: FeedClaim) -> None:
    """Ask one feed what is new. T1: its head, the next poll and why then, entries, articles due to read, poll log."""
    room = Room(doors.bodies)
    try:
        polled = await _poll(doors, settings, claim, room)
    finally:
        room.give_back()
    if polled is None:
        return
    _polls(polled.outcome).inc()
    doors.tally.polls[polled.outcome] += 1
    if polled.new or polled.edited:
        ENTRIES.inc(len(polled.new))
        doors.tally.entries.update(new=len(polled.new), edited=len(polled.edited))
        read = sum(new.text is not None for new in polled.new)
        ARTICLES.labels(str(ArticleStatus.FEED_ONLY)).inc(read)
        doors.tally.articles[str(ArticleStatus.FEED_ONLY)] += read
    level = log.warning if polled.outcome == "failed" else log.debug
    level("polled", feed=claim.feed.id, outcome=polled.outcome, new=len(polled.new), detail=polled.detail, next=polled.feed.next_poll_at)


_polls = cache(FEED_POLLS.labels)  # looking a label up costs more than counting


async def _poll(doors: Doors, settings: Settings, claim: FeedClaim, room: Room) -> FeedPoll | None:
    """The poll as it was saved; None where it was not ours any more."""
    rules, started = settings.rules_of(claim.feed.id), perf_counter()
    response: Response | None = None
    try:
        response = await _ask(doors, claim, rules, room)
        if response is None:
            return None
        await outage.answered(doors)
        polled = await _news(doors, settings, claim, response, rules)
        if response.body:
            response = replace(response, body=b"")  # has been read, and the poll may wait to be saved
        polled = await life.after_answer(doors, claim.feed, response, polled, rules)
        polled = changed(polled, duration_s=round(perf_counter() - started, 4))
        await doors.save_poll(polled)
    except (FetchError, SandboxError) as error:
        polled = await _without_news(doors, claim, error, rules, page=response)
        polled = replace(polled, duration_s=round(perf_counter() - started, 4))
        await doors.save_poll(polled)
        await outage.after_save(doors)
    except StoreError:
        raise  # the database's trouble, not the feed's
    except Exception as error:  # noqa: BLE001 -- counted and told; without an answer the feed would be asked after every lease, for ever
        STEP_ERRORS.labels("poll").inc()
        log.exception("poll-failed", feed=claim.feed.id)
        polled = _failed(claim, FetchError(claim.feed.url, "internal", type(error).__name__), doors.clock(), rules)
        await doors.save_poll(polled)
    return polled


async def _ask(doors: Doors, claim: FeedClaim, rules: FeedRules, room: Room) -> Response | None:
    """None where our turn came after the claim was over: a host with many feeds has a long queue, and another claim is in it by now.

    room: for the body, which stays in memory until the poll is saved. Who keeps us waiting gives its room to others.
    """
    feed, is_doubtful = claim.feed, claim.feed.failures > 0
    async with doors.hosts.turn(feed.url, queues=True) as turn:
        if not is_doubtful:
            await room.take()
        async with doors.asking.one(doubtful=is_doubtful, when_slow=room.give_back):
            turn.asks()
            return await _answer(doors, claim, rules)


async def _answer(doors: Doors, claim: FeedClaim, rules: FeedRules) -> Response | None:
    feed = claim.feed
    if claim.leased_until and doors.clock() >= claim.leased_until:
        return None
    return await doors.client.get(
        feed.url,
        etag=feed.etag,
        last_modified=feed.last_modified,
        accept=FEED_TYPES,
        max_bytes=rules.feed_bytes,
        timeout_s=rules.timeout_s,
        private_headers=rules.headers_for(feed),
        allow_downgrade=rules.allow_downgrade,
    )


async def _news(doors: Doors, settings: Settings, claim: FeedClaim, response: Response, rules: FeedRules) -> FeedPoll:
    feed, now = claim.feed, doors.clock()
    # A server may send new validators with a 304, and then means the next question (RFC 9110 §15.4.5).
    etag, last_modified = (feed.etag, feed.last_modified) if response.status == 304 else ("", "")
    validators = {"etag": response.headers.get("etag", etag), "last_modified": response.headers.get("last-modified", last_modified)}
    heard: dict[str, Any] = {"polled_at": now, "failures": 0, "failing_since": None, "last_problem": "", **validators}
    if response.status == 304:
        return _polled(claim, feed, response, cadence.PollOutcome.NOT_MODIFIED, rules, **heard)
    digest = hashlib.sha256(response.body).hexdigest()
    if digest == feed.body_sha256:
        return _polled(claim, feed, response, cadence.PollOutcome.UNCHANGED, rules, **heard)
    news = await _read_news(doors, feed, response, now)
    # Remembered together with the entries, or an item that could not be saved would never be read again.
    heard |= {"body_sha256": digest, "items_sha256": news.seen.fingerprint, "items": news.seen.items}
    if news.feed is None:
        return _polled(claim, feed, response, cadence.PollOutcome.UNCHANGED, rules, **heard)
    parsed = news.feed
    if not parsed.format:
        code = parsed.problems[0].code if parsed.problems else "not-a-feed"
        raise FetchError(feed.url, code, parsed.problems[0].detail if parsed.problems else "", status=response.status)
    first_poll = feed.changed_at is None and not feed.body_sha256
    links = {entry.key: link for entry in parsed.entries if (link := _link_key(entry))}
    found = changes.compare(changes.Past() if first_poll else await _past(doors, feed, parsed.entries, links), parsed.entries, links)
    head = replace(
        feed,
        **heard,
        title=feed.title or parsed.title[:300],
        site_url=feed.site_url or parsed.site_url,
        language=feed.language or parsed.language,
        changed_at=now if found.new or found.edited else feed.changed_at,
        announced_url=parsed.new_url,
        own_title=parsed.title[:300],
        entry_count=len(parsed.entries) + news.unread,
    )
    head = cadence.learned(head, parsed, new=found.new, first_poll=first_poll, now=now)
    polled = _polled(claim, head, response, cadence.PollOutcome.CHANGED, rules)
    as_new = partial(_new_entries, settings, claim, head, found.new, links, first_poll=first_poll, now=now, backfill=rules.backfill)
    # A new feed with long texts takes longer than others should wait for the loop.
    new = await asyncio.to_thread(as_new) if sum(len(entry.content) for entry in found.new) > LONG_FOR_THE_LOOP else as_new()
    problems = ", ".join(sorted({problem.code for problem in parsed.problems}))
    return replace(
        polled,
        new=new,
        edited=tuple(map(_bounded, found.edited)),
        renamed=found.renamed,
        forgotten=found.forgotten,
        is_flood=changes.is_flood(sum(not each.is_backfill for each in new), first_poll=first_poll, limit=rules.flood),
        detail=problems,
        feed=replace(polled.feed, last_problem=problems),
    )


def _new_entries(
    settings: Settings,
    claim: FeedClaim,
    feed: Feed,
    entries: Sequence[Entry],
    links: Mapping[str, str],
    *,
    first_poll: bool,
    now: datetime,
    backfill: timedelta,
) -> tuple[NewEntry, ...]:
    since, shared = claim.added_at if first_poll else now, _shared(links)
    new = []
    for entry in entries:
        is_backfill = changes.is_backfill(entry, first_poll=first_poll, now=since, backfill=backfill)
        text = ready_words(entry) if without_page(settings, is_backfill=is_backfill) else None
        new.append(
            NewEntry(
                entry=_bounded(entry),
                url_key=_article_key(feed, entry, "" if (link := links.get(entry.key, "")) in shared else link),
                outlet=_outlet(feed, entry),
                language=feed.language,
                is_backfill=is_backfill,
                text=text,
                names_a_topic=text is None or _names_a_topic(settings, entry.title, text),
            )
        )
    return tuple(new)


def _outlet(feed: Feed, entry: Entry) -> str:
    """Who publishes an entry: its feed, unless that passes on what others publish."""
    return feed.outlet if feed.outlet and not urls.passes_on(feed.outlet) else urls.outlet(entry.url or feed.url)


def _names_a_topic(settings: Settings, title: str, text: str) -> bool:
    """Most of what a new feed holds is about something else; that is seen here, and need not be claimed, judged and saved again for it."""
    return settings.topics.mentions(prepare(title, text))


async def _past(doors: Doors, feed: Feed, entries: Sequence[Entry], links: Mapping[str, str]) -> changes.Past:
    named = [(entry.key, other_keys(entry), links.get(entry.key, "")) for entry in entries]
    (past,) = await doors.database.read(feed_rows.known_entries, [Asked(feed_id=feed.id, entries=named)])
    return past


async def _read_news(doors: Doors, feed: Feed, response: Response, now: datetime) -> News:
    """What of the body is new. Only where that is not plain to see does it cost a trip to the sandbox."""
    seen = Seen(fingerprint=feed.items_sha256, items=feed.items)
    if news := glance(response.body, url=response.url, seen=seen, now=now):
        return news
    if is_worth_a_look(response.body, seen=seen, now=now):
        async with doors.looking:
            if news := await asyncio.to_thread(look, response.body, url=response.url, seen=seen, now=now):
                return news
    content_type = response.headers.get("content-type", "")
    return await doors.sandbox.run(read_news, response.body, url=response.url, content_type=content_type, seen=seen, now=now, timeout_s=PARSE_LIMIT_S)


def _shared(links: Mapping[str, str]) -> frozenset[str]:
    """Addresses that several entries of a feed give: a live blog's page, say. They name no article. links: entry's key to its address's."""
    return frozenset(link for link, times in Counter(links.values()).items() if times > 1)


def _article_key(feed: Feed, entry: Entry, link: str) -> str:
    """What makes an entry's article the same across feeds; entries without an address of their own (link "") are articles of their own."""
    return link or _short_enough(f"{OWN_ARTICLE}{feed.id}:{entry.key}")


def _link_key(entry: Entry) -> str:
    """The key of an entry's address, "" where it has none.

    A site's front page is nobody's own address: feeds that announce one thing at a time link to it again and again.
    """
    key = urls.url_key(entry.url)
    return _short_enough(key) if re.search("[/?]", key) else ""


def _short_enough(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else f"{key[:100]}#sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _bounded(entry: Entry) -> Entry:
    return replace(entry, content=entry.content[:LARGEST_CONTENT]) if len(entry.content) > LARGEST_CONTENT else entry


def _polled(claim: FeedClaim, feed: Feed, response: Response, outcome: cadence.PollOutcome, rules: FeedRules, **heard: Any) -> FeedPoll:
    """heard: what else of the feed is different now."""
    now = response.fetched_at
    following = cadence.next_poll(feed, now=now, outcome=outcome, limits=rules.limits, headers=response.headers)
    head = changed(feed, next_poll_at=following.at, next_poll_reason=str(following.reason), **heard)
    return FeedPoll(feed=head, before=claim.feed, attempt=claim.attempt, at=now, outcome=str(outcome), status=response.status)


async def _without_news(doors: Doors, claim: FeedClaim, error: FetchError | SandboxError, rules: FeedRules, page: Response | None) -> FeedPoll:
    """The poll of a feed that could not be read, and what follows for its host and for our network."""
    polled = _failed(claim, error, doors.clock(), rules)
    if isinstance(error, Unreachable) and error.reason in outage.NO_ANSWER:
        polled = outage.no_answer(doors, claim, polled)
        if polled.outcome == cadence.PollOutcome.OUR_NETWORK:
            return polled
    if isinstance(error, BadStatus | BadBody):
        await outage.answered(doors)
        if error.retry_at:
            await doors.hosts.hold(claim.feed.url, error.retry_at, rules.retry_after)
    return await life.after_failure(doors, claim.feed, error, polled, rules, page=page)


def _failed(claim: FeedClaim, error: FetchError | SandboxError, now: datetime, rules: FeedRules) -> FeedPoll:
    """A failure keeps the validators and says its reason; the server's wish when to come back is a lower bound.

    A server that asks us to wait is well, so that counts as no failure.
    """
    reason = error.reason if isinstance(error, FetchError) else f"parse-{error.reason}"
    retry_at = error.retry_at if isinstance(error, FetchError) else None
    counts = retry_at is None or reason == "challenge"
    problem = f"{reason} ({error.detail})" if error.detail else reason
    # A host that another feed was told to leave alone says nothing of this one: what is wrong with it is what it failed with last.
    is_of_another = reason == "on-hold" and claim.feed.failures > 0
    feed = replace(
        claim.feed,
        polled_at=now,
        failures=claim.feed.failures + counts,
        failing_since=claim.feed.failing_since or (now if counts else None),
        last_problem=claim.feed.last_problem if is_of_another else problem,
    )
    outcome = cadence.PollOutcome.GONE if reason == "gone" else cadence.PollOutcome.FAILED
    following = cadence.next_poll(feed, now=now, outcome=outcome, limits=rules.limits, retry_at=retry_at, reason=reason)
    head = replace(feed, next_poll_at=following.at, next_poll_reason=str(following.reason))
    status = error.status if isinstance(error, FetchError) else None
    return FeedPoll(
        feed=head,
        before=claim.feed,
        attempt=claim.attempt,
        at=now,
        outcome="waiting" if reason == "on-hold" else "failed",
        status=status,
        detail=problem,
    )
