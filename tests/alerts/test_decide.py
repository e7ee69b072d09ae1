"""Who hears of a story, with a reason for every yes and every no."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.alerts.decide import Action, Decision, Reason, StoryNow, Told, decide
from monitor.model import AlertRule, Article, DigestTimes, Match, Subscriber
from monitor.status import ArticleStatus

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 23, tzinfo=UTC)  # in Brussels
DIGEST = DigestTimes(at=("07:30", "17:00"))
NIGHT = ("22:00", "06:30")


def match(**fields: Any) -> Match:
    usual = {"topic": "nato", "topic_version": "v1", "score": 0.85, "rule_holds": True, "matched": True, "alert": True, "reason": "matched"}
    return Match(**(usual | fields))


def article(**fields: Any) -> Article:
    return Article(**({"id": 1, "url": "https://a.example/1", "url_key": "a.example/1", "title": "A title", "seen_at": NOON} | fields))


def story(independent: int = 1) -> StoryNow:
    return StoryNow(id=7, source_count=independent, independent_count=independent, first_seen_at=NOON)


def desk(**fields: Any) -> Subscriber:
    usual = {"id": "desk", "topics": ("nato",), "channels": (), "timezone": "Europe/Brussels", "digest": DIGEST, "alert": AlertRule()}
    return Subscriber(**(usual | fields))


def told(hours_ago: float = 4, steps: tuple[int, ...] = (0,), **fields: Any) -> Told:
    at = NOON - timedelta(hours=hours_ago)
    return Told(**({"first_told_at": at, "last_told_at": at, "steps": frozenset(steps)} | fields))


def decided(matched: Match | None = None, *, subscriber: Subscriber | None = None, now: datetime = NOON, **fields: Any) -> Decision:
    usual = {"article": article(), "story": story(), "told": Told()}
    return decide(matched or match(), subscriber=subscriber or desk(), now=now, **(usual | fields))


WEAK = match(score=0.6, alert=False)

OTHER = "Quite another headline"
WALLED, IN_FULL = ArticleStatus.BLOCKED, article(status=ArticleStatus.FULL)
CASES = [
    pytest.param({}, Action.NOW, Reason.NEW_STORY, 0, id="a new story is told at once"),
    pytest.param({"matched": WEAK}, Action.DIGEST, Reason.BELOW_ALERT_SCORE, 0, id="a weaker one waits for the digest"),
    pytest.param({"matched": WEAK, "subscriber": desk(digest=None)}, Action.SILENT, Reason.BELOW_ALERT_SCORE, 0, id="a weaker one without a digest"),
    pytest.param({"subscriber": desk(alert=None)}, Action.DIGEST, Reason.NEW_STORY, 0, id="digests only"),
    pytest.param({"subscriber": desk(alert=None, digest=None)}, Action.SILENT, Reason.NO_DIGEST_SCHEDULE, 0, id="neither"),
    pytest.param({"matched": WEAK, "subscriber": desk(alert=AlertRule(min_score=0.5))}, Action.NOW, Reason.NEW_STORY, 0, id="own bar, lower"),
    pytest.param({"subscriber": desk(alert=AlertRule(min_score=0.9))}, Action.DIGEST, Reason.BELOW_ALERT_SCORE, 0, id="own bar, higher"),
    pytest.param(
        {"subscriber": desk(alert=AlertRule(min_score=0.0)), "matched": match(alert=False)}, Action.NOW, Reason.NEW_STORY, 0, id="a bar of zero is a bar"
    ),
    pytest.param({"matched": match(matched=False, rule_holds=False)}, Action.SILENT, Reason.NOT_MATCHED, 0, id="the rule does not hold"),
    pytest.param({"matched": match(matched=False, score=0.3)}, Action.SILENT, Reason.BELOW_DIGEST_THRESHOLD, 0, id="too weak even for a digest"),
    pytest.param({"article": article(is_backfill=True)}, Action.SILENT, Reason.BACKFILL, 0, id="older than the watch"),
    pytest.param({"told": told()}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="the second article of a told story"),
    pytest.param({"told": told(), "story": story(4)}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="four sources are no growth"),
    pytest.param({"told": told(), "story": story(5)}, Action.NOW, Reason.GREW, 5, id="five are"),
    pytest.param({"told": told(), "story": story(12)}, Action.NOW, Reason.GREW, 10, id="a mark may be jumped"),
    pytest.param({"told": told(steps=(0, 5)), "story": story(9)}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="each mark once"),
    pytest.param({"told": told(steps=(0, 10)), "story": story(9)}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="a jumped mark is not told later"),
    pytest.param({"told": told(steps=(0, 5, 10)), "story": story(25)}, Action.NOW, Reason.GREW, 20, id="the last mark"),
    pytest.param({"told": told(hours_ago=2.9), "story": story(5)}, Action.SILENT, Reason.GROWTH_TOO_SOON, 0, id="three hours apart"),
    pytest.param({"told": told(hours_ago=49), "story": story(5)}, Action.SILENT, Reason.GROWTH_TOO_LATE, 0, id="none after two days"),
    pytest.param({"told": told(), "story": story(5), "subscriber": desk(alert=None)}, Action.DIGEST, Reason.GREW, 5, id="growth, digests only"),
    pytest.param({"told": told(only_in_digest=True), "story": story(5), "matched": WEAK}, Action.DIGEST, Reason.GREW, 5, id="growth goes as the story went"),
    pytest.param({"told": told(), "story": story(5), "matched": WEAK}, Action.NOW, Reason.GREW, 5, id="growth of an alerted story, by a weak article"),
    pytest.param({"told": told(only_in_digest=True)}, Action.NOW, Reason.ROSE, 1, id="a story of the digest becomes an alert"),
    pytest.param({"told": told(steps=(0, 1))}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="and only once"),
    pytest.param({"told": told(0.1, headline=OTHER)}, Action.NOW, Reason.HEADLINE_CHANGED, -1, id="Q07 C39 a headline that became another"),
    pytest.param({"told": told(0.1, headline="a titel")}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="Q07 C39 a headline that was put right"),
    pytest.param({"told": told(0.1, (0, -1), headline=OTHER)}, Action.NOW, Reason.HEADLINE_CHANGED, -2, id="and another"),
    pytest.param({"told": told(0.1, (0, -1, -2, -3), headline=OTHER)}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="no fourth headline"),
    pytest.param({"told": told(49, headline=OTHER)}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="no new headline after two days"),
    pytest.param({"told": told(0.1, headline=OTHER, only_in_digest=True), "matched": WEAK}, Action.DIGEST, Reason.HEADLINE_CHANGED, -1, id="Q07 in the digest"),
    pytest.param({"told": told(0.1, headline=OTHER), "matched": match(matched=False)}, Action.SILENT, Reason.BELOW_DIGEST_THRESHOLD, 0, id="no match any more"),
    pytest.param({"told": told(4, (0, -1)), "story": story(5)}, Action.NOW, Reason.GREW, 5, id="a new headline takes no mark of growth"),
    pytest.param({"told": told(24, status=WALLED), "article": IN_FULL}, Action.NOW, Reason.NOW_IN_FULL, 2, id="what was behind a wall can be read"),
    pytest.param({"told": told(24, (0, 2), status=WALLED), "article": IN_FULL}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="and only once"),
    pytest.param({"told": told(24), "article": IN_FULL}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="another article of the story is no news"),
    pytest.param({"told": told(49, status=WALLED), "article": IN_FULL}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="not after two days"),
    pytest.param(
        {"told": told(1, status=ArticleStatus.FULL), "article": article(status=WALLED)}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="no news of a wall"
    ),
    pytest.param(
        {"told": told(1, status=ArticleStatus.FEED_ONLY), "article": IN_FULL}, Action.SILENT, Reason.STORY_ALREADY_TOLD, 0, id="the feed's words were enough"
    ),
    pytest.param({"told": told(24, (0, 2)), "story": story(5)}, Action.NOW, Reason.GREW, 5, id="reading in full takes no mark of growth"),
    pytest.param({"told": Told(alerts_last_hour=12)}, Action.DIGEST, Reason.OVER_HOURLY_CAP, 0, id="too many this hour: the digest has it"),
    pytest.param({"told": Told(alerts_last_hour=12), "subscriber": desk(digest=None)}, Action.NOW, Reason.OVER_HOURLY_CAP, 0, id="too many, no digest: held"),
    pytest.param({"subscriber": desk(alert=AlertRule(quiet=NIGHT)), "now": MIDNIGHT}, Action.NOW, Reason.QUIET_HOURS, 0, id="quiet hours hold it"),
    pytest.param(
        {"subscriber": desk(alert=AlertRule(quiet=NIGHT, break_through=0.85)), "now": MIDNIGHT}, Action.NOW, Reason.NEW_STORY, 0, id="unless it is this big"
    ),
    pytest.param(
        {"subscriber": desk(alert=AlertRule(quiet=NIGHT, break_through=0.8)), "now": MIDNIGHT, "told": Told(alerts_last_hour=12)},
        Action.DIGEST,
        Reason.OVER_HOURLY_CAP,
        0,
        id="breaking through does not break the cap",
    ),
]


@pytest.mark.parametrize(("given", "action", "reason", "step"), CASES)
def test_C39_Q07_every_yes_and_no_has_its_reason(given: dict[str, Any], action: Action, reason: Reason, step: int):
    decision = decided(given.get("matched"), **{name: value for name, value in given.items() if name != "matched"})

    assert (decision.action, decision.reason, decision.step) == (action, reason, step)
    assert (decision.closes_at is None) == (action is Action.SILENT) == (decision.key == "")


def test_the_table_has_every_reason():
    assert {case.values[2] for case in CASES} == set(Reason)


def test_an_alert_settles_before_it_leaves():
    decision = decided(subscriber=desk(alert=AlertRule(settle_s=3)))

    assert decision.closes_at == NOON + timedelta(seconds=3)
    assert not decision.is_held


def test_what_is_judged_together_travels_together_and_nothing_joins_a_message_that_has_left():
    nato, talks = decided(match(topic="nato")), decided(match(topic="talks"))
    later = decided(match(topic="arms"), now=NOON + timedelta(seconds=10))

    assert nato.key == talks.key != later.key


def test_stories_of_the_night_leave_in_one_message_when_it_ends():
    sleeper = desk(alert=AlertRule(quiet=NIGHT))

    first, second = decided(subscriber=sleeper, now=MIDNIGHT), decided(subscriber=sleeper, now=MIDNIGHT + timedelta(hours=5), story=replace(story(), id=8))

    assert first.key == second.key == "quiet-until-2026-11-24T06:30"
    assert first.closes_at == second.closes_at == datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
    assert first.is_held


def test_what_is_too_much_leaves_in_one_message_within_the_hour():
    flooded, many = desk(digest=None), Told(alerts_last_hour=12)

    first, second = decided(subscriber=flooded, told=many), decided(subscriber=flooded, told=many, now=NOON + timedelta(minutes=59))

    assert first.key == second.key == "overflow-2026-11-23T13:00Z"
    assert first.closes_at == second.closes_at == NOON + timedelta(hours=1)
    assert first.is_held


def test_a_digest_carries_its_local_date_and_time():
    decision = decided(WEAK)

    assert decision.key == "2026-11-23T17:00"
    assert decision.closes_at == datetime(2026, 11, 23, 16, tzinfo=UTC)
