"""Words: complete, calm, the same every time, and never active."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from monitor.alerts.digest import DigestContents, Source, contents
from monitor.alerts.render import MAIL_PART_BYTES, PAYLOAD_BYTES, render
from monitor.feeds.parse import parse
from monitor.model import Message
from monitor.text import clean_line

GOLDEN = Path(__file__).parent / "golden"
CONTROLS = [
    "News\r\nBcc: all@example.org",
    "News\nBcc: all@example.org",
    "News\rBcc: all@example.org",
    "News\u2028Bcc: all@example.org",
    "News\x00\x01\x1b[31mred\x7f",
    "abc\u202egpj.exe",
    "\u2067right\u2069 \u202aleft\u202c \u061c",
    "NA\u200bTO \u00adsoft \ufeff",
    "z" + "\u0335\u0321\u0489" * 40,
    "\U000e0041\U000e0042 tags",
    "Ａ wide 🏴\u200d☠️ pirate 🇺🇦",
]
PAYLOADS = (Path(__file__).parent / "hostile.txt").read_text().splitlines() + CONTROLS


class Page(HTMLParser):
    """A page taken apart: its tags with their attributes, and its words."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def shape(self) -> list[tuple[str, frozenset[str]]]:
        return [(tag, frozenset(attributes)) for tag, attributes in self.tags]

    @property
    def links(self) -> Iterator[str]:
        return (attributes["href"] or "" for tag, attributes in self.tags if tag == "a")

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def rendered(what: DigestContents, words: SimpleNamespace, **options: str) -> Message:
    return render(what, now=words.EVENING, **options)


# --------------------------------------------------------------------------------------------- golden
@pytest.mark.parametrize("name", ["digest", "alert", "update"])
def test_the_words_are_the_ones_we_looked_at(words: SimpleNamespace, name: str):
    what = words.paper() if name == "digest" else words.alert(update=name == "update")

    message = rendered(what, words, public_url="https://monitor.example.org", unsubscribe_url="https://monitor.example.org/u/token")

    assert message.text == (GOLDEN / f"{name}.txt").read_text()
    assert message.payload == json.loads((GOLDEN / f"{name}.json").read_text())


def test_the_same_contents_give_the_same_bytes(words: SimpleNamespace):
    assert rendered(words.paper(), words) == rendered(words.paper(), words)


# -------------------------------------------------------------------------------------------- subject
@pytest.mark.parametrize(
    ("what", "subject"),
    [
        pytest.param("paper", "NATO and Ukraine: 8 stories – NATO chief stands with Zelenskyy in Odesa and…", id="a digest"),
        pytest.param("alert", "NATO chief stands with Zelenskyy in Odesa and calls support… · 5 outlets", id="an alert"),
    ],
)
def test_the_subject_says_what_happened(words: SimpleNamespace, what: str, subject: str):
    assert rendered(getattr(words, what)(), words).subject == subject


def test_an_update_says_so_and_keeps_to_its_thread(words: SimpleNamespace):
    first, update = rendered(words.alert(), words), rendered(words.alert(update=True), words)

    assert update.subject.startswith("Update: ")
    assert first.thread == update.thread == "story-1"
    assert rendered(words.paper(), words).thread == ""


@pytest.mark.parametrize("title", ["word " * 100, "w" * 500, "слово " * 100, "字" * 300])
def test_a_subject_is_never_longer_than_a_line(words: SimpleNamespace, title: str):
    for what in (words.alert(), words.paper()):
        long = replace(what, stories=(replace(what.stories[0], title=title), *what.stories[1:]), topics=(title[:60], "Second", "Third"))
        assert len(rendered(long, words).subject) <= 78


# ----------------------------------------------------------------------------------------------- text
def test_text_lines_are_short_and_links_stand_alone(words: SimpleNamespace):
    text = rendered(words.paper(), words, public_url="https://monitor.example.org").text

    for line in text.splitlines():
        assert len(line) <= 76 or line.strip().startswith("https://")
        if "https://" in line:
            assert line.strip().startswith("https://")
            assert " " not in line.strip()


def test_the_text_has_everything_that_the_page_has(words: SimpleNamespace):
    what = words.paper()
    flat = " ".join(rendered(what, words).text.split())

    for story in what.stories:
        assert story.title in flat
        assert story.url in flat
        assert story.summary in flat
        assert all(why.words[0] in flat for why in story.evidence)


@pytest.mark.parametrize(
    ("language", "zone", "date"),
    [
        pytest.param("en", "Europe/Brussels", "Monday, 23 November 2026, 17:00 (Brussels)", id="English of no country"),
        pytest.param("en-US", "America/New_York", "Monday, November 23, 2026, 11:00\u202fAM (New York)", id="American"),
        pytest.param("uk", "Europe/Kyiv", "понеділок, 23 листопада 2026\u202fр., 18:00 (Kyiv)", id="Ukrainian"),
        pytest.param("de", "Europe/Berlin", "Montag, 23. November 2026, 17:00 (Berlin)", id="German"),
        pytest.param("xx-nonsense", "UTC", "Monday, 23 November 2026, 16:00 (UTC)", id="a language nobody knows"),
    ],
)
def test_dates_are_in_the_readers_language_and_zone(words: SimpleNamespace, language: str, zone: str, date: str):
    reader = words.desk(language=language, timezone=zone)

    assert date in rendered(replace(words.paper(), subscriber=reader), words).text


def test_a_digest_without_stories_says_so_and_shows_how_far_it_could_see(words: SimpleNamespace):
    empty = contents(words.desk(), kind="digest", topics=[words.TOPIC], stories=[], sources=words.sources(), now=words.EVENING)

    message = rendered(empty, words)

    assert message.subject == "NATO and Ukraine: nothing new"
    assert "Nothing new since the last digest." in message.text
    assert "Heard 38 of 40 sources. Silent for days: Quiet Weekly." in message.text
    assert "Nothing new since the last digest." in message.html


# ----------------------------------------------------------------------------------------------- HTML
def test_A47_the_page_loads_nothing_and_runs_nothing(words: SimpleNamespace):
    html = rendered(words.paper(), words, public_url="https://monitor.example.org").html
    page = Page(html)

    assert {tag for tag, _ in page.tags}.isdisjoint({"img", "script", "link", "iframe", "form", "svg", "base", "object"})
    assert not any(attributes.keys() & {"src", "background"} for _, attributes in page.tags)
    assert "url(" not in html
    assert [tag for tag, _ in page.tags].count("style") == 1
    assert html.index("charset") < 1024


def test_A48_every_link_opens_a_page_whose_host_is_named(words: SimpleNamespace):
    what = words.paper()
    page = Page(rendered(what, words).html)

    for link in page.links:
        assert link.startswith("https://")
        assert link.removeprefix("https://").removeprefix("www.").partition("/")[0] in page.text


def test_each_headline_has_its_language_and_finds_its_direction(words: SimpleNamespace):
    page = Page(rendered(words.paper(), words).html)

    assert [attributes["lang"] for tag, attributes in page.tags if tag == "h2"] == ["en", "uk", "de", "ar", "fr", "pl", "en", "en"]
    assert sum(tag == "div" and attributes.get("dir") == "auto" for tag, attributes in page.tags) == 8


def test_A49_without_an_address_there_is_a_headline_but_no_link(words: SimpleNamespace):
    line = words.line(1, "A title", "", [], url="javascript:alert(1)")

    message = rendered(contents(words.desk(), kind="alert", topics=["T"], stories=[line], now=words.EVENING), words)

    assert "A title" in message.html
    assert list(Page(message.html).links) == []


# ------------------------------------------------------------------------------------------- strangers
def told(words: SimpleNamespace, payload: str, kind: str) -> DigestContents:
    """A message in which every word that a stranger can choose is the payload."""
    text = f"It begins with {payload}. It goes on. And on. And on.\nIt ends with {payload} again."
    found = [(payload, "title", 3.0), (payload, "text", 2.0, "text")]
    line = words.line(1, payload, text, found, [("lantern.example", payload)], outlet=payload, url="https://a.example/1", language=payload)
    sources = [Source(name=payload, is_failing=True, last_news_at=None)]
    return contents(words.desk(), kind=kind, topics=[payload], stories=[line], sources=sources, now=words.EVENING)


@pytest.mark.parametrize("kind", ["alert", "digest"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_A37_A39_A40_A41_A43_A45_A66_what_strangers_write_stays_text(words: SimpleNamespace, payload: str, kind: str):
    usual = Page(rendered(told(words, "words", kind), words).html)
    shown = clean_line(payload, 60)

    message = rendered(told(words, payload, kind), words)
    page = Page(message.html)

    assert page.shape == usual.shape
    assert all(link.startswith(("https://a.example/", "https://www.")) or link == "" for link in page.links)
    assert " ".join(shown.split()) in page.text.replace(" …", "…")
    assert not any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in message.subject)
    assert not any(ord(letter) < 32 and letter != "\n" for letter in message.text + message.html)
    assert not any("\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069" for letter in message.text + message.html + message.subject)
    assert json.loads(json.dumps(message.payload))["data"]


def test_A44_words_in_look_alike_letters_are_shown_as_such(words: SimpleNamespace):
    mixed = "N\u0410\u0422\u041e"
    line = words.line(1, f"{mixed} meets", f"Says {mixed} again.", [(mixed, "nato", 3.0)])

    message = rendered(contents(words.desk(), kind="alert", topics=["T"], stories=[line], now=words.EVENING), words)

    assert f"{mixed} (look-alike letters)" in message.html
    assert f"{mixed} (look-alike letters)" in message.text


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("word " * 200_000, id="A42 a title of 1 MB"),
        pytest.param("w" * 100_000, id="A42 one word of 100,000 letters"),
        pytest.param("🏳️‍🌈" * 300, id="A46 joined signs"),
        pytest.param("🇺🇦" * 300, id="A46 flags"),
        pytest.param("a\u0301\u0327" * 300, id="A46 letters with marks"),
        pytest.param("e" + "\u0301" * 500, id="A45 piled-up marks"),
    ],
)
def test_A42_A45_A46_an_endless_title_is_cut_between_signs_and_wrapped(words: SimpleNamespace, title: str):
    line = words.line(1, title, "", [])
    what = contents(words.desk(), kind="alert", topics=["T"], stories=[line], now=words.EVENING)

    message = rendered(what, words)

    shown = what.stories[0].title
    assert len(shown) <= 300
    signs = whole_signs(shown.removesuffix("…"))
    assert signs == whole_signs(clean_line(title, len(title)))[: len(signs)]
    assert "\u0301" * 5 not in message.html + message.text
    assert all(len(row) <= 320 for row in message.text.splitlines())
    assert len(message.subject) <= 78


def whole_signs(text: str) -> list[str]:
    """What is seen as one character each, as the alphabets above need it."""
    return re.findall("(?:[\U0001f1e6-\U0001f1ff]{2}|.[\u0300-\u036f\ufe0f]*(?:\u200d.[\ufe0f]*)*)", text)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        pytest.param("https://evil.example/login", "evil.example", id="A48 another host than the words say"),
        pytest.param("https://n\u0430to.int/", "xn--nto-6cd.int", id="A48 a host in look-alike letters"),
    ],
)
def test_A48_beside_a_link_stands_the_host_it_leads_to(words: SimpleNamespace, url: str, host: str):
    line = words.line(1, "Log in at bank.example", "", [], url=url, outlet="bank.example")
    message = rendered(contents(words.desk(), kind="alert", topics=["T"], stories=[line], now=words.EVENING), words)

    assert f"bank.example ({host})" in Page(message.html).text
    assert f"bank.example ({host})" in message.text
    assert [link for link in Page(message.html).links if "//" in link] == [url.replace("n\u0430to.int", "xn--nto-6cd.int")]


@pytest.mark.parametrize(
    "url",
    [
        "mailto:a@b.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/news/1",
        "",
    ],
)
def test_A49_an_entry_without_a_web_address_shows_no_link(words: SimpleNamespace, url: str):
    line = words.line(1, "A title", "", [], url=url)
    message = rendered(contents(words.desk(), kind="alert", topics=["T"], stories=[line], now=words.EVENING), words)

    assert list(Page(message.html).links) == []
    assert not url or url not in message.html + message.text
    assert message.payload["data"]["url"] == ""


def test_A39_a_title_that_was_escaped_twice_is_decoded_once_and_escaped_when_it_is_printed(words: SimpleNamespace):
    feed = b"<rss version='2.0'><channel><title>t</title><item><title>&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;</title></item></channel></rss>"
    (entry,) = parse(feed, url="https://a.example/", content_type="text/xml").entries
    line = words.line(1, entry.title, "", [])

    message = rendered(contents(words.desk(), kind="alert", topics=["T"], stories=[line], now=words.EVENING), words)

    assert entry.title == "<script>alert(1)</script>"
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in message.html
    assert "script" not in [tag for tag, _ in Page(message.html).tags]


def test_there_are_more_than_a_hundred_payloads():
    assert len(set(PAYLOADS)) >= 110


# ---------------------------------------------------------------------------------------------- sizes
def test_a_mail_of_two_hundred_stories_keeps_the_strongest_and_says_how_many_are_missing(words: SimpleNamespace):
    lines = [words.line(number, f"Story {number} " + "ю" * 200, "Слово. " * 40, [("ю" * 60, "g", 3.0)], score=1 - number / 1000) for number in range(1, 201)]
    what = contents(words.desk(), kind="digest", topics=[words.TOPIC], stories=lines, now=words.EVENING)

    message = rendered(what, words, public_url="https://monitor.example.org")

    for part in (message.html, message.text):
        assert MAIL_PART_BYTES * 0.9 < len(part.encode()) <= MAIL_PART_BYTES
        shown = sum(f"Story {number} " in part for number in range(1, 201))
        assert 20 < shown < 200
        assert f"And {200 - shown} more" in part
        assert "Story 1 " in part


def test_A42_one_story_of_the_longest_words_still_fits(words: SimpleNamespace):
    long = "https://a.example/?" + "&a=" * 320
    others = [(f"o{number}.example", "&" * 300) for number in range(40)]
    what = contents(words.desk(), kind="alert", topics=["T"], stories=[words.line(1, "&" * 300, "&" * 900, [], others, url=long)], now=words.EVENING)

    message = rendered(what, words)

    assert "&amp;" * 250 in message.html
    assert len(message.html.encode()) <= MAIL_PART_BYTES


def size(message: Message) -> int:
    return len(json.dumps(message.payload, ensure_ascii=False).encode())


def test_a_webhook_gives_up_articles_before_stories(words: SimpleNamespace):
    others = [(f"o{number}.example", "слово " * 40) for number in range(60)]
    what = contents(words.desk(), kind="alert", topics=["T"], stories=[words.line(1, "A title", "", [], others)], now=words.EVENING)

    message = rendered(what, words)

    assert size(message) < 20_000
    assert message.payload["data"]["truncated"] is True
    assert len(message.payload["data"]["articles"]) == 10


def test_a_webhook_of_a_huge_digest_keeps_the_strongest_stories(words: SimpleNamespace):
    lines = [words.line(number, f"Story {number} " + "ю" * 200, "", [], score=1 - number / 1000) for number in range(1, 201)]

    message = rendered(contents(words.desk(), kind="digest", topics=["T"], stories=lines, now=words.EVENING), words)

    stories = message.payload["data"]["stories"]
    assert PAYLOAD_BYTES * 0.9 < size(message) < 20_000
    assert [story["id"] for story in stories] == list(range(1, len(stories) + 1))
    assert message.payload["data"]["truncated"] is True


def test_one_story_with_every_group_of_a_large_topic_is_still_one_story(words: SimpleNamespace):
    text = " ".join(f"{'ю' * 50}{number} {'щ' * 60}" for number in range(60))
    found = [(f"{'ю' * 50}{number}", f"group-{number}", 1.0) for number in range(10, 60)]
    long = "https://a.example/" + "x" * 900
    what = contents(words.desk(), kind="alert", topics=["T"], stories=[words.line(1, "🙂" * 300, text, found, url=long)], now=words.EVENING)

    message = rendered(what, words)

    assert message.payload["type"] == "story.matched"
    assert size(message) < 20_000


# -------------------------------------------------------------------------------------------- payload
def test_one_story_is_the_data_and_several_are_a_digest(words: SimpleNamespace):
    night = replace(words.paper(), kind="alert")

    assert rendered(words.alert(), words).payload["type"] == "story.matched"
    assert rendered(words.alert(update=True), words).payload["type"] == "story.updated"
    assert rendered(night, words).payload["type"] == "digest.created"
    assert rendered(words.paper(), words).payload["data"].keys() == {"subscriber", "topics", "stories"}


def test_a_story_has_exactly_what_the_contract_names(words: SimpleNamespace):
    payload = rendered(words.alert(), words).payload

    assert payload.keys() == {"type", "timestamp", "data"}
    assert payload["timestamp"] == "2026-11-23T16:00:00.000Z"
    names = {"id", "title", "url", "score", "topic", "sources", "published_at", "first_seen_at", "evidence", "articles"}
    assert payload["data"].keys() == names
    assert payload["data"]["articles"][0].keys() == {"title", "url", "outlet", "published_at", "status"}
