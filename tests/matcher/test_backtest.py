from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from monitor.matcher.backtest import Pair, compare
from monitor.matcher.match import match, prepare
from monitor.matcher.query import Group, compile_topic
from monitor.matcher.score import Pair as NearPair
from monitor.matcher.score import Places

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Piece:
    title: str
    text: str = ""
    id: int = 1
    url: str = "https://e.org/1"
    outlet: str = "e.org"
    language: str = "en"
    at: datetime = NOON


def over(old, new, *pieces, show: int = 10, zone=UTC):
    return compare(old, new, pieces, zone=zone, show=show)


def test_what_a_draft_gains_and_loses_is_listed_with_scores_and_reasons(topic):
    pieces = [Piece("NATO visits Ukraine"), Piece("Patriot for Ukraine"), Piece("NATO and Ukraine and (DPO)"), Piece("Wheat")]

    found = over(topic("nato AND ukraine"), topic("(nato OR arms) AND ukraine AND NOT satire"), *pieces)

    (gained,), (lost,) = found.gained_list, found.lost_list
    assert (found.articles, found.before.flagged, found.after.flagged, found.gained, found.lost) == (4, 2, 2, 1, 1)
    assert (gained.title, gained.before.matched, gained.after.matched) == ("Patriot for Ukraine", False, True)
    assert gained.before.score < 0.5 <= gained.after.score
    assert gained.why == "the rule holds now: arms AND ukraine AND NOT satire"
    assert lost.title == "NATO and Ukraine and (DPO)"
    assert "NOT satire" in lost.why


def test_a_word_that_only_the_draft_knows_is_named(topic):
    groups = {"nato": Group(terms=("=NATO",)), "ukraine": Group(terms=("ukrain*", "odesa"))}
    old = topic(groups=groups | {"ukraine": Group(terms=("ukrain*",))})

    (gained,) = over(old, topic(groups=groups), Piece("NATO chief in Odesa")).gained_list

    assert gained.why == "the rule holds now: nato AND ukraine; newly heard: “Odesa” (ukraine)"


def test_a_change_of_weights_is_told_in_points_and_of_thresholds_by_their_names(topic):
    lighter = {"nato": Group(weight=0.5, terms=("=NATO",)), "ukraine": Group(weight=3.0, terms=("ukrain*",))}

    (lost,) = over(topic(bias=-8.0), topic(bias=-8.0, groups=lighter, digest_at=0.6), Piece("NATO visits Ukraine")).lost_list

    assert lost.why == "points nato +6.0 → +1.0; digest_at 0.5 → 0.6"


def test_what_is_only_told_otherwise_is_neither_gained_nor_lost(topic):
    found = over(topic(alert_at=0.9999), topic(alert_at=0.5), Piece("NATO visits Ukraine"))
    back = over(topic(alert_at=0.5), topic(alert_at=0.9999), Piece("NATO visits Ukraine"))

    assert (found.gained, found.lost, found.louder, found.quieter, found.after.alerts) == (0, 0, 1, 0, 1)
    assert (back.louder, back.quieter, back.quieter_list[0].why) == (0, 1, "alert_at 0.5 → 0.9999")


def test_a_topic_that_is_new_gains_all_that_it_flags(topic):
    found = over(None, topic(), Piece("NATO visits Ukraine"), Piece("Wheat"))

    assert (found.before.flagged, found.after.flagged, found.gained) == (0, 1, 1)
    assert found.gained_list[0].why == "the rule holds: nato AND ukraine"


def test_days_are_those_of_the_zone_and_none_is_left_out(topic):
    late = Piece("NATO visits Ukraine", at=datetime(2026, 11, 19, 23, 30, tzinfo=UTC))

    found = over(topic(), topic("arms"), late, Piece("Patriot"), zone=ZoneInfo("Europe/Kyiv"))

    assert found.by_day == {"2026-11-20": (1, 0), "2026-11-21": (0, 0), "2026-11-22": (0, 1)}


def test_what_came_out_long_before_is_counted_apart(topic):
    old = Piece("NATO visits Ukraine", at=datetime(2003, 5, 20, tzinfo=UTC))

    found = compare(topic(), topic("arms"), [old, Piece("Patriot")], zone=UTC, show=1, most_days=3)

    assert found.by_day == {"2026-11-20": (0, 0), "2026-11-21": (0, 0), "2026-11-22": (0, 1)}
    assert found.earlier == (1, 0)


def test_of_many_changes_the_surest_are_kept_and_all_are_counted(topic):
    pieces = [Piece("NATO visits Ukraine " + "NATO " * number, id=number) for number in range(20)]

    found = over(None, topic(), *pieces, show=3)

    assert (found.gained, len(found.gained_list)) == (20, 3)
    assert over(None, topic(), *pieces, show=0).gained_list == ()


def test_articles_without_a_text_are_counted(topic):
    assert over(topic(), topic(), Piece("NATO"), Piece("NATO", "text")).without_text == 1


TERMS = ("=NATO", "nato", "ukrain*", "kyiv", '"air defen*"', "patriot", "re:wh\\w{1,4}t")
WORDS = ("NATO", "nato", "Ukraine", "Ukrainian", "Kyiv", "air", "defence", "Patriot", "wheat", "x")


@st.composite
def topics(draw):
    groups = {
        name: Group(
            weight=draw(st.sampled_from([-2.0, 0.0, 1.0, 3.0])), terms=tuple(draw(st.lists(st.sampled_from(TERMS), min_size=1, max_size=3, unique=True)))
        )
        for name in draw(st.sampled_from([("a", "b"), ("a", "b", "c"), ("b", "a")]))
    }
    return compile_topic(
        "watch",
        title="",
        rule=draw(st.sampled_from(["a", "a AND b", "a NEAR/3 b", "a AND NOT b", "TITLE(a) OR COUNT(b) >= 2"])),
        groups=groups,
        digest_at=draw(st.sampled_from([0.0, 0.3, 0.5, 0.9])),
        alert_at=0.9,
        bias=draw(st.sampled_from([None, -3.0, 1.0])),
        places=draw(st.sampled_from([Places(), Places(title=1.0, lead_words=2)])),
        near=draw(st.sampled_from([(), (NearPair(left="a", right="b", words=5, weight=2.0),)])),
        look_alikes=draw(st.booleans()),
    )


@given(topics(), topics(), st.lists(st.sampled_from(WORDS), max_size=4), st.lists(st.sampled_from(WORDS), max_size=9))
def test_both_verdicts_are_those_of_matching_each_alone(old, new, title, text):
    article = {"title": " ".join(title), "text": " ".join(text)}

    verdicts = Pair(old, new).judge(prepare(**article))

    for topic, said in zip((old, new), verdicts, strict=True):
        alone = match(topic, **article)
        assert (said.matched, said.alert) == (alone.matched, alone.alert)
        assert said.score == alone.score or not alone.rule_holds


def test_memory_stays_the_same_however_many_articles_there_are(topic):
    import tracemalloc

    pair = topic(), topic("arms AND ukraine")

    def peak(count: int) -> int:
        tracemalloc.start()
        compare(*pair, (Piece(f"Patriot for Ukraine {n % 10}", "x " * 2000, at=NOON + timedelta(seconds=n)) for n in range(count)), zone=UTC, show=5)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(20)
    assert peak(600) < 1.5 * peak(100)
