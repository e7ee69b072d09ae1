"""Which headline speaks for a story."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from monitor.stories.title import is_about_the_news, speaker

NOON = datetime(2025, 4, 15, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    title: str
    at: datetime


def told(*titles: str) -> list[Told]:
    return [Told(title, NOON + timedelta(minutes=number)) for number, title in enumerate(titles)]


def test_headline_most_like_the_others_speaks():
    members = told("A surprise in the south", "NATO chief Rutte visits Odesa", "Rutte visits Odesa hospital", "NATO's Rutte visits Odesa with Zelenskyy")

    assert speaker(members).title == "NATO chief Rutte visits Odesa"


def test_of_equal_headlines_the_earliest_speaks():
    members = told("Rutte visits Odesa", "Rutte visits Odesa")

    assert speaker(members[::-1]) is members[0]


def test_only_headline_speaks():
    (member,) = told("Rutte visits Odesa")

    assert speaker([member]) is member


def test_live_page_does_not_speak_where_a_report_does():
    members = told("Live: Rutte visits Odesa", "Rutte visits Odesa, live updates", "Rutte visits Odesa – live", "In Odesa, Rutte meets Zelenskyy")

    assert speaker(members).title != "Live: Rutte visits Odesa"
    assert not is_about_the_news(speaker(members).title)


def test_live_page_speaks_where_there_is_nothing_else():
    assert speaker(told("Live: Rutte visits Odesa")).title == "Live: Rutte visits Odesa"


@pytest.mark.parametrize(
    "title",
    [
        "Live: Rutte in Odesa",
        "Man City vs Chelsea – LIVE!",
        "Opinion | What Odesa needs",
        "Rutte in Odesa (video)",
        "Watch: Rutte in Odesa",
        "How to watch the summit tonight",
        "Kommentar: Was Odessa braucht",
        "Ukraine, en direct : Rutte à Odessa",
        "Guerra in Ucraina, la diretta - Diretta",
        "Рютте в Одессе – видео",
        "Opinion - what Odesa needs",
    ],
)
def test_labels_are_known(title):
    assert is_about_the_news(title)


@pytest.mark.parametrize(
    "title",
    [
        "Live shell found in Odesa school yard",
        "Rutte watches live exercise in Latvia",
        "Video shows strike on Odesa port",
        "Zelenskyy asks for public opinion on ceasefire",
        "Direct talks between Kyiv and Moscow: what is planned",
    ],
)
def test_words_that_are_part_of_the_news_are_no_label(title):
    assert not is_about_the_news(title)
