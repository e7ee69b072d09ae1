"""Invented pages, one for each class of pages a rule stands for; they keep the gate alive where the corpus is not."""

import pytest
from quality.articles.measure import invented

PAGES = {truth["name"]: (truth, found) for truth, found in invented()}


@pytest.mark.parametrize("name", PAGES)
def test_what_the_page_is(name):
    truth, found = PAGES[name]

    assert (found.status, found.reason) == (truth["status"], truth["reason"]), truth["shows"]


@pytest.mark.parametrize("name", [name for name, (truth, _) in PAGES.items() if "text" in truth])
def test_the_text_is_the_article_and_nothing_else(name):
    truth, found = PAGES[name]

    assert found.text.splitlines() == truth["text"].splitlines(), truth["shows"]


@pytest.mark.parametrize(
    ("name", "field"),
    [(name, field) for name, (truth, _) in PAGES.items() for field in ("title", "authors", "published", "language", "captions") if field in truth],
)
def test_what_the_page_says_of_itself(name, field):
    truth, found = PAGES[name]
    given = {
        "title": found.title,
        "authors": list(found.authors),
        "published": found.published_at.isoformat() if found.published_at else None,
        "language": found.language,
        "captions": list(found.captions),
    }

    assert given[field] == truth[field]


def test_there_are_pages_of_all_kinds():
    """A class of pages cannot go from the gate unseen."""
    assert len({found.status for _, found in PAGES.values()}) >= 5
    assert len({found.language for _, found in PAGES.values() if found.status == "full"}) >= 12
