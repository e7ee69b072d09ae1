"""Step 3: decide what articles mean: their topics, their story, and who should hear of it."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.alerts.decide import Action, Decision, StoryNow, Told, decide, has_new_headline
from monitor.articles.language import language_of
from monitor.errors import DigestTaken, StoreError
from monitor.matcher.match import prepare
from monitor.model import Article, Match, Story, Subscriber
from monitor.pipeline.batch import one_by_one
from monitor.pipeline.doors import Doors, Settings
from monitor.status import HAS_PAGE
from monitor.store import articles as article_rows
from monitor.store import stories as rows
from monitor.store.articles import ArticleClaim
from monitor.store.stories import Judgement, Member, NewAlert, NewMember, ToldAlert
from monitor.stories.cluster import MOST_REMEMBERED, Index, Piece, Placement, source_counts
from monitor.stories.title import speaker
from monitor.telemetry import MATCHES, STEP_ERRORS, log

TRIES = 4
MEMORY = timedelta(hours=72)  # how long a story takes in new articles


async def judge_articles(doors: Doors, settings: Settings, claims: Sequence[ArticleClaim]) -> None:
    """Judge a batch, in order. T3: stories and members, matches, alerts (also the silent ones, with their reason), open digests.

    Serial, because where a story is placed depends on what was placed just before. If saving fails, what was
    remembered is dropped and rebuilt from rows, so nobody relies on a story that is not there.
    One article that cannot be judged does not hold up its neighbours: they are judged one by one then.
    """
    try:
        await _judged(doors, settings, claims)
    except StoreError:
        raise  # the database's trouble, not an article's
    except Exception as error:
        if len(claims) > 1:
            log.exception("judging-one-by-one", articles=len(claims))
            await one_by_one(lambda claim: judge_articles(doors, settings, [claim]), claims)
        elif doors.stumbles.again(claims[0].article.id):
            raise
        else:
            STEP_ERRORS.labels("judge").inc()
            log.exception("judge-failed", url=claims[0].article.url, advice="the article is passed over")
            await doors.database.write(article_rows.give_up_judging, claims[0], f"internal: {type(error).__name__}")


async def _judged(doors: Doors, settings: Settings, claims: Sequence[ArticleClaim]) -> None:
    now = doors.clock()
    try:
        for _ in range(TRIES):
            try:
                held = await _judge(doors, settings, claims, now)
            except DigestTaken as taken:
                # The next digest is that after this one, also where a clock that went back says that this one lies ahead.
                doors.memory.index, now = None, max(doors.clock(), taken.closes_at or now)
                continue
            if len(held) == len(claims):
                return
            # Some were edited meanwhile. Their neighbours are judged again without them.
            doors.memory.index, claims = None, [claim for claim in claims if claim.article.id in held]
    except BaseException:
        doors.memory.index = None
        raise
    raise StoreError(f"{TRIES} times in a row digests closed, or articles were edited, while these {len(claims)} were judged")


async def _judge(doors: Doors, settings: Settings, claims: Sequence[ArticleClaim], now: datetime) -> Collection[int]:
    """Gives the articles whose claim held; anything is saved only if that is all of them."""
    if not claims:
        return ()
    index = await _remember(doors)
    # In a thread: a long text takes 20 ms, and two hundred of them would keep everything else waiting. Nobody else uses the index meanwhile.
    judged, places = await asyncio.to_thread(_read_and_place, doors, settings, index, claims)
    batch = await _load(doors, {place.story_id for place in places.values()}, now)

    judgements = [_judgement(batch, settings, claim, matches, places.get(claim.article.id)) for claim, matches in judged]
    frequencies = Counter((place.placement.piece.language, stem) for place in places.values() if place.placement for stem in ("", *place.placement.stems))
    held = await doors.database.write(rows.save_judgements, judgements, batch.stories, frequencies)
    if len(held) == len(claims):
        _count(doors, judgements)
    return held


# ------------------------------------------------------------------------------------- topics and story
def _read_and_place(
    doors: Doors, settings: Settings, index: Index, claims: Sequence[ArticleClaim]
) -> tuple[list[tuple[ArticleClaim, tuple[Match, ...]]], dict[int, "_Place"]]:
    """What the topics say of each article, and where those belong of which they say anything, by article."""
    judged = [_with_language(claim, _matches(settings, claim.article)) for claim in claims]
    return judged, {claim.article.id: _place(doors, index, claim.article) for claim, matches in judged if matches}


def _matches(settings: Settings, article: Article) -> tuple[Match, ...]:
    """What each topic says that matches, or lacks no more than one group of what its rule asks for: any other article is nobody's story."""
    return tuple(each for each in settings.topics.judge(prepare(article.title, article.text)) if settings.topics.speak_for(each))


def _with_language(claim: ArticleClaim, matches: tuple[Match, ...]) -> tuple[ArticleClaim, tuple[Match, ...]]:
    """An article that somebody may hear of is given the language it is written in, whatever its feed declares; where its page was read, that is known."""
    article = claim.article
    if not matches or article.status in HAS_PAGE:
        return claim, matches
    return replace(claim, article=replace(article, language=language_of(article.title, article.text, declared=article.language))), matches


async def _remember(doors: Doors) -> Index:
    memory, since = doors.memory, doors.clock() - MEMORY
    if memory.index is None:
        index = Index(await doors.database.read(rows.load_frequencies))
        remembered = await doors.database.read(rows.load_remembered, since, MOST_REMEMBERED)
        while remembered:  # the oldest first, and each is let go
            each = remembered.pop()
            index.restore(each.article_id, each.story_id, outlet=each.outlet, language=each.language, at=each.at, vector=each.vector)
        memory.next_story_id = await doors.database.read(rows.last_story_id) + 1
        memory.index = index
    memory.index.forget(since)
    return memory.index


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an article belongs. placement: None where it had its place before."""

    story_id: int
    placement: Placement | None = None


def _place(doors: Doors, index: Index, article: Article) -> _Place:
    """The same address again is an update of its article, never a new member."""
    if article.story_id is not None:
        return _Place(story_id=article.story_id)
    placement = index.place(
        Piece(id=article.id, title=article.title, lead=article.text[:600], outlet=article.outlet, language=article.language, at=_happened_at(article))
    )
    story_id = placement.story_id
    if story_id is None:
        story_id, doors.memory.next_story_id = doors.memory.next_story_id, doors.memory.next_story_id + 1
    index.add(placement, story_id)
    return _Place(story_id=story_id, placement=placement)


def _happened_at(article: Article) -> datetime:
    """When the article came out; a date in the future is a mistake."""
    return min(article.published_at or article.seen_at, article.seen_at)


# ------------------------------------------------------------------------------------ who should hear
@dataclass(slots=True)
class _Batch:
    """What judging needs to know of its stories, kept current from one article to the next."""

    now: datetime
    stories: dict[int, Story]
    members: dict[int, list[Member]]
    told: dict[tuple[str, str, int], list[ToldAlert]]  # by (subscriber, topic, story)
    recent: Counter[str]  # alerts at once in the last hour, per subscriber


async def _load(doors: Doors, story_ids: set[int], now: datetime) -> _Batch:
    if not story_ids:
        return _Batch(now=now, stories={}, members={}, told={}, recent=Counter())
    read = doors.database.read
    told: dict[tuple[str, str, int], list[ToldAlert]] = {}
    for each in await read(rows.load_told, story_ids):
        told.setdefault((each.subscriber, each.topic, each.story_id), []).append(each)
    return _Batch(
        now=now,
        stories=await read(rows.load_stories, story_ids),
        members=await read(rows.load_members, story_ids),
        told=told,
        recent=Counter(await read(rows.count_recent_alerts, now - timedelta(hours=1))),
    )


def _judgement(batch: _Batch, settings: Settings, claim: ArticleClaim, matches: tuple[Match, ...], place: _Place | None) -> Judgement:
    if place is None:
        return Judgement(article_id=claim.article.id, attempt=claim.attempt, version=claim.article.version, at=batch.now)
    article = replace(claim.article, story_id=place.story_id)
    member = _join(batch, article, place)
    alerts = tuple(
        _alert(batch, settings, found, article, subscriber)
        for found in matches
        for subscriber in settings.subscribers.values()
        if found.matched and found.topic in subscriber.topics
    )
    return Judgement(
        article_id=article.id,
        attempt=claim.attempt,
        version=article.version,
        at=batch.now,
        language=article.language,
        matches=matches,
        member=member,
        alerts=alerts,
    )


def _join(batch: _Batch, article: Article, place: _Place) -> NewMember | None:
    """Put the article into its story, and count the story anew."""
    story_id, at = place.story_id, _happened_at(article)
    members = [each for each in batch.members.get(story_id, []) if each.article_id != article.id]
    copy_of = place.placement.copy_of if place.placement else next((m.copy_of for m in batch.members.get(story_id, []) if m.article_id == article.id), None)
    members.append(Member(article_id=article.id, title=article.title, outlet=article.outlet, copy_of=copy_of, at=at))
    batch.members[story_id] = members
    before = batch.stories.get(story_id)
    sources, independent = source_counts(members)
    if before is None:
        before = Story(id=story_id, title=article.title, language=article.language, first_seen_at=article.seen_at, last_seen_at=article.seen_at)
    # A headline that people were told stays, because they look for it, unless it is the one that became another.
    told = [key for key in batch.told if key[2] == story_id]
    is_told = bool(told) and not any(has_new_headline(article, _told(batch, key, article), batch.now) for key in told)
    spoken = article.title if told else speaker(members).title
    batch.stories[story_id] = replace(
        before,
        title=before.title if is_told else spoken,
        article_count=len(members),
        source_count=sources,
        independent_count=independent,
        last_seen_at=max(before.last_seen_at, article.seen_at),
    )
    if place.placement is None:
        return None
    return NewMember(
        story_id=story_id,
        at=at,
        reason=str(place.placement.reason),
        score=place.placement.score,
        copy_of=copy_of,
        outlet=article.outlet,
        language=article.language,
        vector=place.placement.vector,
    )


def _told(batch: _Batch, key: tuple[str, str, int], article: Article) -> Told:
    before = batch.told.get(key, [])
    of_this = next((each for each in reversed(before) if each.article_id == article.id), None)
    return Told(
        first_told_at=min((each.raised_at for each in before), default=None),
        last_told_at=max((each.raised_at for each in before), default=None),
        steps=frozenset(each.step for each in before),
        headline=of_this.headline if of_this else "",
        status=of_this.status if of_this else None,
        only_in_digest=bool(before) and not any(each.at_once for each in before),
        alerts_last_hour=batch.recent[key[0]],
    )


def _alert(batch: _Batch, settings: Settings, found: Match, article: Article, subscriber: Subscriber) -> NewAlert:
    assert article.story_id is not None
    story, key = batch.stories[article.story_id], (subscriber.id, found.topic, article.story_id)
    decision = decide(
        found,
        article=article,
        story=StoryNow(id=story.id, source_count=story.source_count, independent_count=story.independent_count, first_seen_at=story.first_seen_at),
        subscriber=subscriber,
        told=_told(batch, key, article),
        now=batch.now,
    )
    if decision.action is not Action.SILENT:
        at_once = decision.action is Action.NOW
        batch.told.setdefault(key, []).append(
            ToldAlert(
                subscriber=subscriber.id,
                topic=found.topic,
                story_id=story.id,
                step=decision.step,
                raised_at=batch.now,
                at_once=at_once,
                article_id=article.id,
                headline=article.title,
                status=article.status,
            )
        )
        batch.recent[subscriber.id] += at_once and not decision.is_held
    log.debug(
        "decided", article=article.url, subscriber=subscriber.id, topic=found.topic, story=story.id, action=str(decision.action), reason=str(decision.reason)
    )
    return _new_alert(settings, found, article, subscriber, decision, batch.now)


def _new_alert(settings: Settings, found: Match, article: Article, subscriber: Subscriber, decision: Decision, now: datetime) -> NewAlert:
    assert article.story_id is not None
    # Only what is told at once may leave sooner: a digest that `poll` closed early would take the place of the one in the evening.
    leaves_now = decision.action is Action.NOW and not decision.is_held and not settings.settle
    return NewAlert(
        subscriber=subscriber.id,
        topic=found.topic,
        topic_version=found.topic_version,
        story_id=article.story_id,
        action=str(decision.action),
        reason=str(decision.reason),
        step=decision.step,
        score=found.score,
        headline="" if decision.action is Action.SILENT else article.title,
        status=article.status,
        digest_kind={Action.NOW: "alert", Action.DIGEST: "digest", Action.SILENT: None}[decision.action],
        digest_key=decision.key or None,
        closes_at=now if leaves_now else decision.closes_at,
    )


def _count(doors: Doors, judgements: Sequence[Judgement]) -> None:
    tally = doors.tally
    for judgement in judgements:
        for found in judgement.matches:
            if found.matched:
                MATCHES.labels(found.topic).inc()
                tally.matches += 1
        tally.alerts += sum(alert.action != "silent" for alert in judgement.alerts)
        if judgement.member:
            tally.stories["grown" if judgement.member.reason == "joined" else "new"] += 1
