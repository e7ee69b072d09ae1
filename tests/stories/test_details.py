"""What speaks against two articles being one event, however alike they look."""

import pytest

from monitor.stories.details import Facts, Reason, objection, telling
from monitor.stories.traits import Opening, Traits, crc, read
from monitor.text import stems

BOATS = "the first boat left for the islands at noon with pensioners on board"
JUDGES = "nine witnesses spoke about a bakery whose owner had sold old bread"


def traits_of(title: str, lead: str = "") -> Traits:
    return read(Opening(title, lead), dict.fromkeys(stems(f"{title} {lead}"), 1.0))


def doubts(new: Traits, old: Traits, *, rare: str = "", articles: int = 100, days: float = 0.1, same_outlet: bool = False) -> Reason | None:
    """The objection, where of the new article's stems only those of some words are rare."""
    rarities = dict.fromkeys(new.stems, 0.0) | {crc(stem): 5.0 for stem in stems(rare)}
    return objection(Facts.of(new), old, days=days, same_outlet=same_outlet, rare=telling(rarities), articles=articles)


def test_common_words_alone_are_no_event():
    new, old = traits_of("Kyiv and allies talk", BOATS), traits_of("Allies ask Kyiv", BOATS.upper() + " " + JUDGES * 3)

    assert doubts(new, old) is Reason.NOTHING_RARE
    assert doubts(new, old, rare="boat islands") is None


def test_nothing_is_called_common_before_enough_was_seen():
    assert doubts(traits_of("Kyiv and allies talk", BOATS), traits_of("Allies ask Kyiv", JUDGES), articles=3) is None


def test_one_rare_word_may_be_chance():
    new, old = traits_of("Ministers in Riga weigh fund", BOATS), traits_of("Drones hit depot near Riga", JUDGES)

    assert doubts(new, old, rare="riga") is Reason.NOTHING_RARE


def test_rare_words_in_the_leads_make_up_for_other_numbers():
    new, old = traits_of("Strike on Sumy kills 35", BOATS), traits_of("Strike on Sumy kills 34", BOATS[10:] + " " + JUDGES * 3)

    assert doubts(new, old, rare="pensioners islands") is None


def test_name_that_both_leads_have_makes_up_for_other_numbers():
    new, old = traits_of("Strike kills 35 in town", f"{BOATS} near Sumy"), traits_of("Strike kills 34 in town", f"{JUDGES} near Sumy")

    assert doubts(new, old) is None


def test_shared_words_of_a_template_do_not_make_up_for_anything():
    new, old = traits_of("Strike on Sumy kills 35", BOATS), traits_of("Strike on Sumy kills 34", JUDGES)

    assert doubts(new, old, rare="strike sumy kills") is Reason.DETAILS_DISAGREE


def test_headline_that_only_says_more_is_no_contradiction_without_leads():
    assert doubts(traits_of("Army chief Oleksandr Syrsky dismissed"), traits_of("Army chief Syrsky dismissed")) is None


def test_newer_toll_in_a_copied_text_is_no_contradiction():
    assert doubts(traits_of("Sumy: 35 dead", BOATS), traits_of("Sumy: 34 dead", BOATS)) is None


@pytest.mark.parametrize(("days", "same_outlet"), [pytest.param(0.1, True, id="an update"), pytest.param(0.5, False, id="two outlets")])
def test_repeated_title_is_only_a_bulletin_hours_later_in_one_outlet(days, same_outlet):
    bulletin = traits_of("Covid bulletin: new cases in Italy", BOATS)

    assert doubts(bulletin, bulletin, days=days, same_outlet=same_outlet) is None
    assert doubts(bulletin, bulletin, days=0.5, same_outlet=True) is Reason.TEMPLATE_REPEAT
