"""Which keys config.toml has, what they mean, and what holds where one is left out.

One class per table; attribute names are the keys (`from` is `from_`). Defaults stand as they would be written in the file.
docs/reference/configuration.md says the same in prose, and tests/config/test_schema.py compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, SecretStr

from monitor.config.source import Path, Source
from monitor.config.units import (
    Clock,
    Duration,
    HeaderName,
    Headers,
    HostName,
    Language,
    Listen,
    MailAddress,
    MaybeWebAddress,
    Network,
    PathName,
    PositiveDuration,
    Proxy,
    Quiet,
    Sender,
    Size,
    StorageUrl,
    TimeZone,
    WebAddress,
    Weekdays,
    split_listen,
    wrong,
)
from monitor.errors import Complaint

if TYPE_CHECKING:
    from monitor.feeds.opml import OpmlFeed
    from monitor.matcher.query import CompiledTopic

_ID_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def is_id(value: str) -> bool:
    """Ids stand in addresses, file names, mail headers and metrics, so they are kept plain."""
    return 0 < len(value) <= 80 and set(value) <= _ID_LETTERS


def _id(value: str) -> str:
    if not is_id(value):
        raise wrong(f'"{value}" cannot be an id', "ids are up to 80 letters, digits, - and _, without accents")
    return value


Id = Annotated[str, AfterValidator(_id)]
Score = Annotated[float, Field(ge=0, le=1)]


def written(default: str) -> Any:
    """A default in the file's own spelling, read like a value from the file."""
    return Field(default)


def written_list(*defaults: str) -> Any:
    """The same for a list."""
    return Field(defaults)


Several = Field(strict=False)  # TOML gives lists; ours are tuples, because a Config never changes


class Table(BaseModel):
    """A table that refuses keys it does not know, and never changes."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)


class PerHost(Table):
    concurrent: int = Field(default=1, ge=1, le=64)
    gap: Duration = written("2s")


class MaxSize(Table):
    feed: Size = written("5MiB")
    page: Size = written("3MiB")


Scope = Literal["feed", "host", "domain"]
"""Who is left alone when a server asks for rest."""


class NetworkTable(Table):
    """How we ask the web. timeout: for the whole request, redirects and body included. retry_after: who is left alone when a server asks for rest.

    proxy: may carry a password, so it stays out of repr().
    """

    contact: str = ""
    timeout: PositiveDuration = written("30s")
    per_host: PerHost = Field(default_factory=PerHost)
    retry_after: Scope = "domain"
    allow_private: Annotated[tuple[Network, ...], Several] = ()
    proxy: Proxy = Field(default="", repr=False)
    max_size: MaxSize = Field(default_factory=MaxSize)


class Interval(Table):
    min: PositiveDuration = written("5m")
    max: PositiveDuration = written("6h")
    adaptive: bool = True


class Polling(Table):
    """How often feeds are asked.

    backfill: older entries of a new feed are matched, but nobody is told. flood: more new entries in one poll are held for release.
    disable_after: a feed that failed for so long is asked no more.
    """

    interval: Interval = Field(default_factory=Interval)
    concurrency: int = Field(default=64, ge=1, le=1000)
    backfill: Duration = written("24h")
    flood: int = Field(default=200, ge=0)
    disable_after: PositiveDuration = written("14d")


class Articles(Table):
    """The pages behind entries. refetch: how long after they were first seen the pages of matched stories are asked again. samples: a folder of pages."""

    fetch: Literal["candidates", "all", "never"] = "candidates"
    concurrency: int = Field(default=8, ge=1, le=256)
    refetch: Annotated[tuple[PositiveDuration, ...], Several] = written_list("1h", "6h", "24h")
    samples: PathName = "samples"


class Keep(Table):
    articles: PositiveDuration = written("365d")
    full_text: PositiveDuration = written("30d")
    deliveries: PositiveDuration = written("90d")


class Storage(Table):
    """url: "" means SQLite in the state folder. It may carry a password, so it stays out of repr()."""

    url: StorageUrl = Field(default="", repr=False)
    keep: Keep = Field(default_factory=Keep)


class Opml(Table):
    file: PathName = Field(min_length=1, examples=['"feeds.opml"'])


class FeedInterval(Table):
    """Like Interval; what is left out comes from [polling]."""

    min: PositiveDuration | None = None
    max: PositiveDuration | None = None
    adaptive: bool | None = None


class FeedMaxSize(Table):
    feed: Size | None = None
    page: Size | None = None


class AuthTable(Table):
    """What a feed is asked with: a name and a password, or a token. header: takes the token as it is; "" for `Authorization: Bearer`."""

    username: str = ""
    password_file: PathName | None = None
    password_env: str | None = None
    password_credential: str | None = None
    token_file: PathName | None = None
    token_env: str | None = None
    token_credential: str | None = None
    header: HeaderName = ""


class FeedTable(Table):
    """One address to poll; the lower half overrides [polling] and [network] for this feed alone."""

    url: WebAddress = Field(examples=['"https://example.org/feed.xml"'])
    title: str = ""
    site: MaybeWebAddress = ""
    language: Language = ""
    outlet: str = ""
    group: str = ""
    interval: FeedInterval = FeedInterval()  # one for all that have none: they never change, and there may be ten thousand
    backfill: Duration | None = None
    flood: int | None = Field(default=None, ge=0)
    disable_after: PositiveDuration | None = None
    timeout: PositiveDuration | None = None
    retry_after: Scope | None = None
    max_size: FeedMaxSize = FeedMaxSize()
    auth: AuthTable | None = None
    headers: Headers = Field(default_factory=dict)
    allow_downgrade: bool = False


class Site(Table):
    keep: Annotated[tuple[str, ...], Several] = ()
    drop: Annotated[tuple[str, ...], Several] = ()
    next_page: str = ""
    canonical_host: HostName | Literal[""] = ""
    robots: Literal["obey", "ignore"] = "obey"


Points = Annotated[float, Field(ge=-100, le=100)]


class Group(Table):
    weight: Points = 1.0
    terms: Annotated[tuple[str, ...], Several] = Field(examples=['["ukrain*"]'])


Factor = Annotated[float, Field(ge=0, le=100)]


class PlacesTable(Table):
    """What one hit is worth by its place, against its group's weight. again: of each further hit, against the one before.

    body is not above lead: only so a further term never lowers a score (tests/matcher/test_score.py).
    """

    title: Factor = 2.0
    lead: Factor = 1.0
    body: Factor = 0.5
    again: Annotated[float, Field(ge=0, le=1)] = 0.6
    lead_words: int = Field(default=120, ge=0, le=100_000)


class NearTable(Table):
    """Two groups that speak for an article where they stand near each other. weight: for neighbours; less with each word between."""

    groups: Annotated[tuple[str, str], Several] = Field(examples=['["ukraine", "nato"]'])
    words: int = Field(default=35, ge=1, le=1000)
    weight: Factor = 1.0


class TopicTable(Table):
    """What to look for. An article is matched from digest_at on, told at once from alert_at on.

    bias: the points before anything is found; None: from the rule's lightest way.
    """

    title: str = ""
    rule: str = Field(min_length=1, examples=['"nato AND ukraine"'])
    digest_at: Score = 0.5
    alert_at: Score = 0.8
    bias: Points | None = None
    places: PlacesTable = Field(default_factory=PlacesTable)
    near: Annotated[tuple[NearTable, ...], Several] = ()
    look_alikes: bool = False
    groups: dict[Id, Group] = Field(default_factory=dict)


class DigestTable(Table):
    at: Annotated[tuple[Clock, ...], Several] = Field(min_length=1, examples=['["07:30"]'])
    days: Weekdays = written("daily")
    when_empty: Literal["skip", "note"] = "skip"


class AlertTable(Table):
    min_score: Score | None = None
    max_per_hour: int = Field(default=12, ge=1)
    quiet: Quiet | None = None
    break_through: Score | None = None
    settle: Duration = written("3s")


class ChannelTable(Table):
    """Exactly one of email, webhook and file. file: a folder, "" for the spool in the state folder."""

    email: MailAddress | None = None
    webhook: WebAddress | None = None
    file: PathName | None = None
    secret_file: PathName | None = None
    secret_env: str | None = None
    secret_credential: str | None = None
    only: Literal["", "alerts", "digests"] = ""

    @property
    def kinds(self) -> dict[str, str]:
        """The kinds this table names, with their addresses; one, unless the operator erred."""
        named = {"email": self.email, "webhook": self.webhook, "file": self.file}
        return {kind: address for kind, address in named.items() if address is not None}


class SubscriberTable(Table):
    topics: Annotated[tuple[str, ...], Several] = Field(min_length=1, examples=['["nato-ukraine"]'])
    timezone: TimeZone | None = None
    language: Language = "en"
    digest: DigestTable | None = None
    alert: AlertTable | None = None
    notices: bool = False
    channels: Annotated[tuple[ChannelTable, ...], Several] = Field(min_length=1, examples=['[{ email = "desk@example.org" }]'])


def _usual_port(smtp: Mapping[str, Any]) -> int:
    """RFC 8314 §3.3: submission with implicit TLS has a port of its own."""
    return 465 if smtp.get("security") == "tls" else 587


class Smtp(Table):
    host: str = Field(min_length=1, examples=['"mail.example.org"'])
    security: Literal["starttls", "tls", "none"] = "starttls"
    port: int = Field(default_factory=_usual_port, ge=1, le=65535)
    from_: Sender = Field(alias="from", examples=['"News Monitor <monitor@example.org>"'])
    username: str = ""
    password_file: PathName | None = None
    password_env: str | None = None
    password_credential: str | None = None


class Web(Table):
    listen: Listen = "127.0.0.1:8321"
    public_url: MaybeWebAddress = ""

    @property
    def host(self) -> str:
        return split_listen(self.listen)[0]

    @property
    def port(self) -> int:
        """0 lets the system choose one."""
        return split_listen(self.listen)[1]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What reading a configuration brought along.

    tables: the values as written, variables laid over them.
    secrets: by the key that names them, without the way they are kept (`("smtp", "password")`).
    opml_feeds: from the file of [opml], without those whose address [feeds] has too.
    warnings: odd, but no reason to refuse.
    """

    source: Source
    tables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    secrets: Mapping[Path, SecretStr] = field(default_factory=dict)
    opml_feeds: "tuple[OpmlFeed, ...]" = ()
    topics: "tuple[CompiledTopic, ...]" = ()
    warnings: tuple[Complaint, ...] = ()


class Config(Table):
    """config.toml, defaults filled in."""

    version: Literal[1] = Field(examples=["1"])
    timezone: TimeZone = "UTC"
    network: NetworkTable = Field(default_factory=NetworkTable)
    polling: Polling = Field(default_factory=Polling)
    articles: Articles = Field(default_factory=Articles)
    storage: Storage = Field(default_factory=Storage)
    opml: Opml | None = None
    feeds: dict[Id, FeedTable] = Field(default_factory=dict)
    sites: dict[HostName, Site] = Field(default_factory=dict)
    topics: dict[Id, TopicTable] = Field(default_factory=dict)
    subscribers: dict[Id, SubscriberTable] = Field(default_factory=dict)
    smtp: Smtp | None = None
    web: Web = Field(default_factory=Web)

    _found: Found = PrivateAttr(default_factory=lambda: Found(source=Source(file="config.toml", text="")))

    @property
    def folder(self) -> FilePath:
        """Where relative paths begin: beside config.toml."""
        return self._found.source.folder

    @property
    def found(self) -> Found:
        return self._found

    @property
    def warnings(self) -> tuple[Complaint, ...]:
        return self._found.warnings
