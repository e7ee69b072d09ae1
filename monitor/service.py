"""Builds everything from the configuration, starts it, stops it; the only file that knows all concrete classes."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

from monitor import config as settings_of
from monitor import heap, notifiers, pipeline
from monitor.alerts.render import render
from monitor.config import Config
from monitor.errors import ConfigError, Refused, StateLocked, StoreError
from monitor.feeds import cadence
from monitor.fetcher.client import Client, FetchLimits, user_agent
from monitor.fetcher.guard import Guard
from monitor.fetcher.politeness import Hosts, in_order
from monitor.fetcher.slots import Slots, connections
from monitor.matcher.match import Topics
from monitor.model import FeedState, Message
from monitor.pipeline import Doors, Eyes, FeedRules, Settings, Tally
from monitor.sandbox import Sandbox
from monitor.scheduler.embedded import Embedded
from monitor.scheduler.work import LEASES, Step
from monitor.store import articles as article_rows
from monitor.store import deliveries as delivery_rows
from monitor.store import feeds as feed_rows
from monitor.store import migrations, reports, retention
from monitor.store import stories as story_rows
from monitor.store.commits import GroupCommit
from monitor.store.database import Database, ServerLock
from monitor.store.feeds import FeedPoll
from monitor.store.hosts import OF_THE_WATCH, HostRows, forget_hosts
from monitor.store.robots import forget_robots, save_robots
from monitor.store.state import database_url, make_state, only_one, open_store
from monitor.telemetry import CONFIG_LAST_RELOAD_SUCCESSFUL, DUE, FEEDS, OUTBOX_OLDEST_SECONDS, exposition, log

AnyClient = TypeVar("AnyClient", bound=Client)
GRACE_S = 8.0  # of the ten seconds that a supervisor gives after SIGTERM
PAGES_TOGETHER_S = 0.05  # one page comes from the worker after another; nobody notices if they are saved, and judged, a moment later together
STEMS_KEPT = 2_000_000
POLL_LOG = timedelta(days=7)
ROBOTS_KEPT = timedelta(days=31)  # longer than a site that cannot be asked is believed to forbid its pages
LOCK_CHECK_S = 5
CLOCK_JUMP_S = 60.0
GIVE_BACK_S = 5  # a millisecond each time, and a long import holds 5 MB less


def now() -> datetime:
    return datetime.now(UTC)


# ---------------------------------------------------------------------------------------- the settings
def settings_from(config: Config, *, settle: bool = True) -> Settings:
    """The configuration as the steps know it. settle: whether alerts wait a moment for other outlets."""
    rules: dict[str, FeedRules] = {}

    def rules_of(feed_id: str) -> FeedRules:
        feed_id = feed_id if settings_of.has_own_settings(config, feed_id) else ""  # all others share one
        if feed_id not in rules:
            own = settings_of.feed_settings(config, feed_id)
            limits = cadence.Limits(min=own.interval_min, max=own.interval_max, adaptive=own.adaptive, is_firm=own.has_own_max)
            rules[feed_id] = FeedRules(
                limits=limits,
                backfill=own.backfill,
                flood=own.flood,
                timeout_s=own.timeout.total_seconds(),
                feed_bytes=own.max_feed_bytes,
                page_bytes=own.max_page_bytes,
                retry_after=own.retry_after,
                disable_after=own.disable_after,
                private_headers=own.private_headers,
                allow_downgrade=own.allow_downgrade,
            )
        return rules[feed_id]

    guard = Guard(allow_private=config.network.allow_private)

    def may_link(url: str) -> bool:
        try:
            guard.check_url(url)
        except Refused as refusal:
            return refusal.reason != "private-address"
        return True

    sender = config.smtp.from_ if config.smtp else "monitor@localhost"
    return Settings(
        topics=Topics(config.found.topics),
        subscribers={subscriber.id: subscriber for subscriber in settings_of.subscribers(config)},
        rules_of=rules_of,
        sites=settings_of.site_rules(config),
        fetch=config.articles.fetch,
        refetch=config.articles.refetch,
        may_link=may_link,
        sender=sender,
        domain=parseaddr(sender)[1].rpartition("@")[2] or "localhost",
        public_url=config.web.public_url,
        settle=settle,
    )


def sync(database: Database, config: Config, at: datetime) -> None:
    """Make feeds, topics and subscribers in the store what the configuration says; what left it is paused.

    A topic whose definition changed judges the articles of the last days again.
    """
    found = settings_of.feeds(config)
    topics = [(topic.id, topic.title, topic.version) for topic in config.found.topics]

    rules_of = settings_from(config).rules_of
    credentials = {feed_id: rules_of(feed_id).credentials_sha256 for feed_id, table in config.feeds.items() if table.auth or table.headers}

    def save(connection: Any) -> int:
        feed_rows.sync_feeds(connection, found, at)
        feed_rows.take_credentials(connection, credentials, at)
        changed = feed_rows.sync_topics(connection, topics)
        feed_rows.sync_subscribers(connection, list(config.subscribers), notices=[name for name, table in config.subscribers.items() if table.notices])
        return story_rows.requeue_matching(connection, at, timedelta(days=3)) if changed else 0

    again = database.write_now(save)
    log.info("configuration-taken", feeds=len(found), topics=len(topics), subscribers=len(config.subscribers), articles_to_judge_again=again)


# ------------------------------------------------------------------------------------------- the watch
class Watch:
    """The five steps over one database, for `run` and for `poll`."""

    def __init__(
        self,
        config: Config,
        state: Path,
        database: Database,
        client: Client,
        sandbox: Sandbox,
        *,
        settle: bool,
        deliver: bool,
        lock: ServerLock | None = None,
        clock: Callable[[], datetime] = now,
    ):
        self.clock = clock
        self.lock, self.lock_is_lost = lock, False
        self._clock_is_ahead_s: float | None = None  # of the clock that only goes forward, while `run` watches it
        self.config, self.database, self._state, self._deliver = config, database, state, deliver
        self.settings = settings_from(config, settle=settle)
        network = config.network
        self.doors = Doors(
            database=database,
            client=client,
            hosts=Hosts(
                concurrent=network.per_host.concurrent,
                gap_s=network.per_host.gap.total_seconds(),
                clock=self.clock,
                rows=HostRows(database, f"{OF_THE_WATCH}{uuid4().hex}"),
            ),
            sandbox=sandbox,
            channels=_channels(config, state, client),
            clock=self.clock,
            asking=Slots(config.polling.concurrency),
            bodies=asyncio.Semaphore(config.polling.concurrency // 2 + 16),
            fetching=asyncio.Semaphore(config.articles.concurrency),
            save_poll=GroupCommit(self._save_polls),
            save_read=GroupCommit(lambda reads: database.write(article_rows.save_reads, reads, pipeline.is_one_page), patience_s=PAGES_TOGETHER_S),
            save_attempt=GroupCommit(lambda tries: database.write(delivery_rows.save_attempts, tries)),
            save_robots=GroupCommit(lambda said: database.write(save_robots, said), patience_s=PAGES_TOGETHER_S),
        )
        self.scheduler = Embedded(
            self._steps(self._due_feeds), after={"poll": ["read"], "read": ["judge"], "judge": ["close"], "close": ["deliver"]}, clock=self.clock
        )

    async def _save_polls(self, polls: Sequence[FeedPoll]) -> None:
        """T1. A poll seldom opens a notice, so only such a one knocks where notices are closed."""
        await self.database.write(feed_rows.save_polls, polls)
        if any(each.events or each.is_flood for each in polls):
            self.scheduler.knock("close")

    @property
    def tally(self) -> Tally:
        return self.doors.tally

    def _steps(self, claim_feeds: Callable[[int], Awaitable[Sequence[Any]]]) -> list[Step]:
        """The table of work: each step with its claim, its function and its parallelism."""
        write, read = self.database.write, self.database.read

        def each(step: Callable[[Doors, Settings, Any], Awaitable[None]]) -> Callable[[Sequence[Any]], Awaitable[None]]:
            return lambda claims: pipeline.one_by_one(lambda claim: step(self.doors, self.settings, claim), claims)

        steps = [
            Step(name="poll", claim=claim_feeds, run=each(pipeline.poll_feed), next_at=lambda: read(feed_rows.next_poll_at), parallel=400, bite=100),
            Step(
                name="read",
                claim=lambda limit: write(article_rows.claim_articles, "read", self.clock(), LEASES["read"], limit),
                run=each(pipeline.read_article),
                next_at=lambda: read(article_rows.next_article_at, "read"),
                parallel=80,
                bite=10,
            ),
            Step(
                name="judge",
                claim=lambda limit: write(article_rows.claim_articles, "judge", self.clock(), LEASES["judge"], limit),
                run=lambda claims: pipeline.judge_articles(self.doors, self.settings, claims),
                next_at=lambda: read(article_rows.next_article_at, "judge"),
                batch=200,
            ),
            Step(
                name="close",
                claim=lambda limit: write(delivery_rows.claim_digests, self.clock(), LEASES["close"], limit),
                run=lambda claims: pipeline.close_digests(self.doors, self.settings, claims),
                next_at=lambda: read(delivery_rows.next_digest_at),
                batch=20,
            ),
        ]
        if self._deliver:
            steps.append(
                Step(
                    name="deliver",
                    claim=lambda limit: write(delivery_rows.claim_deliveries, self.clock(), LEASES["deliver"], limit),
                    run=each(pipeline.deliver),
                    next_at=lambda: read(delivery_rows.next_delivery_at),
                    parallel=8,
                    bite=4,
                )
            )
        return steps

    # ------------------------------------------------------------------------------------- for `poll`
    async def cycle(self, *, only: Sequence[str] | None = None, everything: bool = False) -> None:
        """Ask the due feeds (everything: all; only: those), then read, judge, close and deliver until nothing is due."""
        await self._notice_jumps()
        began, is_asked = self.clock(), everything or only is not None
        waiting = deque(await self.database.read(lambda connection: in_order(feed_rows.addresses(connection, began, ids=only, even_if_not_due=is_asked))))

        async def next_feeds(limit: int) -> Sequence[Any]:
            claims: Sequence[Any] = ()
            while waiting and not claims:  # feeds that were paused or claimed meanwhile are no reason to end
                some = [waiting.popleft() for _ in range(min(limit, len(waiting)))]
                claims = await self.database.write(feed_rows.claim_feeds, began, LEASES["poll"], limit, ids=some, even_if_not_due=True)
            return claims

        steps = self._steps(next_feeds)
        once = Embedded(steps, after={}, clock=self.clock)
        for name in ("poll", "read", "judge", "close", "deliver"):
            if name != "deliver" or self._deliver:
                await once.drain(name)

    # -------------------------------------------------------------------------------------- for `run`
    async def _due_feeds(self, limit: int) -> Sequence[Any]:
        await self._notice_jumps()
        return await self.database.write(feed_rows.claim_feeds, self.clock(), LEASES["poll"], limit)

    async def run(self) -> None:
        """Work until `stop`."""
        self._set_alarms()
        CONFIG_LAST_RELOAD_SUCCESSFUL.set(1)
        await self._after_a_rest()
        self._clock_is_ahead_s = self._ahead_s()
        await self.scheduler.run(grace_s=GRACE_S)
        if self.lock_is_lost:
            raise StateLocked("the connection that held the lock on the database is gone – start again")

    async def _after_a_rest(self) -> None:
        """Put the times of feeds in order: after a start, and when the clock jumped. Nobody is forgotten, and there is no herd."""
        if back := await self.database.write(feed_rows.clock_went_back, self.clock()):
            log.warning("clock-went-back", by_s=back.total_seconds(), advice="the times of all feeds were taken back with it")
        await self.database.write(feed_rows.spread_due, self.clock())

    async def _notice_jumps(self) -> None:
        """Whether the clock was set, or the machine slept: then it runs apart from the one that only goes forward."""
        if self._clock_is_ahead_s is not None and abs(self._ahead_s() - self._clock_is_ahead_s) > CLOCK_JUMP_S:
            self._clock_is_ahead_s = self._ahead_s()
            await self._after_a_rest()

    def _ahead_s(self) -> float:
        return self.clock().timestamp() - monotonic()

    def _set_alarms(self) -> None:
        self.scheduler.clear_alarms()
        for subscriber in self.settings.subscribers.values():
            for at in subscriber.digest.at if subscriber.digest else ():
                self.scheduler.daily(at, subscriber.timezone, "close", first=self._open_digests)
        self.scheduler.every(3600, self._housekeeping)
        if self.lock:
            self.scheduler.every(LOCK_CHECK_S, self._check_lock)

    async def reload(self, path: Path) -> bool:
        """Take a changed configuration between two steps; gives whether it was taken. A bad one never replaces a good one.

        A step sees one version from start to end. What connections are made of stays until a restart, and the log says so.
        """
        try:
            config = await asyncio.to_thread(settings_of.load, path)
            await asyncio.to_thread(sync, self.database, config, self.clock())
            await self.database.write(feed_rows.spread_due, self.clock())
        except (ConfigError, StoreError) as error:
            CONFIG_LAST_RELOAD_SUCCESSFUL.set(0)
            log.error("configuration-refused", problems=str(error), advice="the old one stays; mend it and reload")
            return False
        waits = [key for key in RESTART_ONLY if _value(config, key) != _value(self.config, key)]
        if waits:
            log.warning("restart-needed", keys=waits, advice="these keys hold from the next start on")
        self.config, self.settings = config, settings_from(config, settle=self.settings.settle)
        self.doors = replace(self.doors, channels=_channels(config, self._state, self.doors.client))
        self._set_alarms()
        self.scheduler.knock()
        CONFIG_LAST_RELOAD_SUCCESSFUL.set(1)
        return True

    async def _check_lock(self) -> None:
        """A database that restarted has forgotten that we work on it, and another daemon may have begun."""
        if self.lock and not await asyncio.to_thread(self.lock.is_alive):
            log.error("lock-lost", advice="the daemon ends, so that never two work on one database; start it again")
            self.lock_is_lost = True
            self.stop()

    def stop(self) -> None:
        """Claim nothing more, let what runs end."""
        self.scheduler.stop()

    async def _open_digests(self) -> None:
        await pipeline.open_digests(self.doors, self.settings)

    async def _housekeeping(self) -> None:
        """Forget what is older than the configuration keeps, in small bites."""
        keep, at, write = self.config.storage.keep, self.clock(), self.database.write
        await self._open_digests()
        await write(story_rows.forget_vectors, at - timedelta(hours=73))
        await write(story_rows.forget_rare_stems, keep=STEMS_KEPT)
        await write(forget_hosts, at)
        for forget, age in (
            (retention.forget_texts, keep.full_text),
            (retention.forget_deliveries, keep.deliveries),
            (retention.forget_polls, POLL_LOG),
            (retention.forget_events, keep.articles),
            (forget_robots, ROBOTS_KEPT),
        ):
            while await write(forget, at - age):
                pass  # bite after bite; the steps get their turns at the writer in between
        while await write(retention.forget_articles, at - keep.articles, at):
            pass
        while await write(retention.forget_tombstones, at):
            pass

    # -------------------------------------------------------------------------------------- for the web
    async def health(self) -> dict[str, Any]:
        """Whether the watch is well; reading the database is part of the answer, and so is how the last write went.

        raises: StoreError when it is not.
        """
        if self.database.trouble:
            raise StoreError(self.database.trouble)
        due, _ = await self.database.read(reports.due_counts, self.clock())
        return {"status": "ok", "version": version("monitor"), "due": due}

    async def metrics(self) -> bytes:
        """Everything that Prometheus may know."""
        due, oldest = await self.database.read(reports.due_counts, self.clock())
        for step, rows in due.items():
            DUE.labels(step).set(rows)
        states = await self.database.read(reports.feed_states)
        for state in FeedState:
            FEEDS.labels(str(state)).set(states.get(state, 0))
        OUTBOX_OLDEST_SECONDS.set((self.clock() - oldest).total_seconds() if oldest else 0)
        return exposition()


RESTART_ONLY = (
    "network.contact",
    "network.per_host",
    "network.allow_private",
    "network.proxy",
    "polling.concurrency",
    "articles.concurrency",
    "storage.url",
    "web.listen",
)


def _value(config: Config, key: str) -> Any:
    table, _, name = key.partition(".")
    return getattr(getattr(config, table), name)


def _channels(config: Config, state: Path, client: Client) -> notifiers.Channels:
    smtp = config.smtp
    server = (
        notifiers.SmtpServer(host=smtp.host, port=smtp.port, security=smtp.security, username=smtp.username, password=settings_of.smtp_password(config))
        if smtp
        else None
    )
    return notifiers.Channels(
        smtp=server,
        sender=smtp.from_ if smtp else "",
        post=client.post,
        secrets=settings_of.channel_secrets(config),
        spool=state / "spool",
    )


def guarded_client(config: Config, kind: Callable[..., AnyClient]) -> AnyClient:
    """The one door to HTTP, as this configuration wants it; also for commands that ask before anything is configured.

    kind: Client, or one of fetcher/recording.py.
    """
    network = config.network
    return kind(
        guard=Guard(allow_private=network.allow_private),
        user_agent=user_agent(version("monitor"), network.contact),
        limits=FetchLimits(connections=connections(config.polling.concurrency) + config.articles.concurrency),
        clock=now,
        proxy=network.proxy,
    )


@asynccontextmanager
async def watching(
    config: Config, state: Path, *, settle: bool = True, deliver: bool = True, client: Client | None = None, clock: Callable[[], datetime] = now
) -> AsyncIterator[Watch]:
    """A watch that holds its state alone, with everything open; closes it all again.

    client, clock: other ones than the usual, for polls that are recorded or repeated.
    raises: StateLocked when another process holds the state, StoreError when the database cannot be used.
    """
    make_state(state)
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(state))
        database = Database(database_url(config.storage.url, state))
        stack.callback(database.close)
        migrations.ensure(database)
        lock = None if database.is_sqlite else ServerLock(database)
        if lock:
            stack.callback(lock.release)
            if not lock.is_held:
                raise StateLocked("another daemon works on this database – stop it first")
        database.write_now(feed_rows.release_leases)  # nobody else works here, so every lease is from a process that died
        sync(database, config, clock())
        asking = await stack.enter_async_context(client or guarded_client(config, Client))
        sandbox = Sandbox(workers=2)
        stack.push_async_callback(sandbox.close)
        watch = Watch(config, state, database, asking, sandbox, settle=settle, deliver=deliver, lock=lock, clock=clock)
        await watch.doors.hosts.recall()
        stack.push_async_callback(watch.doors.hosts.close)
        stack.callback(asyncio.create_task(_giving_memory_back()).cancel)
        yield watch


async def _giving_memory_back() -> None:
    while True:
        await asyncio.sleep(GIVE_BACK_S)
        heap.give_back()


@asynccontextmanager
async def looking(config: Config, state: Path) -> AsyncIterator[Eyes]:
    """What a command needs to ask an address without saving anything, also beside a daemon: it takes its turns at hosts as rows."""
    network = config.network
    async with AsyncExitStack() as stack:
        database = stack.enter_context(open_store(config.storage.url, state))
        hosts = Hosts(
            concurrent=network.per_host.concurrent, gap_s=network.per_host.gap.total_seconds(), clock=now, rows=HostRows(database, f"command:{uuid4().hex}")
        )
        await hosts.recall()
        stack.push_async_callback(hosts.close)
        client = await stack.enter_async_context(guarded_client(config, Client))
        sandbox = Sandbox(workers=2)
        stack.push_async_callback(sandbox.close)
        yield Eyes(
            client=client,
            hosts=hosts,
            sandbox=sandbox,
            topics=config.found.topics,
            most_bytes=network.max_size.feed,
            timeout_s=network.timeout.total_seconds(),
            clock=now,
        )


def digest_preview(config: Config, state: Path, subscriber_id: str) -> tuple[Message, datetime | None]:
    """The words that a subscriber's open digest would have now, and when it closes; changes nothing."""
    settings, at = settings_from(config), now()
    subscriber = settings.subscribers[subscriber_id]
    with open_store(config.storage.url, state) as database:
        claim = database.read_now(delivery_rows.open_digest_of, subscriber_id)
        missing = delivery_rows.DigestClaim(id=0, subscriber=subscriber_id, kind="digest", key="", opened_at=at, closes_at=at, attempt=0)
        (found,) = database.read_now(delivery_rows.load_digests, [claim or missing])
    message = render(pipeline.digest_contents(settings, subscriber, "digest", found, at), now=at, public_url=settings.public_url)
    return message, claim.closes_at if claim else None
