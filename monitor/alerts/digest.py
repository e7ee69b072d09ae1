"""What a message says, before it is put into words: stories in order, where they were reported, why they were flagged.

Titles, texts and names come from strangers. They become clean single lines here; escaping is left to render.py.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.alerts.decide import GROWTH_MARKS, READABLE
from monitor.model import Article, Evidence, Story, Subscriber
from monitor.status import ArticleStatus
from monitor.text import around, clean_line, sentences, unmixed
from monitor.urls import canonical

SILENT_AFTER = timedelta(days=3)
UNTITLED = "Untitled"
LOOK_ALIKE = "(look-alike letters)"  # nobody sees that a letter comes from another alphabet
_TITLE_CHARS, _NAME_CHARS, _SUMMARY_CHARS, _OPENING_CHARS = 300, 60, 300, 2000
_URL_CHARS = 1000  # a longer one would push other stories out of the mail
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")  # RFC 5646 §2.1, roughly
_SNIPPET_CHARS = 70  # on each side of the word
_WORDS_PER_REASON = 4

# Whose words are worth quoting: the page itself before the feed's teaser.
_TRUST = {ArticleStatus.FULL: 0, ArticleStatus.PARTIAL: 1, ArticleStatus.FEED_ONLY: 1}


# ------------------------------------------------------------------------------------- what comes in
@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One article of a story and what the topic said of it. is_told: an earlier message had it."""

    article: Article
    score: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    is_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How one feed does. last_news_at: when it last brought something, None if never."""

    name: str
    is_failing: bool
    last_news_at: datetime | None


# ------------------------------------------------------------------------------------- what comes out
@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What one group of terms found.

    words: as they stand in the text, the first few different ones. points: of all its hits, before the score is squashed.
    snippet: (before, word, after) around its strongest hit in the text, empty where only the title has it.
    """

    group: str
    words: tuple[str, ...]
    points: float
    in_title: bool
    snippet: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleLine:
    """Where a story was reported. url: http(s), or "" where the feed gave nothing usable."""

    title: str
    url: str
    outlet: str
    published_at: datetime
    status: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One story as a reader needs it.

    sources, independent: outlets that have it, and without those that copied. also: titles of further topics it is about.
    articles: of an update only the new ones; told_before says how many the reader knows.
    old_title: what it was told as, where its headline has changed since, and therefore is told again.
    """

    id: int
    title: str
    url: str
    language: str
    topic: str
    topic_title: str
    score: float
    sources: int
    independent: int
    outlets: tuple[str, ...]
    published_at: datetime
    first_seen_at: datetime
    summary: str
    summary_language: str
    evidence: tuple[Why, ...]
    articles: tuple[ArticleLine, ...]
    told_before: int = 0
    is_update: bool = False
    is_now_in_full: bool = False
    old_title: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """A story that was told at once since the digest before."""

    id: int
    title: str
    language: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far the watch could see. silent: no news for some days. partial_texts: stories' articles without their full text."""

    heard: int
    total: int
    silent: tuple[str, ...]
    failed: tuple[str, ...]
    partial_texts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestContents:
    """Everything a message says. kind: "alert" or "digest"."""

    subscriber: Subscriber
    kind: str
    topics: tuple[str, ...]
    stories: tuple[StoryLine, ...]
    already_told: tuple[ToldLine, ...] = ()
    coverage: Coverage | None = None

    @property
    def is_update(self) -> bool:
        """Every story in it was told before."""
        return bool(self.stories) and all(story.is_update for story in self.stories)


def contents(
    subscriber: Subscriber,
    *,
    kind: str,
    topics: Iterable[str],
    stories: Iterable[StoryLine],
    already_told: Iterable[ToldLine] = (),
    sources: Iterable[Source] = (),
    now: datetime,
) -> DigestContents:
    """The stories in the order of their weight, each once.

    kind: "alert" or "digest". topics: titles of all that the message is about, in the subscriber's order.
    """
    ordered = _merged(sorted(stories, key=lambda story: (-story.score, -story.sources, story.id)))
    told = {story.id for story in ordered}
    return DigestContents(
        subscriber=subscriber,
        kind=kind,
        topics=tuple(dict.fromkeys(clean_line(topic, _NAME_CHARS) for topic in topics)),
        stories=ordered,
        already_told=tuple(line for line in already_told if line.id not in told),
        coverage=_coverage(tuple(sources), ordered, now),
    )


def story_line(
    story: Story, *, topic: str, topic_title: str, score: float, step: int, members: Sequence[Member], raised_by: int = 0, old_headline: str = ""
) -> StoryLine:
    """One story for one topic.

    score, step, raised_by: of the alert and its article. members: at least one.
    old_headline: what that article was called when it was told before; "" unless that is why it is told again.
    """
    is_now_in_full = step == READABLE
    is_update = step in GROWTH_MARKS or is_now_in_full or bool(old_headline)
    speaks_again = raised_by if old_headline or is_now_in_full else 0
    new = [member for member in members if not member.is_told or member.article.id == speaks_again] or list(members)
    listed = new if is_update else list(members)
    best = min(new, key=lambda member: (_TRUST.get(member.article.status, 2), -member.score, member.article.id))
    flagged = best if best.evidence else max(members, key=lambda member: (member.score, -member.article.id))
    title = cut_at_word(story.title, _TITLE_CHARS)
    lead = next((member for member in members if member.article.title == story.title), best)
    articles = tuple(_article_line(member.article) for member in sorted(listed, key=lambda member: (_published_at(member.article), member.article.id)))
    everyone = sorted((member.article for member in members), key=lambda article: (_published_at(article), article.id))
    return StoryLine(
        id=story.id,
        title=title or UNTITLED,
        url=_link(lead.article),
        language=_language(lead.article.language or story.language),
        topic=topic,
        topic_title=clean_line(topic_title, _NAME_CHARS) or topic,
        score=score,
        sources=story.source_count,
        independent=story.independent_count,
        outlets=tuple(dict.fromkeys(_outlet(article) for article in everyone)),
        published_at=_published_at(everyone[0]),
        first_seen_at=story.first_seen_at,
        summary=_summary(best.article, title),
        summary_language=_language(best.article.language),
        evidence=_why(flagged),
        articles=articles,
        told_before=len(members) - len(listed),
        is_update=is_update,
        is_now_in_full=is_now_in_full,
        old_title=cut_at_word(old_headline, _TITLE_CHARS),
    )


def told_line(story: Story, score: float) -> ToldLine:
    return ToldLine(id=story.id, title=cut_at_word(story.title, _TITLE_CHARS) or UNTITLED, language=_language(story.language), score=score)


def cut_at_word(line: str, limit: int) -> str:
    """A clean line of at most `limit` code points; words stay whole where the line has blanks.

    Chinese, Japanese and Thai have none: there it is cut between letters.
    """
    cut = clean_line(line, limit)
    if cut == line or not cut:
        return cut
    whole, blank, _ = cut.rpartition(" ")
    return whole.rstrip(" ,;:–—-") + "…" if blank and len(whole) >= limit // 2 else cut


def _merged(stories: list[StoryLine]) -> tuple[StoryLine, ...]:
    """A story that several topics flagged is told once, under the topic that weighs it most.

    One that was new and then grew before this digest closed is still new to the reader.
    """
    by_id: dict[int, list[StoryLine]] = {}
    for story in stories:
        by_id.setdefault(story.id, []).append(story)
    merged = []
    for lines in by_id.values():
        told = next((line for line in lines if not line.is_update), lines[0])
        also = dict.fromkeys(line.topic_title for line in lines if line.topic != told.topic)
        merged.append(replace(told, also=tuple(also)))
    return tuple(merged)


def _coverage(sources: tuple[Source, ...], stories: tuple[StoryLine, ...], now: datetime) -> Coverage | None:
    if not sources:
        return None
    failed = tuple(_name(source) for source in sources if source.is_failing)
    working = [source for source in sources if not source.is_failing]
    silent = tuple(_name(source) for source in working if source.last_news_at is None or now - source.last_news_at > SILENT_AFTER)
    partial = sum(article.status != ArticleStatus.FULL for story in stories for article in story.articles)
    return Coverage(heard=len(working) - len(silent), total=len(sources), silent=silent, failed=failed, partial_texts=partial)


def _name(source: Source) -> str:
    return clean_line(source.name, _NAME_CHARS)


def _article_line(article: Article) -> ArticleLine:
    return ArticleLine(
        title=cut_at_word(article.title, _TITLE_CHARS) or UNTITLED,
        url=_link(article),
        outlet=_outlet(article),
        published_at=_published_at(article),
        status=str(article.status),
        language=_language(article.language),
    )


def _published_at(article: Article) -> datetime:
    """When it came out. A date in the future is a mistake of the feed."""
    return min(article.published_at or article.seen_at, article.seen_at)


def _link(article: Article) -> str:
    address = canonical(article.url)
    return address if len(address) <= _URL_CHARS else ""


def _outlet(article: Article) -> str:
    return clean_line(article.outlet, _NAME_CHARS) or "unknown"


def _language(tag: str) -> str:
    """A language tag, or "" for what is none: feeds write all sorts of things there."""
    return tag if _LANGUAGE.fullmatch(tag) else ""


def _summary(article: Article, title: str) -> str:
    """Two sentences of the article's own words; nothing is made up."""
    opening = (article.text or article.summary)[:_OPENING_CHARS]
    found = [line for line in (clean_line(sentence, _OPENING_CHARS) for sentence in sentences(opening)) if line and line != title]
    return cut_at_word(" ".join(found[:2]), _SUMMARY_CHARS)


def _why(member: Member) -> tuple[Why, ...]:
    """The groups that found something, strongest first."""
    groups: dict[str, list[Evidence]] = {}
    for evidence in member.evidence:
        groups.setdefault(evidence.group, []).append(evidence)
    reasons = [_reason(group, hits, member.article) for group, hits in groups.items()]
    reasons = [why for why in reasons if why.points] or reasons  # a group that weighs nothing only serves the rule
    return tuple(sorted(reasons, key=lambda why: (-why.points, why.group)))


def _reason(group: str, hits: list[Evidence], article: Article) -> Why:
    hits = sorted(hits, key=lambda hit: (-hit.points, hit.field != "title", hit.start))
    words = {_found(hit, article).casefold(): _found(hit, article) for hit in reversed(hits)}
    in_text = next((hit for hit in hits if hit.field == "text"), None)
    return Why(
        group=group,
        words=tuple(reversed(words.values()))[:_WORDS_PER_REASON],
        points=round(sum(hit.points for hit in hits), 2),
        in_title=any(hit.field == "title" for hit in hits),
        snippet=around(article.text, in_text.start, in_text.stop, _SNIPPET_CHARS) if in_text else ("", "", ""),
    )


def _found(hit: Evidence, article: Article) -> str:
    """The words that were found. An edit may have moved them away; the term then speaks for itself."""
    where = article.title if hit.field == "title" else article.text
    found = clean_line(where[hit.start : hit.stop], _NAME_CHARS) or clean_line(hit.term, _NAME_CHARS)
    return f"{found} {LOOK_ALIKE}" if unmixed(found) != found else found
