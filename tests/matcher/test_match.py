"""Scores, verdicts and evidence."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.matcher.match import Topics, judge, match, prepare, score_json
from monitor.matcher.query import CompiledTopic, Group, compile_topic
from monitor.text import fold, visible, words

Make = Callable[..., CompiledTopic]
FILLER = " ".join(["word"] * 100)


def test_one_passing_mention_of_each_group_in_the_lead_reaches_one_half(topic: Make):
    verdict = match(topic(), title="", text=f"{FILLER} NATO word Kyiv {FILLER * 10}")

    assert (verdict.score, verdict.matched, verdict.alert, verdict.reason) == (0.5, True, False, "matched")


def test_a_headline_that_names_both_is_told_at_once(topic: Make):
    verdict = match(topic(), title="NATO meets in Kyiv", text="")

    assert verdict.score >= 0.8
    assert verdict.alert


@pytest.mark.parametrize("weight", [0.1, 1.0, 3.0])
def test_the_usual_bias_puts_an_even_chance_at_one_mention_whatever_the_weights(topic: Make, weight: float):
    groups = {"nato": Group(weight=weight, terms=("nato",)), "ukraine": Group(weight=weight, terms=("kyiv",))}

    assert match(topic(groups=groups), title="", text="nato kyiv").score == 0.5


def test_a_headline_is_told_at_once_with_weights_that_nobody_set(topic: Make):
    groups = {"nato": Group(terms=("nato",)), "ukraine": Group(terms=("kyiv",))}

    assert match(topic(groups=groups), title="NATO in Kyiv", text="").alert


def test_a_headline_beats_passing_mentions_and_more_mentions_beat_fewer(topic: Make):
    def score(title: str, text: str) -> float:
        return match(topic(), title=title, text=text).score

    passing, some, headline, both = (
        score("", "NATO. Kyiv."),
        score("", "NATO. Kyiv. " * 2),
        score("NATO and Kyiv", ""),
        score("NATO and Kyiv", "NATO. Kyiv. " * 9),
    )

    assert passing < some < headline < both <= 1.0


def test_a_negative_group_takes_points_away(topic: Make):
    plain = match(topic(), title="", text="NATO Kyiv NATO Kyiv")
    satire = match(topic(), title="", text="(dpo) NATO Kyiv NATO Kyiv")

    assert satire.score < plain.score
    assert satire.evidence[0].points < 0


def test_a_negative_group_can_push_a_match_below_the_threshold(topic: Make):
    verdict = match(topic(), title="", text="(dpo) NATO Kyiv")

    assert (verdict.rule_holds, verdict.matched, verdict.reason) == (True, False, "below-threshold")


def test_an_unmet_rule_is_no_match_whatever_the_score(topic: Make):
    verdict = match(topic(digest_at=0.1), title="NATO NATO", text="NATO " * 20)

    assert (verdict.rule_holds, verdict.matched, verdict.reason) == (False, False, "rule-not-met")
    assert 0 < verdict.score < 0.5


def test_a_text_without_any_term_says_so(topic: Make):
    verdict = match(topic(digest_at=0.0), title="Signato shares slide", text="")

    assert (verdict.score, verdict.matched, verdict.reason, verdict.evidence) == (0.0, False, "no-terms", ())


def test_a_verdict_names_topic_and_version(topic: Make):
    verdict = match(topic(), title="", text="")

    assert (verdict.topic, verdict.topic_version) == ("watch", topic().version)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        pytest.param("NATO Kyiv", True, id="neighbours"),
        pytest.param("NATO 1 2 3 4 Kyiv", True, id="as far as allowed"),
        pytest.param("NATO 1 2 3 4 5 Kyiv", False, id="one word too far"),
        pytest.param("Kyiv 1 2 3 4 Mark Rutte", True, id="either order, to the nearer end of a phrase"),
        pytest.param("NATO 1 2 3 4 5 6 Kyiv 1 2 3 4 5 6 7 Kyiv 8 9 NATO", True, id="any pair of hits"),
    ],
)
def test_near_counts_words(topic: Make, text: str, holds: bool):
    assert match(topic("nato NEAR/5 ukraine"), title="", text=text).rule_holds is holds


@pytest.mark.parametrize(
    ("rule", "title", "text", "holds"),
    [
        pytest.param("TITLE(nato)", "NATO today", "", True, id="title"),
        pytest.param("TITLE(nato)", "Today", "NATO", False, id="only in the text"),
        pytest.param("COUNT(ukraine) >= 3", "Kyiv", "Kyiv, Ukraine", True, id="count over title and text"),
        pytest.param("COUNT(ukraine) >= 3", "Kyiv", "Kyiv", False, id="too few"),
        pytest.param("COUNT(nato) >= 2", "", "Mark Rutte Rutte", False, id="only hits that share no word count"),
    ],
)
def test_title_and_count_ask_for_more_than_a_hit(topic: Make, rule: str, title: str, text: str, holds: bool):
    assert match(topic(rule), title=title, text=text).rule_holds is holds


@pytest.mark.parametrize(
    ("title", "branch"),
    [
        pytest.param("NATO in Kyiv", "ukraine AND nato AND NOT satire", id="the first of a choice"),
        pytest.param("Patriot, Kyiv", "ukraine AND arms NEAR/9 ukraine AND NOT satire", id="another"),
        pytest.param("Kyiv", "", id="none"),
    ],
)
def test_a_match_says_by_which_branch_the_rule_holds(topic: Make, title: str, branch: str):
    assert match(topic("ukraine AND (nato OR arms NEAR/9 ukraine) AND NOT satire"), title=title, text="").branch == branch


def test_near_reads_title_and_text_as_one(topic: Make):
    assert match(topic("nato NEAR/5 ukraine"), title="NATO today", text="Kyiv").rule_holds


def test_a_footer_far_from_the_paragraph_is_not_near(topic: Make):
    page = f"First paragraph.\nNATO did this.\n{FILLER * 16}\nMore about Ukraine"

    assert match(topic(), title="", text=page).rule_holds
    assert not match(topic("nato NEAR/35 ukraine"), title="", text=page).rule_holds


def test_evidence_stands_where_it_was_found(topic: Make):
    title, text = "ＮＡＴＯ und die Größe", "Łódź … – ﬁne \u200b NA\u200bTO, Киев: Украйна! United in Air-Defence"

    verdict = match(topic(), title=title, text=text)

    assert [(each.group, {"title": title, "text": text}[each.field][each.start : each.stop]) for each in verdict.evidence] == [
        ("nato", "ＮＡＴＯ"),
        ("nato", "NA\u200bTO"),
        ("ukraine", "Украйна"),
        ("arms", "Air-Defence"),
    ]


def test_points_of_the_evidence_add_up_to_the_groups_points(topic: Make):
    verdict = match(topic(), title="Kyiv", text=f"Kyiv {FILLER * 2} Kyiv")

    assert [each.points for each in verdict.evidence] == [6.0, 1.8, 0.54]
    assert sum(each.points for each in verdict.evidence) == pytest.approx(3.0 * (2.0 + 0.6 + 0.5 * 0.36))


def test_evidence_is_kept_short(topic: Make):
    verdict = match(topic(), title="Kyiv " * 50, text="Kyiv NATO " * 500)

    assert len(verdict.evidence) == 15


def test_a_phrase_and_a_word_inside_it_count_once():
    groups = {"nato": Group(terms=('"mark rutte"', "rutte*"))}
    topic = compile_topic("t", title="", rule="nato", groups=groups, digest_at=0.5, alert_at=0.8)

    (only,) = match(topic, title="", text="Mark Rutte").evidence

    assert only.term == '"mark rutte"'


def test_a_phrase_never_makes_two_words_count_less():
    groups = {"war": Group(terms=('"ukraine war"', "ukrain*", "war"))}
    topic = compile_topic("t", title="", rule="war", groups=groups, digest_at=0.5, alert_at=0.8)

    assert [each.term for each in match(topic, title="", text="the Ukraine war").evidence] == ["ukrain*", "war"]


ANY = st.text(max_size=30)
AWKWARD = st.text(st.sampled_from("NATOnato Kyivкиевß…\u200b\u200d\u0301\u0e48ŁéИй İﬁ.\n乌克兰é가나"), max_size=60)
TERMS = {"nato": ("nato", "nаto", "=NATO"), "kyiv": ("ky*", "київ*", '"nato ky*"'), "cjk": ("乌克兰",), "ko": ("가*",), "pattern": ("re:k.{1,3}v",)}
WORDS = ("NATO", "nato", "N\u0301ATO", "Kyiv", "ＫＹＩＶ", "Київ", "乌克兰", "가나", "NATO Kyiv", "KYiv")


@given(st.lists(ANY | AWKWARD | st.sampled_from(WORDS), max_size=8), st.lists(ANY | AWKWARD | st.sampled_from(WORDS), max_size=12))
def test_offsets_point_at_what_was_found_in_any_text(title_parts: list[str], text_parts: list[str]):
    groups = {name: Group(terms=terms) for name, terms in TERMS.items()}
    topic = compile_topic("t", title="", rule="nato NEAR/3 kyiv OR kyiv OR cjk OR ko OR pattern", groups=groups, digest_at=0.5, alert_at=0.8)
    fields = {"title": " ".join(title_parts), "text": " ".join(text_parts)}

    verdict = match(topic, **fields)

    assert 0.0 <= verdict.score <= 1.0
    for each in verdict.evidence:
        found = fields[each.field][each.start : each.stop]
        assert 0 <= each.start < each.stop <= len(fields[each.field])
        if each.term.startswith("re:"):
            assert re.fullmatch(each.term.removeprefix("re:"), found, re.IGNORECASE)
        elif each.term.startswith("="):
            assert visible(found) == each.term[1:]
        else:
            wanted = words(fold(each.term).text)
            got = words(fold(found).text)
            assert [here[: len(word)] for here, word in zip(got, wanted, strict=False)] == wanted  # marks of other scripts may follow


@given(st.lists(ANY | AWKWARD, max_size=6), st.sampled_from(WORDS), st.lists(ANY | AWKWARD, max_size=6))
def test_a_word_that_stands_alone_is_found_in_any_text(before: list[str], word: str, after: list[str]):
    groups = {"all": Group(terms=tuple(term for terms in TERMS.values() for term in terms))}
    topic = compile_topic("t", title="", rule="all", groups=groups, digest_at=0.0, alert_at=0.8)

    assert match(topic, title="", text=f"{' '.join(before)} {word} {' '.join(after)}").rule_holds


def test_topics_that_are_judged_together_say_what_each_says_alone(topic: Make):
    looking_twice = compile_topic("twice", title="", rule="a", groups={"a": Group(terms=("kyiv", "=NATO"))}, digest_at=0.5, alert_at=0.8, look_alikes=True)
    other = compile_topic("other", title="", rule="b", groups={"b": Group(terms=("kyiv", "meets"))}, digest_at=0.5, alert_at=0.8)
    title, text = "NATO meets", "in Kуiv"  # with a Cyrillic letter
    together = Topics([topic(), looking_twice, other])

    assert together.judge(prepare(title, text)) == tuple(match(each, title=title, text=text) for each in together)
    assert [len(each.evidence) for each in together.judge(prepare(title, text))] == [1, 2, 1]


def test_an_article_is_prepared_once_for_any_number_of_topics(topic: Make):
    article = prepare("NATO meets", "in Kyiv")

    assert judge(topic(), article) == match(topic(), title="NATO meets", text="in Kyiv", lang="en")
    assert not judge(topic("nato AND arms"), article).matched


@pytest.mark.parametrize(
    ("text", "worth_reading"),
    [
        pytest.param("A briefing in Kyiv", True, id="a group that speaks for it"),
        pytest.param("(dpo) today", False, id="a group that speaks against it"),
        pytest.param("A patriot sings", False, id="a group that only adds points"),
        pytest.param("Signato nato", False, id="no term"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_an_article_is_worth_reading_when_it_names_what_the_rule_asks_for(topic: Make, text: str, worth_reading: bool):
    assert Topics([topic()]).mentions(prepare("", text)) is worth_reading


@pytest.mark.parametrize("text", ["A briefing in Kyiv", "(dpo) today", "(dpo) in Kyiv", "Signato nato", ""])
def test_what_is_worth_judging_is_what_is_somebodys_story(topic: Make, text: str):
    topics = Topics([topic()])

    assert topics.mentions(prepare("", text)) is any(topics.speak_for(each) for each in topics.judge(prepare("", text)))


@pytest.mark.parametrize(
    ("text", "worth_reading"),
    [
        pytest.param("Berlin today", False, id="two groups short"),
        pytest.param("Berlin and Moscow", True, id="one group short"),
        pytest.param("Moscow sends tanks to Berlin", True, id="none short"),
        pytest.param("Tanks in a museum in Berlin", True, id="another one short"),
        pytest.param("Moscow today", False, id="what weighs nothing"),
        pytest.param("Moscow sends tanks", True, id="a choice inside a branch"),
        pytest.param("Kyiv today", True, id="a branch of one group"),
    ],
)
def test_an_article_is_worth_reading_when_a_branch_lacks_no_more_than_one_group(text: str, worth_reading: bool):
    groups = {
        "ukraine": Group(terms=("kyiv",)),
        "allies": Group(terms=("berlin",)),
        "russia": Group(weight=0.0, terms=("moscow",)),
        "arms": Group(terms=("tanks",)),
        "talks": Group(terms=("truce",)),
    }
    rule = "(ukraine OR allies AND russia AND (arms OR talks)) AND NOT talks"
    topics = Topics([compile_topic("t", title="", rule=rule, groups=groups, digest_at=0.5, alert_at=0.8)])

    assert topics.mentions(prepare("", text)) is worth_reading
    assert any(topics.speak_for(each) for each in topics.judge(prepare("", text))) is worth_reading


MIXED = "N\u0410\u0422\u041e"  # N, and three Cyrillic letters


@pytest.mark.parametrize(
    ("spelling", "term"),
    [
        pytest.param(MIXED, "=NATO", id="A44 exact capitals"),
        pytest.param(MIXED, "nato*", id="A44 stem"),
        pytest.param("Ky\u0456v", "kyiv", id="A44 one letter"),
        pytest.param("N\u0391\u03a4\u039f", "=NATO", id="A44 Greek letters"),
        pytest.param("\u0423\u043ap\u0430\u0457\u043da", "україн*", id="A44 Latin letters in a Cyrillic word"),
        pytest.param(f"{MIXED} summit", '"nato summit*"', id="A44 phrase"),
    ],
)
def test_A44_look_alike_letters_match_only_where_the_topic_asks_for_it(topic: Make, spelling: str, term: str):
    groups = {"a": Group(terms=(term,))}
    strict, open_minded = (topic("a", groups=groups, look_alikes=look_alikes) for look_alikes in (False, True))

    assert match(strict, title=f"The {spelling} today", text="").evidence == ()
    (evidence,) = match(open_minded, title=f"The {spelling} today", text="").evidence
    assert (evidence.start, evidence.stop) == (4, 4 + len(spelling))
    assert strict.version != open_minded.version


def test_A44_words_of_one_alphabet_never_become_words_of_another(topic: Make):
    groups = {"a": Group(terms=("oca", "kopa", "=CHOP"))}

    assert match(topic("a", groups=groups, look_alikes=True), title="оса кора СНОР", text="").evidence == ()


def test_a_weight_of_zero_counts_in_the_rule_only():
    groups = {"arms": Group(terms=("tanks",)), "west": Group(weight=0.0, terms=("berlin",))}
    topic = compile_topic("t", title="", rule="arms NEAR/5 west", groups=groups, digest_at=0.5, alert_at=0.8)

    assert match(topic, title="", text="Berlin sends tanks").score == 0.5
    assert not Topics([topic]).mentions(prepare("Berlin today", ""))


def test_the_json_of_a_score_is_what_the_contract_says(topic: Make):
    verdict = match(topic(), title="NATO in Kyiv", text="")

    assert score_json(replace(verdict, evidence=verdict.evidence[:1]), "d1") == {
        "id": "d1",
        "score": 0.9975,
        "matched": True,
        "alert": True,
        "evidence": [{"group": "nato", "term": "=NATO", "field": "title", "start": 0, "stop": 4, "points": 6.0}],
    }
