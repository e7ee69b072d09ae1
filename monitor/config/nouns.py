"""The configuration in the words of model.py: what service, store and commands work with."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from monitor import model
from monitor.articles.sites import SiteRules
from monitor.config.schema import AlertTable, ChannelTable, Config, DigestTable, FeedTable, SubscriberTable
from monitor.urls import outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """How one feed is asked: its own keys, and [polling] and [network] where it has none.

    has_own_max: `interval_max` was set for this feed alone.
    private_headers: its login and its own headers, for its own address alone.
    """

    interval_min: timedelta
    interval_max: timedelta
    adaptive: bool
    backfill: timedelta
    flood: int
    disable_after: timedelta
    timeout: timedelta
    has_own_max: bool
    retry_after: Literal["feed", "host", "domain"]
    max_feed_bytes: int
    max_page_bytes: int
    private_headers: Mapping[str, str] = field(repr=False)
    allow_downgrade: bool


_NO_TABLE = FeedTable.model_construct()  # made once: pydantic takes 40 µs for it, and a list may hold ten thousand feeds


def feeds(config: Config) -> list[model.Feed]:
    """Every feed to poll, those of [feeds] first; what polling learned about them (validators, failures) is in the store."""
    usual = feed_settings(config, "")
    listed = [
        _feed(
            feed_id,
            feed.url,
            feed.title,
            feed.site,
            feed.language,
            feed.outlet or outlet(feed.site or feed.url),
            feed_settings(config, feed_id) if has_own_settings(config, feed_id) else usual,
        )
        for feed_id, feed in config.feeds.items()
    ]
    if config.found.opml_feeds:
        from monitor.feeds.opml import feed_id as id_of

        listed += [
            _feed(id_of(feed.title, feed.url), feed.url, feed.title, feed.site_url, feed.language, outlet(feed.site_url or feed.url), usual)
            for feed in config.found.opml_feeds
        ]
    return listed


def _feed(feed_id: str, url: str, title: str, site_url: str, language: str, published_by: str, settings: FeedSettings) -> model.Feed:
    return model.changed(
        _EMPTY,
        id=feed_id,
        url=url,
        title=title,
        site_url=site_url,
        outlet=published_by,
        language=language,
        interval_min_s=settings.interval_min.total_seconds(),
        interval_max_s=settings.interval_max.total_seconds(),
    )


_EMPTY = model.Feed(id="", url="")


_WHAT_IT_IS = frozenset(("url", "title", "site", "language", "outlet", "group"))


def has_own_settings(config: Config, feed_id: str) -> bool:
    """Whether a feed is asked in another way than is usual; most are not, and the usual settings are made once for all of them."""
    own = config.feeds.get(feed_id)
    return own is not None and not own.model_fields_set <= _WHAT_IT_IS


def feed_settings(config: Config, feed_id: str) -> FeedSettings:
    """feed_id: of a feed in [feeds]; any other (out of OPML, or gone) gets the usual settings."""
    polling, network = config.polling, config.network
    own = config.feeds.get(feed_id) or _NO_TABLE
    return FeedSettings(
        interval_min=own.interval.min or polling.interval.min,
        interval_max=own.interval.max or polling.interval.max,
        adaptive=polling.interval.adaptive if own.interval.adaptive is None else own.interval.adaptive,
        backfill=polling.backfill if own.backfill is None else own.backfill,
        flood=polling.flood if own.flood is None else own.flood,
        disable_after=own.disable_after or polling.disable_after,
        timeout=own.timeout or network.timeout,
        has_own_max=own.interval.max is not None,
        retry_after=own.retry_after or network.retry_after,
        max_feed_bytes=own.max_size.feed or network.max_size.feed,
        max_page_bytes=own.max_size.page or network.max_size.page,
        private_headers=_private_headers(config, feed_id, own),
        allow_downgrade=own.allow_downgrade,
    )


def _private_headers(config: Config, feed_id: str, own: FeedTable) -> dict[str, str]:
    if own.auth is None:
        return dict(own.headers)
    secrets = config.found.secrets
    if token := secrets.get(("feeds", feed_id, "auth", "token")):
        value = token.get_secret_value()
        return own.headers | ({own.auth.header: value} if own.auth.header else {"Authorization": f"Bearer {value}"})
    password = secrets.get(("feeds", feed_id, "auth", "password"))
    login = f"{own.auth.username}:{password.get_secret_value() if password else ''}"
    return own.headers | {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}


def subscribers(config: Config) -> list[model.Subscriber]:
    """A file channel whose folder is "" writes to the spool; other folders begin beside config.toml."""
    return [_subscriber(config, subscriber_id, subscriber) for subscriber_id, subscriber in config.subscribers.items()]


def _subscriber(config: Config, subscriber_id: str, subscriber: SubscriberTable) -> model.Subscriber:
    return model.Subscriber(
        id=subscriber_id,
        topics=subscriber.topics,
        channels=tuple(_channel(config, channel) for channel in subscriber.channels),
        timezone=subscriber.timezone or config.timezone,
        language=subscriber.language or "en",
        digest=_digest_times(subscriber.digest) if subscriber.digest else None,
        alert=_alert_rule(subscriber.alert) if subscriber.alert else None,
        notices=subscriber.notices,
    )


def _digest_times(digest: DigestTable) -> model.DigestTimes:
    return model.DigestTimes(at=tuple(sorted(set(digest.at))), weekdays=digest.days, when_empty=digest.when_empty)


def _alert_rule(alert: AlertTable) -> model.AlertRule:
    return model.AlertRule(
        min_score=alert.min_score,
        max_per_hour=alert.max_per_hour,
        quiet=alert.quiet,
        break_through=alert.break_through,
        settle_s=alert.settle.total_seconds(),
    )


def _channel(config: Config, channel: ChannelTable) -> model.Channel:
    kind, address = next(iter(channel.kinds.items()))
    if kind == "file" and address:
        address = str(config.folder / address)
    return model.Channel(key=f"{kind}:{address}", kind=model.ChannelKind(kind), address=address, only=channel.only)


def channel_secrets(config: Config) -> dict[tuple[str, str], str]:
    """(subscriber id, channel key) → the secret that signs its messages; several, parted by blanks, while one is replaced."""
    secrets = {}
    for subscriber_id, subscriber in config.subscribers.items():
        for position, channel in enumerate(subscriber.channels):
            secret = config.found.secrets.get(("subscribers", subscriber_id, "channels", position, "secret"))
            if secret is not None:
                secrets[subscriber_id, _channel(config, channel).key] = secret.get_secret_value()
    return secrets


def smtp_password(config: Config) -> str:
    """ "" where the server wants none."""
    secret = config.found.secrets.get(("smtp", "password"))
    return secret.get_secret_value() if secret else ""


def site_rules(config: Config) -> dict[str, SiteRules]:
    """What [sites] says, by host."""
    return {
        host: SiteRules(keep=site.keep, drop=site.drop, next_page=site.next_page, canonical_host=site.canonical_host, ignores_robots=site.robots == "ignore")
        for host, site in config.sites.items()
    }
