"""What one key cannot tell: names that lead nowhere, files that are not there, things said twice."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path as FilePath
from time import process_time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from monitor.config import secrets
from monitor.config.schema import AuthTable, ChannelTable, Config, Found, Table, TopicTable
from monitor.config.source import Path, Source
from monitor.config.units import nearest
from monitor.errors import QueryError
from monitor.urls import canonical

if TYPE_CHECKING:
    from monitor.feeds.opml import OpmlFeed
    from monitor.matcher.query import CompiledTopic, Group

# More than a stranger's OPML may hold: this one the operator names, and benchmarks run on 10,000 feeds.
_MOST_OPML_FEEDS = 50_000
_PATTERN_MS = 50  # a re: term may take in one article


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to tell the operator about a key.

    looked_at: the table whose values led to it (usually the one the key is in).
    is_lack: something was not found there.
    """

    path: Path
    message: str
    hint: str
    is_warning: bool = False
    is_lack: bool = False
    looked_at: Path | None = None

    def is_a_guess(self, wrong: Collection[Path], unknown: Collection[Path]) -> bool:
        """It may only mirror another complaint, and waits until that is mended.

        wrong: keys with a value that cannot be; what was seen in their table may be their doing.
        unknown: keys that do not exist; one of them, misspelt, may be what was lacking.
        """
        table = self.path[:-1] if self.looked_at is None else self.looked_at
        return any(path[: len(table)] == table for path in wrong) or (self.is_lack and any(path[:-1] == table for path in unknown))

    @property
    def words(self) -> tuple[Path, str, str]:
        return self.path, self.message, self.hint


def look_around(config: Config, source: Source, tables: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[list[Finding], Found]:
    """Check what lies between the keys, and fetch what they point to.

    tables: all that was written, also what was too wrong to become part of config, so that a name counts as known
    even where the table behind it has its own trouble.
    """
    folder = source.folder
    findings = [*_network(config), *_intervals(config), *_feeds(config), *_subscribers(config, tables), *_notices(config), *_smtp(config), *_emptiness(config)]
    found = Found(
        source=source,
        tables=tables,
        topics=tuple(_compiled_topics(config, findings)),
        opml_feeds=tuple(_opml_feeds(config, folder, findings)),
        secrets=dict(_secrets(config, folder, environ, findings)),
    )
    return findings, found


def _network(config: Config) -> Iterator[Finding]:
    if not config.network.contact:
        hint = 'set contact to a web page or mail address, such as "https://example.org/about"'
        yield Finding(path=("network", "contact"), message="publishers cannot reach you", hint=hint, is_warning=True)


def _intervals(config: Config) -> Iterator[Finding]:
    usual = config.polling.interval
    if usual.min > usual.max:
        yield Finding(path=("polling", "interval", "max"), message="is below min", hint="make max at least as long as min")
        return
    for feed_id, feed in config.feeds.items():
        if (feed.interval.min or usual.min) > (feed.interval.max or usual.max):
            which = "max" if feed.interval.max else "min"
            hint = "set both min and max for this feed; what is left out comes from [polling]"
            yield Finding(path=("feeds", feed_id, "interval", which), message="max is below min", hint=hint)


def _feeds(config: Config) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for feed_id, feed in config.feeds.items():
        other = first.setdefault(canonical(feed.url) or feed.url, feed_id)
        if other != feed_id:
            path: Path = ("feeds", feed_id, "url")
            yield Finding(path=path, message=f'the feed "{other}" has this address too', hint="remove one of the two", looked_at=path)
        if feed.auth:
            yield from _auth(feed.auth, feed.url, ("feeds", feed_id, "auth"))


def _auth(auth: AuthTable, url: str, here: Path) -> Iterator[Finding]:
    has_password, has_token = bool(_way(auth, "password")), bool(_way(auth, "token"))
    if auth.username and not has_password:
        hint = "add password_file, password_env or password_credential"
        yield Finding(path=(*here, "username"), message="a username needs a password", hint=hint, is_lack=True)
    elif has_password and not auth.username:
        hint = "add username; a secret without a name is a token"
        yield Finding(path=(*here, "username"), message="a password needs a username", hint=hint, is_lack=True)
    elif has_password and has_token:
        yield Finding(path=here, message="names a password and a token", hint="keep one of them", looked_at=here)
    elif not has_password and not has_token:
        hint = 'write { username = "…", password_file = "…" }, or { token_file = "…" }'
        yield Finding(path=here, message="names no secret", hint=hint, is_lack=True, looked_at=here)
    if auth.header and not has_token:
        yield Finding(path=(*here, "header"), message="takes a token, and there is none", hint="add token_file, or remove header", is_lack=True)
    if url.startswith("http:") and not _is_loopback(urlsplit(url).hostname or ""):
        hint = "ask it over https, if the server can"
        yield Finding(path=here, message="the login travels in the clear", hint=hint, is_warning=True)


def _opml_feeds(config: Config, folder: FilePath, findings: list[Finding]) -> "Iterator[OpmlFeed]":
    if config.opml is None:
        return
    from monitor.feeds import opml

    path = folder / config.opml.file
    try:
        listed = opml.read(path.read_bytes(), max_feeds=_MOST_OPML_FEEDS)
    except OSError as error:
        findings.append(Finding(path=("opml", "file"), message=f"{path} cannot be read: {error.strerror}", hint="relative paths begin beside config.toml"))
        return
    except ValueError as error:
        findings.append(Finding(path=("opml", "file"), message=f"{path}: {error}", hint="export it again from the reader it came from"))
        return
    configured = {canonical(feed.url) for feed in config.feeds.values()}
    for feed in listed:
        if canonical(feed.url) not in configured:
            yield feed


def _compiled_topics(config: Config, findings: list[Finding]) -> "Iterator[CompiledTopic]":
    from monitor.matcher.query import Group, compile_topic
    from monitor.matcher.score import Pair, Places

    for topic_id, topic in config.topics.items():
        here: Path = ("topics", topic_id)
        if topic.alert_at < topic.digest_at:
            hint = "what is told at once is matched too, so alert_at is at least digest_at"
            findings.append(Finding(path=(*here, "alert_at"), message=f"{topic.alert_at:g} is below digest_at = {topic.digest_at:g}", hint=hint))
        if topic.places.lead < topic.places.body:
            message = f"{topic.places.body:g} is more than lead = {topic.places.lead:g}"
            findings.append(Finding(path=(*here, "places", "body"), message=message, hint="a word behind the lead says no more than one in it"))
        if not topic.groups:
            hint = f'add [topics.{topic_id}.groups] with lines such as: ukraine = {{ weight = 2.0, terms = ["ukrain*"] }}'
            findings.append(Finding(path=(*here, "groups"), message="a topic without groups finds nothing", hint=hint, is_lack=True))
            continue
        groups = {name: Group(weight=group.weight, terms=group.terms) for name, group in topic.groups.items()}
        try:
            compiled = compile_topic(
                topic_id,
                title=topic.title or topic_id,
                rule=topic.rule,
                groups=groups,
                digest_at=topic.digest_at,
                alert_at=topic.alert_at,
                bias=topic.bias,
                places=Places(**topic.places.model_dump()),
                near=[Pair(left=pair.groups[0], right=pair.groups[1], words=pair.words, weight=pair.weight) for pair in topic.near],
                look_alikes=topic.look_alikes,
            )
        except QueryError:
            findings += _query_trouble(here, topic, groups)
            continue
        findings += _slow_patterns(here, topic, compiled)
        findings += _idle_groups(here, compiled)
        yield compiled


def _idle_groups(here: Path, compiled: "CompiledTopic") -> Iterator[Finding]:
    """Groups that change nothing."""
    from monitor.matcher.rule import groups_of

    at_work = groups_of(compiled.rule) | {name for pair in compiled.near if pair.weight for name in (pair.left, pair.right)}
    for name, group in compiled.groups.items():
        if not group.weight and name not in at_work:
            hint = "name it in the rule or in near, or give it a weight"
            yield Finding(path=(*here, "groups", name), message="does nothing: it weighs 0, and neither the rule nor near names it", hint=hint, is_warning=True)


def _slow_patterns(here: Path, topic: TopicTable, compiled: "CompiledTopic", budget_ms: float = _PATTERN_MS) -> Iterator[Finding]:
    """Patterns that take too long on a text made against them, although their parse tree looks harmless."""
    from monitor.matcher.terms import hostile_texts, search_all

    for term in compiled.lexicon.terms:
        if term.pattern is None:
            continue
        for text in hostile_texts(term):
            if all(_cpu_ms(search_all, term, text) > budget_ms for _ in range(3)):  # once may be the machine's fault
                path: Path = (*here, "groups", term.group, "terms", topic.groups[term.group].terms.index(term.written))
                hint = "say more plainly what is looked for: smaller counts in { }, fewer |, a word that it begins with"
                yield Finding(path=path, message=f"takes longer than {budget_ms:g} ms on a text made against it", hint=hint)
                break


def _cpu_ms(do: Callable[..., object], *given: object) -> float:
    began = process_time()
    do(*given)
    return 1000 * (process_time() - began)


def _query_trouble(here: Path, topic: TopicTable, groups: "Mapping[str, Group]") -> Iterator[Finding]:
    """All that is wrong with a topic's rule and terms, each where it stands; compiling stops at the first."""
    from monitor.matcher.query import known_group, parse_rule
    from monitor.matcher.terms import read_term

    for name, group in topic.groups.items():
        terms: Path = (*here, "groups", name, "terms")
        if not group.terms:
            yield Finding(path=terms, message="holds no terms", hint='write terms = ["ukrain*"], or remove the group')
        for position, term in enumerate(group.terms):
            try:
                read_term(name, term)
            except QueryError as error:
                yield Finding(path=(*terms, position), message=f"{error.message} at column {error.column}", hint=error.hint)
    for position, pair in enumerate(topic.near):
        for number, name in enumerate(pair.groups):
            try:
                known_group(name, groups)
            except QueryError as error:
                yield Finding(path=(*here, "near", position, "groups", number), message=error.message, hint=error.hint, looked_at=(*here, "groups"))
    try:
        parse_rule(topic.rule, groups)
    except QueryError as error:
        yield Finding(path=(*here, "rule"), message=f"{error.message} at column {error.column}", hint=error.hint, looked_at=(*here, "groups"))


def _subscribers(config: Config, tables: Mapping[str, Any]) -> Iterator[Finding]:
    known = tuple(tables["topics"]) if isinstance(tables.get("topics"), dict) else ()
    for subscriber_id, subscriber in config.subscribers.items():
        here: Path = ("subscribers", subscriber_id)
        for position, topic in enumerate(subscriber.topics):
            if topic not in known:
                meant = nearest(topic, known)
                hint = f'did you mean "{meant}"?' if meant else f"topics here: {', '.join(known) or 'none'}"
                yield Finding(path=(*here, "topics", position), message=f'there is no topic "{topic}"', hint=hint)
        written = tables["subscribers"][subscriber_id]
        if "digest" not in written and "alert" not in written:
            path: Path = (*here, "digest")
            yield Finding(path=path, message="hears neither digests nor alerts", hint='add digest = { at = ["07:30"] }, or alert = {}', looked_at=path)
        keys = set()
        for position, channel in enumerate(subscriber.channels):
            yield from _channel(channel, (*here, "channels", position), has_smtp="smtp" in tables)
            key = tuple(channel.kinds.items())
            if key and key in keys:
                path = (*here, "channels", position)
                yield Finding(path=path, message="is the same channel as one before", hint="remove one; both would get every message", looked_at=path)
            keys.add(key)


def _notices(config: Config) -> Iterator[Finding]:
    has_feeds = bool(config.feeds or config.opml)
    if has_feeds and config.subscribers and not any(subscriber.notices for subscriber in config.subscribers.values()):
        first = next(iter(config.subscribers))
        hint = "add notices = true to the subscriber who looks after the feeds"
        yield Finding(path=("subscribers", first), message="nobody is told when a feed is given up", hint=hint, is_warning=True)


def _channel(channel: ChannelTable, here: Path, *, has_smtp: bool) -> Iterator[Finding]:
    kinds = list(channel.kinds)
    secret = _way(channel, "secret")
    if len(kinds) != 1:
        message = f"names {' and '.join(kinds)}" if kinds else "names no kind of channel"
        hint = 'write one of email, webhook and file a channel, such as { email = "desk@example.org" }'
        yield Finding(path=here, message=message, hint=hint, is_lack=True, looked_at=here)
    elif kinds == ["email"] and not has_smtp:
        yield Finding(path=(*here, "email"), message="mail needs a server to send it", hint="add [smtp] with host and from")
    elif kinds == ["webhook"] and not secret:
        hint = "make 24 to 64 random bytes with: openssl rand -base64 32 > hook.secret; chmod 600 hook.secret; then add secret_file"
        yield Finding(path=(*here, "webhook"), message="receivers cannot tell who sent it: there is no secret to sign with", hint=hint, is_warning=True)
    elif kinds != ["webhook"] and secret:
        yield Finding(path=(*here, f"secret_{secret[0]}"), message="only webhooks are signed", hint="remove it")


def _smtp(config: Config) -> Iterator[Finding]:
    smtp = config.smtp
    if smtp is None:
        return
    has_password = bool(_way(smtp, "password"))
    if smtp.security == "none" and not _is_loopback(smtp.host):
        hint = 'use "starttls" (port 587) or "tls" (port 465); "none" is for a server on this machine'
        yield Finding(path=("smtp", "security"), message=f"mail to {smtp.host} would travel in the clear", hint=hint)
    if smtp.username and not has_password:
        hint = "add password_file, password_env or password_credential"
        yield Finding(path=("smtp", "username"), message="a username needs a password", hint=hint, is_lack=True)
    if has_password and not smtp.username:
        yield Finding(path=("smtp", "username"), message="a password needs a username", hint="add username, or remove the password", is_lack=True)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _emptiness(config: Config) -> Iterator[Finding]:
    """A watch with nothing to watch is allowed (one begins somewhere), but said."""
    for name, present, lack in (
        ("feeds", bool(config.feeds or config.opml), "nothing is polled"),
        ("topics", bool(config.topics), "nothing is looked for"),
        ("subscribers", bool(config.subscribers), "nobody is told"),
    ):
        if not present:
            yield Finding(path=(name,), message=lack, hint=f"add a [{name}.…] table", is_warning=True)


def _secrets(config: Config, folder: FilePath, environ: Mapping[str, str], findings: list[Finding]) -> Iterator[tuple[Path, SecretStr]]:
    for holder, here, stem in secret_holders(config):
        named = _way(holder, stem)
        if len(named) > 1:
            message = f"{' and '.join(f'{stem}_{way}' for way in named)} are both given"
            findings.append(Finding(path=(*here, f"{stem}_{named[1]}"), message=message, hint="keep one of them"))
            continue
        for way in named:
            key: Path = (*here, f"{stem}_{way}")
            try:
                secret = secrets.read(way, getattr(holder, f"{stem}_{way}"), folder=folder, environ=environ)
            except secrets.NoSecret as error:
                findings.append(Finding(path=key, message=error.message, hint=error.hint, looked_at=(*here, "groups")))
                continue
            if stem != "secret" and here[0] == "feeds" and not secret.get_secret_value().isprintable():
                findings.append(Finding(path=key, message="the secret has several lines", hint="keep one password or token alone in it"))
            if stem == "secret" and (reason := secrets.why_it_cannot_sign(secret)):
                findings.append(Finding(path=key, message=f"the secret {reason}", hint="make one with: openssl rand -base64 32"))
            yield (*here, stem), secret


def secret_holders(config: Config) -> Iterator[tuple[Table, Path, str]]:
    """Every table that may name a secret, where it stands, and how its key begins."""
    if config.smtp:
        yield config.smtp, ("smtp",), "password"
    for feed_id, feed in config.feeds.items():
        if feed.auth:
            has_token = bool(_way(feed.auth, "token"))
            if feed.auth.username or not has_token:
                yield feed.auth, ("feeds", feed_id, "auth"), "password"
            if has_token:
                yield feed.auth, ("feeds", feed_id, "auth"), "token"
    for subscriber_id, subscriber in config.subscribers.items():
        for position, channel in enumerate(subscriber.channels):
            if channel.webhook is not None:
                yield channel, ("subscribers", subscriber_id, "channels", position), "secret"


def _way(holder: Table, stem: str) -> list[str]:
    """The ways in which a table names its secret; one, unless the operator erred."""
    return [way for way in secrets.WAYS if getattr(holder, f"{stem}_{way}") is not None]
