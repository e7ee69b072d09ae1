"""The language that an article is written in."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.language import language_of

LABELLED = Path(os.environ.get("MONITOR_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "corpus/topics/nato-ukraine-dev.jsonl"
UKRAINIAN = "Генеральний секретар відвідав місто, де два дні тому впали ракети. Президент попросив союзників про нові системи протиповітряної оборони."


@pytest.mark.parametrize(
    ("title", "text", "declared", "language"),
    [
        pytest.param("", UKRAINIAN, "ru", "uk", id="the words beat what the feed declares"),
        pytest.param("", UKRAINIAN, "", "uk", id="nothing declared"),
        pytest.param("NATO", "", "pl", "pl", id="too little to tell"),
        pytest.param("", "", "", "", id="nothing at all"),
        pytest.param("", "12 : 3", "en-GB", "en-GB", id="no words"),
        pytest.param(
            "", "The ministers met in the capital on Monday to speak about the budget of the coming year and its many gaps.", "en-GB", "en-GB", id="more exact"
        ),
        pytest.param(
            "",
            "מזכ״ל הברית ביקר בעיר הנמל יומיים לאחר מתקפת הטילים שהרגה שלושים וחמישה בני אדם ביום ראשון של הדקלים.",
            "",
            "he",
            id="Hebrew by its code of today",
        ),
        pytest.param(
            "", "Ministrene møttes i hovedstaden på mandag for å snakke om budsjettet for neste år og de mange hullene i det.", "no", "no", id="Norwegian"
        ),
    ],
)
def test_the_words_decide_where_there_are_enough(title: str, text: str, declared: str, language: str):
    assert language_of(title, text, declared=declared) == language


@given(st.text(max_size=200), st.text(st.characters(), max_size=60), st.text(max_size=8))
def test_no_text_breaks_the_detector(title: str, text: str, declared: str):
    assert isinstance(language_of(title, text + "\ud800", declared=declared), str)


@pytest.mark.skipif(not LABELLED.exists(), reason=f"no labelled texts at {LABELLED}")
def test_labelled_news_are_told_by_their_words_alone():
    rows = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    found = [(row["lang"], language_of(row["title"], row["text"])) for row in rows]

    assert sum(right == said for right, said in found) / len(rows) >= 0.95  # .955: 4 wrong, 11 open, all English
    assert sum(bool(said) and right != said for right, said in found) / len(rows) <= 0.02
