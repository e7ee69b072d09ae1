import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from monitor.demo.outlets import Fault, Format, Outlet, Piece, load_outlets
from monitor.stories.cluster import group

OUTLETS = load_outlets()
PIECES = [(outlet, piece) for outlet in OUTLETS for piece in outlet.pieces]


def the(outlet_id: str) -> Outlet:
    return next(outlet for outlet in OUTLETS if outlet.id == outlet_id)


def test_the_world_is_large_enough_to_be_worth_watching():
    assert len(OUTLETS) >= 8
    assert sum(piece.minutes_ago is not None for _, piece in PIECES) >= 80


def test_it_speaks_four_languages_english_most_of_all():
    languages = Counter(outlet.language for outlet in OUTLETS)

    assert set(languages) == {"en", "uk", "de", "fr"}
    assert languages["en"] >= 6


def test_it_publishes_in_every_format_and_has_every_fault():
    assert {outlet.format for outlet in OUTLETS} == set(Format)
    assert {outlet.fault for outlet in OUTLETS} == set(Fault)


def test_every_piece_is_a_short_article_in_paragraphs():
    for outlet, piece in PIECES:
        words = sum(len(paragraph.split()) for paragraph in piece.paragraphs)
        assert 60 <= words <= 180, f"{outlet.id}/{piece.slug} has {words} words"
        assert len(piece.paragraphs) >= 3, f"{outlet.id}/{piece.slug}"


def test_no_two_pieces_share_a_title_or_an_address():
    assert max(Counter(piece.title for _, piece in PIECES).values()) == 1
    assert max(Counter((outlet.id, piece.slug) for outlet, piece in PIECES).values()) == 1


def test_five_english_outlets_tell_of_the_visit_to_odesa_each_in_its_own_words():
    visits = [(outlet, piece) for outlet, piece in PIECES if "Rutte" in piece.title and "Odesa" in piece.title]

    assert len({outlet.id for outlet, _ in visits}) == len(visits) == 5
    assert {outlet.language for outlet, _ in visits} == {"en"}
    paragraphs = Counter(paragraph for _, piece in visits for paragraph in piece.paragraphs)
    assert max(paragraphs.values()) == 1


@pytest.mark.parametrize("fact", ["unwavering", "Palm Sunday", "35", "Sumy", "Patriot", "ceasefire", "hospital", "Moldova", "Maia Sandu"])
def test_each_of_the_five_has_the_public_fact(fact):
    texts = [" ".join((piece.title, *piece.paragraphs)) for _, piece in PIECES if "Rutte" in piece.title and "Odesa" in piece.title]

    assert all(fact in text for text in texts)


def test_nobody_real_is_quoted():
    texts = [" ".join(piece.paragraphs) for _, piece in PIECES if "Rutte" in piece.title and "Odesa" in piece.title]

    assert not any(mark in text for text in texts for mark in '"“”„«»')


def test_two_outlets_hold_the_same_event_back_for_later():
    later = [(outlet.id, piece.title) for outlet, piece in PIECES if piece.minutes_ago is None]

    assert [outlet_id for outlet_id, _ in later] == ["northgate", "tribune"]
    assert all("radars" in title and "Ukraine" in title for _, title in later)


def test_one_piece_is_older_than_the_first_day_of_watching():
    assert [piece.slug for piece in the("meridian").pieces if piece.minutes_ago and piece.minutes_ago > 24 * 60] == ["planners-review-transit-for-ukraine-aid"]


def as_seen(pieces: list[tuple[Outlet, Piece]], *, shuffled: int) -> list[dict[str, str]]:
    """The articles as clustering reads them, in an order of chance that is the same each time."""
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    articles = [
        {
            "id": f"{outlet.id}/{piece.slug}",
            "title": piece.title,
            "text": "\n".join(piece.paragraphs),
            "outlet": outlet.title,
            "lang": outlet.language,
            "published": (now - timedelta(minutes=piece.minutes_ago or 0)).isoformat(),
        }
        for outlet, piece in pieces
    ]
    random.Random(shuffled).shuffle(articles)
    return articles


@pytest.mark.parametrize("seed", range(4))
def test_each_event_becomes_one_story_in_whatever_order_its_articles_come(seed):
    articles = as_seen(PIECES, shuffled=seed)

    sizes = Counter(Counter(group(articles)).values())

    # The visit; the training course, the repair hub and the storm with three outlets each; the radars with two; all else alone.
    assert sizes == {5: 1, 3: 3, 2: 1, 1: len(articles) - 16}


@pytest.mark.parametrize("seed", range(20))
def test_the_visit_is_one_story_also_when_nothing_was_read_before(seed):
    related = [(outlet, piece) for outlet, piece in PIECES if outlet.language == "en" and "NATO" in piece.title]
    articles = as_seen(related, shuffled=seed)

    stories = {story for story, article in zip(group(articles), articles, strict=True) if "Rutte" in article["title"]}

    assert len(stories) == 1
