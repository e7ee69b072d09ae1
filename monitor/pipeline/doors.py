"""What the steps are given: the settings, as plain values, and the doors to the outside worlds."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor import notifiers
from monitor.articles.sites import SiteRules
from monitor.feeds.cadence import Limits
from monitor.fetcher.client import Client
from monitor.fetcher.politeness import Hosts
from monitor.fetcher.slots import Slots
from monitor.matcher.match import Topics
from monitor.model import Attempt, Feed, Robots, Subscriber
from monitor.pipeline.robots import RobotsMemory
from monitor.sandbox import Sandbox
from monitor.store.articles import ArticleRead
from monitor.store.commits import GroupCommit
from monitor.store.database import Database
from monitor.store.deliveries import DeliveryClaim
from monitor.store.feeds import FeedClaim, FeedPoll
from monitor.stories.cluster import Index
from monitor.urls import registrable_domain, same_origin

OWN_ARTICLE = "entry:"  # begins the key of an article that has no address of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRules:
    """How one feed is asked.

    retry_after: who is left alone when its server asks for rest, "feed", "host" or "domain".
    flood: more new entries in one poll are held; 0 for never.
    disable_after: it is given up when it has failed for so long.
    private_headers: its login and its own headers, for the address in the configuration and no other.
    allow_downgrade: a redirect from https to http is followed.
    """

    limits: Limits
    backfill: timedelta
    timeout_s: float
    feed_bytes: int
    page_bytes: int
    retry_after: str = "domain"
    flood: int = 0
    disable_after: timedelta = timedelta(days=14)
    private_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_downgrade: bool = False

    @property
    def credentials_sha256(self) -> str:
        """What tells new credentials from those that a server refused, "" where there are none."""
        if not self.private_headers:
            return ""
        return hashlib.sha256(repr(sorted(self.private_headers.items())).encode()).hexdigest()

    def headers_for(self, feed: Feed) -> Mapping[str, str]:
        """None where the feed has moved to another owner's address since the operator wrote them down."""
        if not self.private_headers or same_origin(feed.url, feed.configured_url or feed.url):
            return self.private_headers
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the configuration says, as plain values; a step sees one version from start to end.

    fetch: which pages are asked for, "candidates", "all" or "never". refetch: how long after they were first seen those of matched stories are, again.
    may_link: whether messages may lead readers to an address; private ones are links into a network that is not the sender's.
    sender: the From of mails. domain: of Message-IDs. public_url: of the console, "" where it has none.
    """

    topics: Topics
    subscribers: Mapping[str, Subscriber]
    rules_of: Callable[[str], FeedRules]
    sites: Mapping[str, SiteRules] = field(default_factory=dict)
    fetch: str = "candidates"
    refetch: tuple[timedelta, ...] = ()
    may_link: Callable[[str], bool] = bool
    sender: str = ""
    domain: str = "localhost"
    public_url: str = ""
    settle: bool = True


@dataclass(slots=True)
class Tally:
    """What a run of the watch did, for summaries; the truth is in the rows."""

    polls: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)
    articles: Counter[str] = field(default_factory=Counter)
    stories: Counter[str] = field(default_factory=Counter)
    deliveries: Counter[str] = field(default_factory=Counter)
    matches: int = 0
    alerts: int = 0


class Memory:
    """What judging remembers between batches: the stories of the last 72 hours. Rebuilt from rows whenever in doubt."""

    def __init__(self) -> None:
        self.index: Index | None = None
        self.next_story_id = 1


class Silent:
    """Sites that did not answer for a page: left alone for a while, so that hundreds of their pages do not keep all others waiting."""

    REST = timedelta(minutes=1)
    KNOWN = 1000  # sites; beyond it those that had their rest are forgotten

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def rests_until(self, url: str, now: datetime) -> datetime | None:
        until = self._until.get(urlsplit(url).netloc)
        return until if until and until > now else None

    def did_not_answer(self, url: str, now: datetime) -> None:
        if len(self._until) >= self.KNOWN:
            self._until = {site: until for site, until in self._until.items() if until > now}
        self._until[urlsplit(url).netloc] = now + self.REST


class Stumbles:
    """How often an article stopped a step with an error that nobody expected. After `GIVE_UP` times the step goes on without it.

    Kept in memory: a restart, perhaps with a better program, tries again.
    """

    GIVE_UP = 3

    def __init__(self) -> None:
        self._times: Counter[int] = Counter()

    def again(self, article_id: int) -> bool:
        """Count one more; gives whether it is worth another try, after the lease."""
        self._times[article_id] += 1
        if self._times[article_id] < self.GIVE_UP:
            return True
        del self._times[article_id]
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """A request that nobody answered, with the feed as it was before."""

    host: str
    at: datetime
    before: Feed
    attempt: int
    was_well: bool


class Network:
    """Whether anybody answers us (pipeline/outage.py). One for a process; after a restart it is found out anew."""

    ENOUGH_HOSTS = 3  # with fewer our network and theirs cannot be told apart
    EVIDENCE = timedelta(hours=1)  # failures that lie further apart have nothing to do with each other

    def __init__(self) -> None:
        self.down_since: datetime | None = None
        self._failures: list[NoAnswer] = []

    @property
    def is_in_doubt(self) -> bool:
        """Whether an answer would be news."""
        return bool(self._failures) or self.down_since is not None

    def failed(self, claim: FeedClaim, at: datetime) -> bool:
        """Somebody did not answer; gives whether our network is down."""
        host = registrable_domain(claim.feed.url) or claim.feed.url
        failure = NoAnswer(host=host, at=at, before=claim.feed, attempt=claim.attempt, was_well=claim.feed.failures == 0)
        self._failures = [known for known in self._failures if at - known.at < self.EVIDENCE] + [failure]
        if self.down_since is None and len({known.host for known in self._failures if known.was_well}) >= self.ENOUGH_HOSTS:
            self.down_since = min(known.at for known in self._failures)
        return self.down_since is not None

    def counted(self) -> list[NoAnswer]:
        """The failures since anybody answered, to be taken back; each once."""
        found, self._failures = self._failures, []
        return found

    def answered(self) -> datetime | None:
        """Somebody answers; gives since when nobody did, if our network was down."""
        since, self.down_since, self._failures = self.down_since, None, []
        return since


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The ways out into the world that steps use."""

    database: Database
    client: Client
    hosts: Hosts
    sandbox: Sandbox
    channels: notifiers.Channels
    clock: Callable[[], datetime]
    save_poll: GroupCommit[FeedPoll]
    save_read: GroupCommit[ArticleRead]
    save_robots: GroupCommit[Robots]
    save_attempt: GroupCommit[tuple[DeliveryClaim, Attempt, datetime | None]]
    memory: Memory = field(default_factory=Memory)
    # Feeds and pages asked for at once. Taken when it is a host's turn, not before, so that a slow host keeps nobody else waiting.
    asking: Slots = field(default_factory=lambda: Slots(64))
    # Bodies in memory, from the answer until the poll is saved: where reading falls behind, asking waits.
    bodies: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(96))
    # Long feeds are read one at a time: each is in memory several times over, and two threads are no faster.
    looking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    fetching: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(16))
    stumbles: Stumbles = field(default_factory=Stumbles)
    silent: Silent = field(default_factory=Silent)
    network: Network = field(default_factory=Network)
    robots: RobotsMemory = field(default_factory=RobotsMemory)
    tally: Tally = field(default_factory=Tally)
