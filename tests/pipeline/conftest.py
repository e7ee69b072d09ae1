"""The steps over a real database, a real web on loopback and a clock of the test; and a database that can be made to crash."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from loopback import receiving, serving

from monitor import notifiers, pipeline
from monitor.feeds.cadence import Limits
from monitor.fetcher.client import Client, FetchLimits
from monitor.fetcher.guard import Guard
from monitor.fetcher.politeness import Hosts
from monitor.matcher.match import Topics
from monitor.matcher.query import Group, compile_topic
from monitor.model import AlertRule, Channel, ChannelKind, DigestTimes, Feed, Subscriber
from monitor.pipeline import Doors, FeedRules, Settings
from monitor.sandbox import Sandbox
from monitor.store import articles, deliveries, feeds, robots
from monitor.store.database import Database

LEASE = timedelta(minutes=5)
AT_ONCE = AlertRule(max_per_hour=1000, settle_s=0)
TITLE = "NATO chief visits Odesa as Ukraine asks for air defence"
LEAD = "The alliance's Secretary General stood beside Ukraine's president in the port city and promised further help from NATO."


class Killed(BaseException):
    """The process ends here; nothing of ours can catch it."""


class Crashing(Database):
    """A database whose process dies before or after a save: `dies["save_reads"] = "before"`."""

    def __init__(self, url: str):
        super().__init__(url)
        self.dies: dict[str, str] = {}

    async def write(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        when = self.dies.pop(function.__name__, "")
        if when == "before":
            raise Killed
        result = await super().write(function, *args, **kwargs)
        if when == "after":
            raise Killed
        return result


class Life:
    """The steps one by one, as the scheduler would run them. `restarted` is a new process over the same rows."""

    def __init__(self, database: Crashing, web, clock, tmp_path: Path, topics=None):
        self.database, self.web, self.clock, self.tmp_path = database, web, clock, tmp_path
        self.topics = topics or {"nato": topic("nato", "NATO")}
        self.flood, self.refetch, self.sites = 0, (), {}
        self.subscribers = {"desk": subscriber("desk", Channel(key="file:", kind=ChannelKind.FILE, address=""))}

    async def start(self):
        network = Guard(allow_private=[ip_network("127.0.0.0/8")])
        self.client = await Client(guard=network, user_agent="test", limits=FetchLimits(timeout_s=5), clock=self.clock).__aenter__()
        self.sandbox = Sandbox(workers=1)
        self.restarted()
        return self

    def restarted(self):
        self.database.write_now(feeds.release_leases)
        self.doors = Doors(
            database=self.database,
            client=self.client,
            hosts=Hosts(concurrent=8, gap_s=0, clock=self.clock),
            sandbox=self.sandbox,
            channels=notifiers.Channels(spool=self.tmp_path / "spool", post=self.client.post),
            clock=self.clock,
            save_poll=lambda poll: self.database.write(feeds.save_polls, [poll]),
            save_read=lambda read: self.database.write(articles.save_reads, [read], pipeline.is_one_page),
            save_robots=lambda said: self.database.write(robots.save_robots, [said]),
            save_attempt=lambda tried: self.database.write(deliveries.save_attempt, *tried),
        )

    async def end(self):
        await self.client.__aexit__(None, None, None)
        await self.sandbox.close()

    @property
    def settings(self) -> Settings:
        rules = FeedRules(
            limits=Limits(min=timedelta(minutes=15), max=timedelta(minutes=15)),
            backfill=timedelta(days=1),
            timeout_s=5,
            feed_bytes=1_000_000,
            page_bytes=1_000_000,
            flood=self.flood,
        )
        return Settings(
            topics=Topics(self.topics.values()),
            subscribers=self.subscribers,
            rules_of=lambda _: rules,
            sites=self.sites,
            refetch=self.refetch,
            sender="monitor@example.org",
            settle=False,
        )

    def watches(self, *paths: str) -> None:
        """What the configuration says, taken as at a start or a reload."""
        found = [Feed(id=path.strip("/").removesuffix(".xml"), url=f"{self.web.address}{path}") for path in paths]
        self.database.write_now(feeds.sync_feeds, found, self.clock())
        self.database.write_now(feeds.sync_topics, [(each.id, each.title, each.version) for each in self.topics.values()])
        told = [name for name, each in self.subscribers.items() if each.notices]
        self.database.write_now(feeds.sync_subscribers, list(self.subscribers), notices=told)

    # ------------------------------------------------------------------------------------------ the steps
    def claims(self, function, *args):
        return self.database.write_now(function, *args, self.clock(), LEASE, 100)

    async def poll(self):
        for claim in self.database.write_now(feeds.claim_feeds, self.clock(), LEASE, 100, even_if_not_due=True):
            await pipeline.poll_feed(self.doors, self.settings, claim)
        self.clock.forward(seconds=1)

    async def read(self):
        for claim in self.claims(articles.claim_articles, "read"):
            await pipeline.read_article(self.doors, self.settings, claim)

    async def judge(self):
        if claims := self.claims(articles.claim_articles, "judge"):
            await pipeline.judge_articles(self.doors, self.settings, claims)

    async def close(self):
        if claims := self.claims(deliveries.claim_digests):
            await pipeline.close_digests(self.doors, self.settings, claims)

    async def deliver(self):
        for claim in self.claims(deliveries.claim_deliveries):
            await pipeline.deliver(self.doors, self.settings, claim)

    async def goes_on(self):
        """All steps until nothing is due."""
        for step in (self.poll, self.read, self.judge, self.close, self.deliver):
            await step()

    async def dies(self, step, function, when):
        """The step runs, and the process is killed before or after its save; then it starts again."""
        self.database.dies = {function.__name__: when}
        with pytest.raises(Killed):
            await step()
        self.restarted()

    # ------------------------------------------------------------------------------------- what came of it
    def rows(self, table, *columns, where=()):
        from sqlalchemy import select

        statement = select(*(columns or table.c)).where(*where).order_by(*table.primary_key.columns)
        found = self.database.read_now(lambda connection: connection.execute(statement).all())
        return [row[0] for row in found] if len(columns) == 1 else found

    def update(self, table, **values):
        from sqlalchemy import update

        self.database.write_now(lambda connection: connection.execute(update(table).values(**values)))

    @property
    def sent(self):
        """The messages in the spool."""
        return sorted((self.tmp_path / "spool").glob("*.eml"))


def topic(topic_id, *terms, digest_at=0.5, alert_at=0.5, rule="a"):
    group = Group(weight=3.0, terms=tuple(f"={term}" if term.isupper() else term for term in terms))
    return compile_topic(topic_id, title=topic_id, rule=rule, groups={"a": group}, digest_at=digest_at, alert_at=alert_at)


def subscriber(name, *channels, topics=("nato",), digest=None, alert=AT_ONCE):
    times = DigestTimes(at=(digest,)) if digest else None
    return Subscriber(id=name, topics=topics, channels=channels, digest=times, alert=alert)


@pytest.fixture
def make():
    """Builders that tests need by name."""
    return SimpleNamespace(topic=topic, subscriber=subscriber, channel=Channel, kind=ChannelKind, replace=replace, TITLE=TITLE, LEAD=LEAD, LEASE=LEASE)


@pytest.fixture
def web():
    with serving() as found:
        yield found


@pytest.fixture
def inbox():
    with receiving() as found:
        yield found


@pytest.fixture
async def life(database_url, web, clock, tmp_path):
    database = Crashing(database_url)
    found = await Life(database, web, clock, tmp_path).start()
    yield found
    await found.end()
    database.close()
