"""Measured floors of extraction on the development pages, with the acceptance scorer's own measures."""

import itertools

import pytest
from quality.articles.measure import CORPUS, corpus, figures, floors, history

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the article corpus is not at {CORPUS}")


@needs_corpus
@pytest.mark.parametrize("measure", floors())
def test_the_floor_holds(measure):
    assert figures()[measure] >= floors()[measure]


@needs_corpus
def test_no_article_is_lost():
    assert [row["file"] for row, found in corpus() if row["article"] and not found["text"]] == []


def test_floors_only_rise_unless_somebody_says_why():
    entries = history()
    lowered = [
        (new["on"], name)
        for old, new in itertools.pairwise(entries)
        for name, floor in old.items()
        if isinstance(floor, float) and new.get(name, 0.0) < floor and not new.get("lowered")
    ]

    assert lowered == []
