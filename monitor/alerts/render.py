"""Contents → words: subject, text, HTML and the webhook's document. The same contents always give the same bytes."""

import json
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor.alerts.digest import ArticleLine, Coverage, DigestContents, StoryLine, Why, cut_at_word
from monitor.model import Message
from monitor.text import language_name

if TYPE_CHECKING:
    import css_inline
    from babel import Locale
    from jinja2 import Environment

SUBJECT_CHARS = 78  # RFC 5322 §2.1.1
TEXT_COLUMNS = 76
MAIL_PART_BYTES = 90_000  # Gmail hides what comes after 102 kB
PAYLOAD_BYTES = 19_900  # Standard Webhooks asks for less than 20 kB
_NAMES_SHOWN, _WHYS_SHOWN, _TOLD_SHOWN, _SNIPPETS_SHOWN, _EVIDENCE_SENT = 6, 5, 20, 2, 8
_ARTICLES_SHOWN = {"alert": 12, "digest": 6}

# What a reader should know before opening a link, by article status.
_CAVEATS = {"partial": "teaser only", "paywalled": "paywall", "blocked": "page not read", "failed": "page not read", "empty": "page not read"}


def render(contents: DigestContents, *, now: datetime, public_url: str = "", unsubscribe_url: str = "", is_for_people: bool = True) -> Message:
    """The message in all its forms.

    now: the close time; dates are on the subscriber's clock and in their language.
    public_url: of the console, "" where readers cannot reach one. unsubscribe_url: the visible way out, "" for none.
    is_for_people: off where only programs will read it: then text and html are "", and cost nothing.
    """
    subject, count = _subject(contents), len(contents.stories)
    words = _words(contents, subject, now, public_url, unsubscribe_url) if is_for_people else None
    return Message(
        subject=subject,
        text=_fitting(lambda count: _text(words, count), count) if words else "",
        html=_fitting(lambda count: _html(words, count), count) if words else "",
        payload=_payload(contents, now),
        thread=f"story-{contents.stories[0].id}" if _is_about_one(contents) else "",
    )


def _words(contents: DigestContents, subject: str, now: datetime, public_url: str, unsubscribe_url: str) -> dict[str, Any]:
    dates = Dates(contents.subscriber.language, contents.subscriber.timezone, now)
    return {
        "contents": contents,
        "subject": subject,
        "preheader": _preheader(contents),
        "topics": _topics(contents),
        "dateline": _dateline(contents, dates, now),
        "dates": dates,
        "public_url": public_url.rstrip("/"),
        "unsubscribe_url": unsubscribe_url,
        "shown": _ARTICLES_SHOWN[contents.kind],
        "whys_shown": _WHYS_SHOWN,
        "told_shown": _TOLD_SHOWN,
    }


def _is_about_one(contents: DigestContents) -> bool:
    return contents.kind == "alert" and len(contents.stories) == 1


# -------------------------------------------------------------------------------------------- subject
def _subject(contents: DigestContents) -> str:
    if not contents.stories:
        return cut_at_word(f"{_topics(contents)}: nothing new", SUBJECT_CHARS)
    first = contents.stories[0]
    if not _is_about_one(contents):
        return cut_at_word(f"{_topics(contents)}: {_count(len(contents.stories), 'story', 'stories')} – {first.title}", SUBJECT_CHARS)
    before = "Update: " if first.is_update else ""
    after = f" · {first.sources} outlets" if first.sources > 1 else ""
    return f"{before}{cut_at_word(first.title, SUBJECT_CHARS - len(before) - len(after))}{after}"


def _topics(contents: DigestContents) -> str:
    first, *others = contents.topics or ("News",)
    return f"{first} and {len(others)} more" if len(others) > 1 else " and ".join((first, *others))


def _preheader(contents: DigestContents) -> str:
    """What inboxes show beside the subject: here, what the subject does not say."""
    if _is_about_one(contents):
        return contents.stories[0].summary
    return " · ".join(cut_at_word(story.title, SUBJECT_CHARS) for story in contents.stories[1:4])


def _dateline(contents: DigestContents, dates: "Dates", now: datetime) -> str:
    moment = f"{dates.day(now)}, {dates.clock(now)} ({dates.place})"
    if len(contents.stories) < 2:
        return moment
    outlets = {outlet for story in contents.stories for outlet in story.outlets}
    return f"{moment} · {_count(len(contents.stories), 'story', 'stories')} from {_count(len(outlets), 'outlet', 'outlets')}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


# --------------------------------------------------------------------------------------- text and HTML
def _fitting(words: Callable[[int], str], stories: int) -> str:
    """The words with as many stories as a mail may hold; the last ones give way, and the end says how many."""
    return words(_most(stories, lambda count: len(words(count).encode()) <= MAIL_PART_BYTES))


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `limit` that fits. Nothing always fits, and what fits once fits with less."""
    if fits(limit):
        return limit
    good, bad = 0, limit
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if fits(middle) else (good, middle)
    return good


def _text(words: dict[str, Any], count: int) -> str:
    return environment().get_template("message.txt").render(words, **_first(words["contents"], count)).rstrip() + "\n"


def _html(words: dict[str, Any], count: int) -> str:
    return inliner().inline(environment().get_template("message.html").render(words, **_first(words["contents"], count)))


def _first(contents: DigestContents, count: int) -> dict[str, object]:
    return {"stories": contents.stories[:count], "stories_left_out": len(contents.stories) - count}


@cache
def environment() -> "Environment":
    # Late, like everything below that only rendering needs: commands must start quickly.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(("html",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (host, wrap, reach, lead, others, left_out, outlet_name, caveat, weight, snippets, why_in_words, coverage)
    environment.filters |= {each.__name__: each for each in filters}
    environment.globals["update_mark"] = update_mark
    return environment


@cache
def inliner() -> "css_inline.CSSInliner":
    import css_inline

    return css_inline.CSSInliner(load_remote_stylesheets=False)


# ----------------------------------------------------------------------- the vocabulary of the templates
def host(url: str) -> str:
    """Whose page a link opens, without the "www." that says nothing."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def wrap(text: str, indent: str = "", first: str | None = None) -> str:
    """text: one line. indent, first: what stands before every line, and before the first."""
    return textwrap.fill(text, TEXT_COLUMNS, initial_indent=indent if first is None else first, subsequent_indent=indent, break_on_hyphens=False)


def update_mark(story: StoryLine) -> str:
    return "Update: " if story.is_update else ""


def reach(story: StoryLine) -> str:
    """How many report it: "9 outlets, 4 independent"."""
    words = _count(story.sources, "outlet", "outlets")
    if 1 < story.independent < story.sources:
        words += f", {story.independent} independent"
    if story.is_now_in_full:
        return f"{words} – now in full"
    return f"{words} – {len(story.articles)} new" if story.is_update and not story.old_title else words


def lead(story: StoryLine) -> ArticleLine | None:
    """The report that the headline links to; None where an update lists only newer ones."""
    return next((article for article in story.articles if article.url == story.url), None)


def others(story: StoryLine, limit: int) -> list[ArticleLine]:
    """The other reports to list, in order of time: the first of each outlet goes before the second of any."""
    candidates = [article for article in story.articles if article is not lead(story)]
    first_of = {article.outlet: article for article in reversed(candidates)}
    chosen = sorted(candidates, key=lambda article: first_of[article.outlet] is not article)[:limit]
    return [article for article in candidates if article in chosen]


def left_out(story: StoryLine, limit: int) -> int:
    return max(len(story.articles) - (lead(story) is not None) - limit, 0)


def outlet_name(article: ArticleLine) -> str:
    """The outlet, with the link's host where that is not its name."""
    address = host(article.url)
    is_clear = not address or address == article.outlet or address.endswith("." + article.outlet)
    return article.outlet if is_clear else f"{article.outlet} ({address})"


def caveat(status: str) -> str:
    return f", {_CAVEATS[status]}" if status in _CAVEATS else ""


def weight(why: Why) -> str:
    """What a group's words added, and whether the headline has them: "ukraine +4.5, headline"."""
    group = why.group.replace("-", " ").replace("_", " ")
    is_clear = group.casefold() in (word.casefold() for word in why.words)
    points = f"{why.points:+.1f}".removesuffix(".0").replace("-", "−")
    return ("" if is_clear else f"{group} ") + points + (", headline" if why.in_title else "")


def snippets(story: StoryLine) -> list[Why]:
    """The strongest finds with the words around them, as far as the summary does not show them."""
    seen: dict[str, Why] = {}
    for why in story.evidence:
        around = "".join(why.snippet).strip("… ")
        if around and why.points > 0 and around not in story.summary:
            seen.setdefault(around, why)
    return list(seen.values())[:_SNIPPETS_SHOWN]


def why_in_words(story: StoryLine) -> str:
    reasons = "; ".join(f"{', '.join(why.words)} ({weight(why)})" for why in story.evidence[:_WHYS_SHOWN]) or "the topic's rule holds"
    also = f"; also {', '.join(story.also)}" if story.also else ""
    return f"{reasons} – score {story.score:.2f}{also}"


def coverage(seen: Coverage) -> str:
    """How far the watch could see, so that silence is not taken for calm."""
    parts = [f"Heard {seen.heard} of {_count(seen.total, 'source', 'sources')}."]
    if seen.silent:
        parts.append(f"Silent for days: {_names(seen.silent)}.")
    if seen.failed:
        parts.append(f"Not answering: {_names(seen.failed)}.")
    if seen.partial_texts:
        parts.append(f"{_count(seen.partial_texts, 'text was', 'texts were')} not complete.")
    return " ".join(parts)


def _names(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


class Dates:
    """Times and languages as this reader reads them."""

    def __init__(self, language: str, timezone: str, now: datetime):
        self._locale, self._zone = _locale(language), ZoneInfo(timezone)
        self._language = language
        self._today = now.astimezone(self._zone).date()
        self.place = timezone.rpartition("/")[2].replace("_", " ")

    def day(self, at: datetime) -> str:
        from babel.dates import format_date

        return format_date(at.astimezone(self._zone), "full", locale=self._locale)

    def clock(self, at: datetime) -> str:
        from babel.dates import format_time

        return format_time(at, "short", tzinfo=self._zone, locale=self._locale)

    def when(self, at: datetime) -> str:
        """The time alone for today, with its day for another."""
        from babel.dates import format_skeleton

        local = at.astimezone(self._zone)
        if local.date() == self._today:
            return self.clock(at)
        skeleton = "MMMd" if local.year == self._today.year else "yMMMd"
        return f"{format_skeleton(skeleton, local, locale=self._locale)}, {self.clock(at)}"

    def tongue(self, language: str) -> str:
        """The language of an article, where it is not the reader's: ", in Ukrainian"."""
        is_theirs = language.partition("-")[0].lower() == self._language.partition("-")[0].lower()
        return "" if is_theirs or not language else f", in {language_name(language)}"


def _locale(language: str) -> "Locale":
    from babel import Locale, UnknownLocaleError

    # Plain "en" would be American; a watch that names no country gets the English of Europe and a clock of 24 hours.
    try:
        return Locale.parse({"en": "en_150"}.get(language, language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_150")


# -------------------------------------------------------------------------------------------- payload
def _payload(contents: DigestContents, now: datetime) -> dict[str, object]:
    """The webhook's document (CONTRACT, HTTP), below 20 kB: articles give way before stories do."""
    for most in (None, 10, 3, 1):
        payload = _document(contents, now, most)
        if _bytes(payload) <= PAYLOAD_BYTES:
            return payload

    def shortened(count: int) -> dict[str, object]:
        return _document(replace(contents, stories=contents.stories[:count]), now, 1, is_cut=True)

    return shortened(_most(len(contents.stories), lambda count: _bytes(shortened(count)) <= PAYLOAD_BYTES))


def _document(contents: DigestContents, now: datetime, most: int | None, *, is_cut: bool = False) -> dict[str, object]:
    data: dict[str, object]
    if _is_about_one(contents):
        (story,) = contents.stories
        kind, data = "story.updated" if story.is_update else "story.matched", _story(story, most)
    else:
        kind = "digest.created"
        data = {"subscriber": contents.subscriber.id, "topics": list(contents.topics), "stories": [_story(story, most) for story in contents.stories]}
    if is_cut or (most is not None and any(len(story.articles) > most for story in contents.stories)):
        data["truncated"] = True
    return {"type": kind, "timestamp": utc(now), "data": data}


def _story(story: StoryLine, most: int | None) -> dict[str, object]:
    return {
        "id": story.id,
        "title": story.title,
        "url": story.url,
        "score": round(story.score, 4),
        **({"previous_title": story.old_title} if story.old_title else {}),
        "topic": story.topic,
        "sources": story.sources,
        "published_at": utc(story.published_at),
        "first_seen_at": utc(story.first_seen_at),
        "evidence": [_evidence(why) for why in story.evidence[:_EVIDENCE_SENT]],
        "articles": [_article(article) for article in story.articles[:most]],
    }


def _evidence(why: Why) -> dict[str, object]:
    return {
        "group": why.group,
        "words": list(why.words),
        "points": why.points,
        "field": "title" if why.in_title else "text",
        "snippet": "".join(why.snippet),
    }


def _article(article: ArticleLine) -> dict[str, object]:
    return {"title": article.title, "url": article.url, "outlet": article.outlet, "published_at": utc(article.published_at), "status": article.status}


def utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bytes(payload: dict[str, object]) -> int:
    return len(json.dumps(payload, ensure_ascii=False).encode())
