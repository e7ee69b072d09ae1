"""Rows to begin with: one line each, defaults for what a test does not name."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.model import Article, Delivery, Entry, Feed, Match, Story
from monitor.pipeline import is_one_page
from monitor.store import articles, deliveries, feeds, stories
from monitor.store.articles import ArticleRead
from monitor.store.database import Database
from monitor.store.deliveries import Closing, DigestClaim
from monitor.store.feeds import FeedPoll, NewEntry
from monitor.store.stories import Judgement, NewAlert, NewMember

LEASE = timedelta(minutes=1)


def a_feed(feed_id: str = "nato", **fields: Any) -> Feed:
    return Feed(id=feed_id, **({"url": f"https://{feed_id}.example/feed"} | fields))


def an_entry(key: str = "e1", **fields: Any) -> Entry:
    return Entry(key=key, **({"url": f"https://nato.example/{key}", "title": f"Title of {key}", "sha256": f"hash of {key}"} | fields))


def a_new_entry(key: str = "e1", **fields: Any) -> NewEntry:
    given = an_entry(key, **fields)
    return NewEntry(entry=given, url_key=given.url.removeprefix("https://"), outlet="nato.example", language="en", is_backfill=False)


class Told:
    """The store as the steps see it, with short names for the test."""

    def __init__(self, database: Database, now: datetime):
        self.database, self.now = database, now

    def write(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.database.write_now(function, *args, **kwargs)

    def has_feeds(self, *found: Feed) -> None:
        self.write(feeds.sync_feeds, list(found), self.now)
        self.write(feeds.sync_topics, [("topic", "A topic", "v1")])
        self.write(feeds.sync_subscribers, ["desk", "night"])

    def claims_feed(self, **kwargs: Any) -> Any:
        return self.write(feeds.claim_feeds, self.now, LEASE, 10, **kwargs)

    def polled(self, *new: NewEntry, edited: tuple[Entry, ...] = ()) -> None:
        """A poll that brought these entries."""
        (claim,) = self.claims_feed(even_if_not_due=True)
        head = replace(claim.feed, polled_at=self.now, next_poll_at=self.now + timedelta(minutes=15))
        self.write(feeds.save_polls, [FeedPoll(feed=head, attempt=claim.attempt, at=self.now, outcome="changed", new=new, edited=edited)])
        self.now += timedelta(seconds=1)

    def read(self, text: str = "The text.") -> list[Article]:
        """All that is due is read."""
        claims = self.write(articles.claim_articles, "read", self.now, LEASE, 100)
        done = [replace(claim.article, text=text) for claim in claims]
        reads = [ArticleRead(article=each, attempt=claim.attempt, at=self.now) for claim, each in zip(claims, done, strict=True)]
        if reads:
            self.write(articles.save_reads, reads, is_one_page)
        return done

    def judged(self, *, story_id: int = 1, action: str = "now", step: int = 0, subscriber: str = "desk", key: str = "story-1", kind: str = "alert") -> set[int]:
        """All that is due is judged: it belongs to the story, and the subscriber is told."""
        claims = self.write(articles.claim_articles, "judge", self.now, LEASE, 100)
        told = NewAlert(
            subscriber=subscriber,
            topic="topic",
            topic_version="v1",
            story_id=story_id,
            action=action,
            reason="new-story",
            step=step,
            score=0.9,
            digest_kind=None if action == "silent" else kind,
            digest_key=None if action == "silent" else key,
            closes_at=None if action == "silent" else self.now,
        )
        match = Match(topic="topic", topic_version="v1", score=0.9, rule_holds=True, matched=True, alert=True, reason="matched")
        member = NewMember(story_id=story_id, at=self.now, reason="no-candidate", score=0.0, copy_of=None, outlet="nato.example", language="en", vector=b"v")
        story = Story(id=story_id, title="A story", first_seen_at=self.now, last_seen_at=self.now)
        judgements = [
            Judgement(article_id=c.article.id, attempt=c.attempt, version=c.article.version, at=self.now, matches=(match,), member=member, alerts=(told,))
            for c in claims
        ]
        return self.write(stories.save_judgements, judgements, {story_id: story}, {("en", ""): len(claims)})

    def closes(self, claim: DigestClaim, made: Sequence[Delivery] = (), *, members: Collection[tuple[int, int]] = ()) -> bool:
        """The digest is put into these words."""
        (held,) = self.write(deliveries.save_digests, [Closing(claim=claim, deliveries=made, members=members, at=self.now, news_at=self.now)])
        return held
