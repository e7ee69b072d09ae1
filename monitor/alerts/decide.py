"""Who should hear of a story, when, and why (not)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from monitor.alerts.clock import Slot, next_slot, quiet_until
from monitor.alerts.headline import differs_materially
from monitor.model import AlertRule, Article, Match, Subscriber
from monitor.status import ArticleStatus

# Nine of ten stories end within a day, and the third outlet comes hours after the first (research/stories.md §4):
# these marks are passed by events that matter, not by routine.
GROWTH_MARKS = (5, 10, 20)  # independent sources
GROWTH_GAP = timedelta(hours=3)
GROWTH_END = timedelta(hours=48)

# Steps below the marks: told for the first time; told at once after only a digest had it; told anew because its article can be read in full now.
FIRST, ROSE, READABLE = 0, 1, 2
HEADLINES = 3  # told anew because the headline changed, as steps -1, -2 and -3; outlets that try out headlines do it all day
NEWS_END = timedelta(hours=48)  # after it was told first, neither another headline nor the whole text is news


class Action(StrEnum):
    NOW = "now"
    DIGEST = "digest"
    SILENT = "silent"


class Reason(StrEnum):
    """Why somebody hears of a story at once, later, or not at all."""

    NEW_STORY = "new-story"
    ROSE = "rose"  # a digest has it already, but now it is worth an alert
    GREW = "grew"
    HEADLINE_CHANGED = "headline-changed"
    NOW_IN_FULL = "now-in-full"  # what could not be read, or not all of it, when it was told
    NOT_MATCHED = "not-matched"
    BELOW_DIGEST_THRESHOLD = "below-digest-threshold"
    BELOW_ALERT_SCORE = "below-alert-score"
    BACKFILL = "backfill"
    NO_DIGEST_SCHEDULE = "no-digest-schedule"
    STORY_ALREADY_TOLD = "story-already-told"
    GROWTH_TOO_SOON = "growth-too-soon"
    GROWTH_TOO_LATE = "growth-too-late"
    QUIET_HOURS = "quiet-hours"
    OVER_HOURLY_CAP = "over-hourly-cap"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryNow:
    """The story with the article in it."""

    id: int
    first_seen_at: datetime
    source_count: int = 1
    independent_count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the subscriber has been told (or will be, by a digest that is open) of this story and topic.

    steps: FIRST, ROSE, READABLE, the marks of growth, and below FIRST the changes of headlines. only_in_digest: never at once so far.
    headline: this article's, as it was when the subscriber was last told because of it; "" where another article spoke.
    status: how much of the article we had then, None where another article spoke.
    alerts_last_hour: alerts at once of any story.
    """

    first_told_at: datetime | None = None
    last_told_at: datetime | None = None
    steps: frozenset[int] = frozenset()
    headline: str = ""
    status: ArticleStatus | None = None
    only_in_digest: bool = False
    alerts_last_hour: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do, and why.

    step: FIRST, ROSE, READABLE, the mark of growth, or below FIRST which change of the headline; with subscriber, topic and story it is told only once.
    key: of the digest that carries it, unique per subscriber and kind; alerts with one key travel together. "" when silent.
    closes_at: when that digest closes, always after now unless nothing has to settle. None when silent.
    """

    action: Action
    reason: Reason
    step: int = FIRST
    key: str = ""
    closes_at: datetime | None = None

    @property
    def is_held(self) -> bool:
        """It is worth an alert, but not at this hour."""
        return self.action is Action.NOW and self.reason in (Reason.QUIET_HOURS, Reason.OVER_HOURLY_CAP)


def decide(match: Match, *, article: Article, story: StoryNow, subscriber: Subscriber, told: Told, now: datetime) -> Decision:
    """Whether this article makes its story worth telling to this subscriber of the match's topic."""
    if not match.matched:
        return _silent(Reason.BELOW_DIGEST_THRESHOLD if match.rule_holds else Reason.NOT_MATCHED)
    if article.is_backfill:
        return _silent(Reason.BACKFILL)
    is_alert = _is_alert(match, subscriber.alert)
    if told.first_told_at is None:
        if is_alert:
            return _at_once(match, story, subscriber, told, now, FIRST, Reason.NEW_STORY)
        return _in_digest(subscriber, now, FIRST, Reason.BELOW_ALERT_SCORE if subscriber.alert else Reason.NEW_STORY)
    if is_alert and told.only_in_digest and ROSE not in told.steps:
        return _at_once(match, story, subscriber, told, now, ROSE, Reason.ROSE)
    if has_new_headline(article, told, now):
        return _as_before(match, story, subscriber, told, now, min((*told.steps, FIRST)) - 1, Reason.HEADLINE_CHANGED)
    if is_now_in_full(article, told, now):
        return _as_before(match, story, subscriber, told, now, READABLE, Reason.NOW_IN_FULL)
    return _follow_up(match, story, subscriber, told, now)


def has_new_headline(article: Article, told: Told, now: datetime) -> bool:
    """Whether what the subscriber was told of this article is no longer what it says; not for ever, and not again and again."""
    if not told.headline or told.first_told_at is None or now - told.first_told_at > NEWS_END:
        return False
    return min(told.steps, default=FIRST) > FIRST - HEADLINES and differs_materially(told.headline, article.title)


def is_now_in_full(article: Article, told: Told, now: datetime) -> bool:
    """Whether the article can be read in full, of which the subscriber was told when we had less than it; once for a story, and not for ever.

    Where the feed's own words were enough nothing was missing.
    """
    if told.status is None or told.first_told_at is None or now - told.first_told_at > NEWS_END or READABLE in told.steps:
        return False
    return article.status is ArticleStatus.FULL and told.status not in (ArticleStatus.FULL, ArticleStatus.FEED_ONLY)


def _is_alert(match: Match, rule: AlertRule | None) -> bool:
    if rule is None:
        return False
    return match.alert if rule.min_score is None else match.score >= rule.min_score


def _follow_up(match: Match, story: StoryNow, subscriber: Subscriber, told: Told, now: datetime) -> Decision:
    """A told story speaks again only when it has clearly grown."""
    assert told.first_told_at is not None
    step = max((mark for mark in GROWTH_MARKS if mark <= story.independent_count), default=FIRST)
    if step <= max(told.steps, default=FIRST):
        return _silent(Reason.STORY_ALREADY_TOLD)
    if now - told.first_told_at > GROWTH_END:
        return _silent(Reason.GROWTH_TOO_LATE)
    if now - (told.last_told_at or told.first_told_at) < GROWTH_GAP:
        return _silent(Reason.GROWTH_TOO_SOON)  # the mark stays open: the next article asks again
    return _as_before(match, story, subscriber, told, now, step, Reason.GREW)


def _as_before(match: Match, story: StoryNow, subscriber: Subscriber, told: Told, now: datetime, step: int, reason: Reason) -> Decision:
    """What is told again travels as it did the first time."""
    if subscriber.alert and not told.only_in_digest:
        return _at_once(match, story, subscriber, told, now, step, reason)
    return _in_digest(subscriber, now, step, reason)


def _at_once(match: Match, story: StoryNow, subscriber: Subscriber, told: Told, now: datetime, step: int, reason: Reason) -> Decision:
    rule = subscriber.alert
    assert rule is not None
    held = quiet_until(rule.quiet, subscriber.timezone, now) if rule.quiet else None
    if held and (rule.break_through is None or match.score < rule.break_through):
        return _now(Slot(key=f"quiet-until-{held.key}", closes_at=held.closes_at), Reason.QUIET_HOURS, step)
    if told.alerts_last_hour >= rule.max_per_hour:
        if subscriber.digest:
            return _in_digest(subscriber, now, step, Reason.OVER_HOURLY_CAP)
        return _now(_overflow(now), Reason.OVER_HOURLY_CAP, step)
    # The time is part of the key: what is judged together travels together, and nothing joins a message that has left.
    return _now(Slot(key=f"story-{story.id}-{step}@{now.isoformat()}", closes_at=now + timedelta(seconds=rule.settle_s)), reason, step)


def _overflow(now: datetime) -> Slot:
    """What is too much for an hour leaves in one message at the next full hour."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return Slot(key=f"overflow-{hour:%Y-%m-%dT%H:%MZ}", closes_at=hour)


def _now(slot: Slot, reason: Reason, step: int) -> Decision:
    return Decision(action=Action.NOW, reason=reason, step=step, key=slot.key, closes_at=slot.closes_at)


def _in_digest(subscriber: Subscriber, now: datetime, step: int, reason: Reason) -> Decision:
    if subscriber.digest is None:
        return _silent(reason if reason is Reason.BELOW_ALERT_SCORE else Reason.NO_DIGEST_SCHEDULE)
    slot = next_slot(subscriber.digest, subscriber.timezone, now)
    return Decision(action=Action.DIGEST, reason=reason, step=step, key=slot.key, closes_at=slot.closes_at)


def _silent(reason: Reason) -> Decision:
    return Decision(action=Action.SILENT, reason=reason)
