"""When an edited headline is worth telling again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.headline import differs_materially

ODESA = "NATO chief visits Odesa as Ukraine asks for air defence"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(ODESA, ODESA, id="the same"),
        pytest.param(ODESA, "Nato Chief Visits Odesa, as Ukraine Asks for Air Defence!", id="case and punctuation"),
        pytest.param("Selenskyj dankt der Nato", "Selenskýj dankt der NATO", id="accents"),
        pytest.param(ODESA, "As Ukraine asks for air defence, NATO chief visits Odesa", id="word order"),
        pytest.param("NATO cheif visits Odesa", "NATO chief visits Odesa", id="two letters in each other's place"),
        pytest.param("Minster visits depot near Odesa", "Minister visits depot near Odesa", id="a letter that was missing"),
        pytest.param("Ukraine asks for missiles", "Ukraine asked for missile", id="endings"),
        pytest.param("Україна просить ракети", "Україна просила ракет", id="endings in Ukrainian"),
        pytest.param("Zelensky visits depot near the port", "Zelenskyy visits depot near the port", id="another spelling of a name"),
        pytest.param(ODESA, ODESA + " after night of drones", id="detail is added"),
        pytest.param("Fire at depot near port city", "Fire at depot near port city of Kharkiv", id="a name is added"),
        pytest.param("Live 14:30: talks in Brussels go on", "Live 15:05: talks in Brussels go on", id="a clock time"),
        pytest.param("1,000 soldiers leave the fort", "1000 soldiers leave the fort", id="another spelling of a number"),
        pytest.param("", ODESA, id="there was none before"),
        pytest.param(ODESA, "", id="there is none now"),
    ],
)
def test_C39_Q07_what_is_put_right_is_no_news(before, after):
    assert not differs_materially(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("Strike on port kills 12", "Strike on port kills 20", id="another number"),
        pytest.param("Strike on port kills dozens of people", "Strike on port kills 24 people", id="a number where there was none"),
        pytest.param("Minister will resign over depot fire", "Minister will not resign over depot fire", id="denied"),
        pytest.param("Minister can resign over depot fire", "Minister can't resign over depot fire", id="denied in short"),
        pytest.param("Міністр піде у відставку", "Міністр не піде у відставку", id="denied in Ukrainian"),
        pytest.param("NATO chief visits Odesa with ministers", "NATO chief visits Kyiv with ministers", id="another place"),
        pytest.param("Talks between the US and allies begin today", "Talks between the EU and allies begin today", id="another acronym"),
        pytest.param("Alliance chief visits the south", ODESA, id="other words"),
        pytest.param("北约秘书长访问敖德萨", "乌克兰要求防空系统", id="other words in Chinese"),
    ],
)
def test_another_message_is_news(before, after):
    assert differs_materially(before, after)
    assert differs_materially(after, before)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_headlines_can_be_compared(before, after):
    assert differs_materially(before, after) == differs_materially(after, before)
    assert not differs_materially(before, before)
