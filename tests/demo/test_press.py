from datetime import UTC, datetime

import pytest
import trafilatura

from monitor.demo import press
from monitor.demo.outlets import Fault, load_outlets

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
READABLE = [pytest.param(outlet, id=outlet.id) for outlet in load_outlets() if outlet.fault is not Fault.CONSENT]


@pytest.mark.parametrize("outlet", READABLE)
def test_a_reader_finds_the_whole_article_and_none_of_the_noise(outlet):
    printed = [press.Printed(piece=piece, url=f"http://127.0.0.1/news/{piece.slug}", published_at=NOON) for piece in outlet.pieces]

    page = press.page(outlet, "http://127.0.0.1", printed[0], printed[1:5])

    text = trafilatura.extract(page.decode(), include_comments=False, deduplicate=False) or ""
    assert set(text.split("\n")) - {printed[0].piece.title} == set(printed[0].piece.paragraphs)


@pytest.mark.parametrize("outlet", READABLE)
def test_a_page_carries_what_makes_reading_hard(outlet):
    printed = [press.Printed(piece=piece, url=f"http://127.0.0.1/news/{piece.slug}", published_at=NOON) for piece in outlet.pieces]

    page = press.page(outlet, "http://127.0.0.1", printed[0], printed[1:2]).decode()

    for noise in ("cookie", "comments", "newsletter", "application/ld+json", printed[1].url):
        assert noise in page


def test_a_consent_wall_shows_nothing_of_the_article():
    outlet = next(outlet for outlet in load_outlets() if outlet.fault is Fault.CONSENT)
    printed = press.Printed(piece=outlet.pieces[0], url="http://127.0.0.1/news/x", published_at=NOON)

    page = press.page(outlet, "http://127.0.0.1", printed, []).decode()

    assert "We ask for your consent" in page
    assert printed.piece.title not in page
