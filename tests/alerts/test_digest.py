"""What a message says: stories in order, where they were reported, why they were flagged."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from monitor.alerts.digest import Member, Source, contents, cut_at_word, story_line
from monitor.model import Story
from monitor.status import ArticleStatus


def test_the_strongest_story_comes_first_then_the_one_with_more_sources(words: SimpleNamespace):
    weak = words.line(1, "Weak", "", [], score=0.6)
    alone = words.line(2, "Alone", "", [], score=0.9)
    shared = words.line(3, "Shared", "", [], [("lantern.example", "Shared too")], score=0.9)

    found = contents(words.desk(), kind="digest", topics=["T"], stories=[weak, alone, shared], now=words.EVENING)

    assert [story.title for story in found.stories] == ["Shared", "Alone", "Weak"]


def test_a_story_of_two_topics_is_told_once(words: SimpleNamespace):
    members = [Member(article=words.article(), score=0.9)]
    story = Story(id=1, title="A title", first_seen_at=words.EVENING, last_seen_at=words.EVENING)
    lines = [story_line(story, topic=topic, topic_title=topic.title(), score=score, step=0, members=members) for topic, score in (("arms", 0.6), ("nato", 0.9))]

    (found,) = contents(words.desk(), kind="digest", topics=["Nato", "Arms"], stories=lines, now=words.EVENING).stories

    assert (found.topic, found.score, found.also) == ("nato", 0.9, ("Arms",))


def test_a_story_that_grew_before_its_digest_closed_is_news(words: SimpleNamespace):
    new = words.line(1, "A title", "", [])
    grown = words.line(1, "A title", "", [], step=5)

    (found,) = contents(words.desk(), kind="digest", topics=["T"], stories=[grown, new], now=words.EVENING).stories

    assert not found.is_update


def test_an_update_lists_only_what_is_new(words: SimpleNamespace):
    (found,) = words.alert(update=True).stories

    assert [article.outlet for article in found.articles] == ["stepovyi.example", "orge.example"]
    assert found.told_before == 3
    assert found.sources == 5


def test_an_update_without_new_reports_still_lists_something(words: SimpleNamespace):
    found = words.line(1, "A title", "", [], step=5, told=1)

    assert [article.outlet for article in found.articles] == ["tribune.example"]


def test_the_reason_names_the_words_as_they_stand_in_the_text(words: SimpleNamespace):
    (found,) = words.alert().stories
    ukraine, nato, *_ = found.evidence

    assert (ukraine.group, ukraine.words, ukraine.points, ukraine.in_title) == ("ukraine", ("Zelenskyy", "Odesa"), 5.5, True)
    assert (nato.words, nato.points) == (("NATO",), 3.0)


def test_a_snippet_stays_within_its_paragraph(words: SimpleNamespace):
    (found,) = words.alert().stories
    patriot = next(why for why in found.evidence if why.group == "arms")

    assert patriot.snippet == ("More ", "Patriot", " batteries were discussed.")


def test_evidence_that_an_edit_moved_away_speaks_with_its_term(words: SimpleNamespace):
    was = words.article(text="Much later in the text comes Patriot.")
    evidence = words.found(was, "Patriot", "arms", 2.0)
    edited = words.article(text="Short.")

    line = story_line(
        Story(id=1, title="T", first_seen_at=words.EVENING, last_seen_at=words.EVENING),
        topic="t",
        topic_title="T",
        score=0.9,
        step=0,
        members=[Member(article=edited, evidence=(evidence,))],
    )

    assert line.evidence[0].words == ("patriot",)


def test_the_summary_is_two_sentences_of_the_fullest_report(words: SimpleNamespace):
    teaser = Member(article=words.article(1, text="Teaser only.", status=ArticleStatus.PARTIAL), score=0.99)
    full = Member(article=words.article(2, text="First sentence. Second sentence. Third."), score=0.5)
    story = Story(id=1, title="T", first_seen_at=words.EVENING, last_seen_at=words.EVENING)

    line = story_line(story, topic="t", topic_title="T", score=0.9, step=0, members=[teaser, full])

    assert line.summary == "First sentence. Second sentence."


def test_the_headline_links_to_the_report_that_wrote_it(words: SimpleNamespace):
    line = words.line(1, "A title", "", [], [("lantern.example", "Another title")])

    assert line.url == "https://www.tribune.example/news/100"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://a.example/\r\nX", "https://user:pw@a.example/", "", "https://a.example/" + "x" * 2000]
)
def test_what_is_no_safe_address_is_no_link(words: SimpleNamespace, url: str):
    assert words.line(1, "A title", "", [], url=url).url == ""


def test_a_date_in_the_future_is_a_mistake_of_the_feed(words: SimpleNamespace):
    seen = words.EVENING - timedelta(hours=1)

    assert words.line(1, "A title", "", [], published_at=words.EVENING + timedelta(days=300)).published_at == seen


def test_coverage_tells_silence_from_failure(words: SimpleNamespace):
    long_ago = words.EVENING - timedelta(days=4)
    sources = [
        Source(name="Heard", is_failing=False, last_news_at=words.EVENING),
        Source(name="Silent", is_failing=False, last_news_at=long_ago),
        Source(name="Never", is_failing=False, last_news_at=None),
        Source(name="Broken", is_failing=True, last_news_at=words.EVENING),
    ]
    story = words.line(1, "A title", "", [], status=ArticleStatus.PAYWALLED)

    seen = contents(words.desk(), kind="digest", topics=["T"], stories=[story], sources=sources, now=words.EVENING).coverage

    assert (seen.heard, seen.total, seen.silent, seen.failed, seen.partial_texts) == (1, 4, ("Silent", "Never"), ("Broken",), 1)


@pytest.mark.parametrize(
    ("line", "cut"),
    [
        pytest.param("short", "short", id="short enough"),
        pytest.param("three letters here", "three…", id="between words"),
        pytest.param("a verylongwordthatnobodyends", "a verylon…", id="unless that leaves almost nothing"),
        pytest.param("北约与乌克兰在敖德萨会晤讨论", "北约与乌克兰在敖德…", id="letters where there are no blanks"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_lines_are_cut_between_words(line: str, cut: str):
    assert cut_at_word(line, 10) == cut
