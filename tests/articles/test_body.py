"""The text is cut where the article ends."""

import time

import pytest

from monitor.articles.body import best_text, offer_line, script_state_text, without_asides
from monitor.articles.feed_text import parsed

SENTENCE = "A sentence of the article that is long enough to be counted as one. "


@pytest.mark.parametrize(
    "aside",
    ["Read more: Another story", "Lire aussi : Une autre histoire", "Mehr zum Thema", "Читайте також: Інша новина", "Czytaj więcej", "Les også: En annen sak"],
)
def test_lines_that_lead_away_are_dropped(aside):
    assert without_asides(f"First.\n{aside}\nSecond is longer.\nThird is longer.", "") == "First.\nSecond is longer.\nThird is longer."


def test_a_closing_list_of_other_stories_is_dropped():
    assert without_asides("First.\nSecond.\nThird.\nRelated stories\nAnother one\nYet another", "") == "First.\nSecond.\nThird."


def test_sentences_that_begin_alike_stay():
    text = "Read more books, the minister said.\nRelated stories of refugees are told in the second part: they fled."

    assert without_asides(text, "") == text


def test_a_headline_repeated_above_the_text_is_dropped():
    assert without_asides("Allies Agree\nThe text.", "Allies agree!") == "The text."


def test_the_stated_body_wins_where_it_leaves_a_fair_share_out():
    body = "\n".join(f"{SENTENCE}{number}" for number in range(10))

    assert best_text(f"{body}\n{'Box about something else entirely. ' * 6}", body) == body


def test_the_stated_body_wins_where_the_page_has_only_its_start():
    body = SENTENCE * 20

    assert best_text(SENTENCE * 5, body) == body


@pytest.mark.parametrize("stated", ["", "Short.", "Words of quite another text, as some sites put there by mistake. " * 20])
def test_any_other_stated_body_is_not_believed(stated):
    assert best_text(SENTENCE * 10, stated) == SENTENCE * 10


@pytest.mark.parametrize(
    "line", ["Already a subscriber? Sign in", "Abonnez-vous pour lire la suite", "Оформіть підписку", "Dla subskrybentów", "Jetzt weiterlesen mit Plus"]
)
def test_offers_are_known(line):
    assert offer_line(f"A teaser.\n{line}") == 1


def test_news_of_subscriptions_is_no_offer():
    assert offer_line("The streaming service lost a million subscribers last year, its report says.") is None


@pytest.mark.parametrize("script", ['"' * 200_000, '"' + '\\"' * 200_000, '"\\\\\\"' * 100_000, '"' + '\\\\\\"' * 200_000 + '"', "'" * 200_000])
def test_reading_scripts_is_linear(script):
    tree = parsed(f"<html><body><script>{script}</script></body></html>")
    started = time.process_time()

    assert script_state_text(tree) == ""
    assert time.process_time() - started < 3  # a square would take minutes
