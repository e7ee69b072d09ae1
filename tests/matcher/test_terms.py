"""Terms: what each kind finds, what is refused, and that hostile patterns stay cheap."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import QueryError
from monitor.matcher.terms import Lexicon, Reading, hostile_texts, read_term


def found(term: str, text: str) -> list[str]:
    """What a term finds in a text, as it stands there."""
    reading = Reading(text)
    return [text[slice(*reading.place(hit))] for hit in Lexicon([read_term("g", term)]).hits(reading)]


@pytest.mark.parametrize(
    ("term", "text", "hits"),
    [
        pytest.param("kyiv", "Kyiv, KYIV and kyivan", ["Kyiv", "KYIV"], id="word"),
        pytest.param("ukrain*", "Ukraine's Ukrainians in reukraine", ["Ukraine", "Ukrainians"], id="stem"),
        pytest.param("eu*", "EU euro neu", ["EU", "euro"], id="stem of two letters"),
        pytest.param("zelensk*", "Zełenskiego, Zelenský", ["Zełenskiego", "Zelenský"], id="accents in the text"),
        pytest.param("зеленський", "ЗЕЛЕНСЬКИЙ", ["ЗЕЛЕНСЬКИЙ"], id="accents in the term"),
        pytest.param('"mark rutte"', "Mark  Rutte; Mark, Rutte; Mark de Rutte", ["Mark  Rutte", "Mark, Rutte"], id="phrase"),
        pytest.param('"air defen*"', "air defences, air-defense", ["air defences", "air-defense"], id="phrase with a stem"),
        pytest.param('"waffen* ukrain*"', "Waffenlieferung Ukraine", ["Waffenlieferung Ukraine"], id="phrase of stems"),
        pytest.param('"a b"', "a", [], id="phrase cut off by the end"),
        pytest.param("f-16", "F-16, F 16, F16", ["F-16", "F 16"], id="hyphen"),
        pytest.param("=NATO", "NATO nato Nato NATOs", ["NATO"], id="capitals"),
        pytest.param("=NATO", "NA\u200bTO ＮＡＴＯ", ["NA\u200bTO", "ＮＡＴＯ"], id="capitals behind a disguise"),
        pytest.param("=Mỹ", "my Mỹ", ["Mỹ"], id="exact accents"),
        pytest.param("(dpo)", "Moskau (dpo) - ", ["dpo"], id="signs around a word"),
        pytest.param("乌克兰", "访问乌克兰。", ["乌克兰"], id="Chinese inside a run"),
        pytest.param("北约*", "北约峰会", ["北约"], id="Chinese stem, where nothing need follow"),
        pytest.param('"北约 秘书长"', "北约秘书长今日", ["北约秘书长"], id="Chinese phrase, blanks or not"),
        pytest.param("ウクライナ", "米国、ウクライナへの兵器", ["ウクライナ"], id="Japanese between particles"),
        pytest.param("ウクライナ", "ｳｸﾗｲﾅ", ["ｳｸﾗｲﾅ"], id="Japanese in half width"),
        pytest.param("ยูเครน", "ประธานาธิบดียูเครนเยือน", ["ยูเครน"], id="Thai inside a run"),
        pytest.param("ယူကရိန်း", "ယူကရိန်းနိုင်ငံ", ["ယူကရိန်း"], id="Burmese inside a run"),
        pytest.param("nato加盟", "ウクライナのNATO加盟", ["NATO加盟"], id="two scripts in one word"),
        pytest.param("नाटो*", "नाटो प्रमुख", ["नाटो"], id="Hindi"),
        pytest.param("나토*", "나토는 오늘", ["나토는"], id="Korean"),
        pytest.param("가자*", "가자지구 가장 가자", ["가자지구", "가자"], id="Korean by whole syllables"),
        pytest.param(r"re:\bm1a[12]\b", "M1A2 and m1a1, M1A3", ["M1A2", "m1a1"], id="pattern"),
        pytest.param("re:(?:kab|fab)-[0-9]{3,4}", "a FAB-500 bomb", ["FAB-500"], id="pattern with a choice"),
    ],
)
def test_a_term_finds(term: str, text: str, hits: list[str]):
    assert found(term, text) == hits


@pytest.mark.parametrize(
    ("term", "column", "message"),
    [
        pytest.param("", 1, "holds no letter", id="empty"),
        pytest.param("…", 1, "holds no letter", id="signs only"),
        pytest.param("ukr*ne", 4, "* inside a word", id="star inside"),
        pytest.param("*aine", 1, "* inside a word", id="star first"),
        pytest.param('"air def*nce"', 9, "* inside a word", id="star inside a phrase"),
        pytest.param("u*", 2, "fewer than two letters", id="short stem"),
        pytest.param('"air *"', 6, "fewer than two letters", id="lone star"),
        pytest.param("mark rutte", 5, "holds a space", id="phrase without marks"),
        pytest.param('"mark rutte', 12, "opening quotation mark only", id="open phrase"),
        pytest.param("=NATO*", 6, "cannot end in *", id="exact stem"),
        pytest.param("=Foreign Office", 2, "more than one word", id="exact phrase"),
        pytest.param("x" * 201, 201, "longer than 200", id="too long"),
        pytest.param("re:(", 4, "no regular expression", id="broken pattern"),
        pytest.param("re:ab[", 6, "no regular expression", id="broken pattern, farther on"),
        pytest.param("re:(a+)+$", 4, "repeats without end", id="A56 nested quantifier"),
        pytest.param("re:(a{1,5}){2,5}", 4, "itself repeats", id="A56 nested bounded quantifier"),
        pytest.param("re:(?:ab|a){2,9}c", 4, "repeats or chooses", id="A56 repeated choice"),
        pytest.param("re:a.*b", 4, "repeats without end", id="A56 endless"),
        pytest.param(r"re:(a)\1", 4, "refers back", id="A56 backreference"),
        pytest.param("re:[[a]", 4, "no regular expression", id="pattern that Python warns of"),
        pytest.param("re:a{0,5}", 4, "finds the empty text", id="empty match"),
        pytest.param("re:x.{0,20}y.{0,20}z", 4, "ways from one place", id="A56 too much work"),
    ],
)
def test_a_mistaken_term_is_refused_with_its_column(term: str, column: int, message: str):
    with pytest.raises(QueryError) as mistake:
        read_term("g", term)

    assert (mistake.value.column, message in mistake.value.message, bool(mistake.value.hint)) == (column, True, True), mistake.value


@given(st.text(max_size=40) | st.text(st.sampled_from('ab *"=re:(){}+|\\1,9?'), max_size=20) | st.from_regex(r"re:[ab(){}|?+*,0-9\\.]{0,15}", fullmatch=True))
def test_no_term_breaks_the_reader(term: str):
    mistake = None
    try:
        found(term, "ab aab a.b 12 ab")
    except QueryError as error:
        mistake = error

    assert mistake is None or mistake.hint


@pytest.mark.parametrize("pattern", ["re:a{1,99}b", "re:[a-z]{1,9}?[a-z]{1,9}?b", "re:(?:a|a|a){1}a{1,30}b", "re:(?=a{1,9}b)a{1,9}c"])
def test_A56_the_worst_patterns_allowed_stay_cheap_on_a_hostile_text(pattern: str):
    reading = Reading("a" * 1_000_000)
    lexicon = Lexicon([read_term("g", pattern)])
    began = time.process_time()

    assert list(lexicon.hits(reading)) == []
    assert time.process_time() - began < 0.5  # 0.02–0.04 s here; what is refused takes minutes


@given(
    st.lists(st.sampled_from(["ab", "ab*", "=Ab", '"ab ba"', '"ba ab*"', "ба*", "北约", "aba"]), min_size=1, unique=True),
    st.text(st.sampled_from("abAB ба北约,\u0301\u200b"), max_size=30),
    st.booleans(),
)
def test_few_terms_find_what_they_find_among_many(terms: list[str], text: str, look_alikes: bool):
    few = [read_term("g", term) for term in terms]
    many = [*few, *(read_term("other", f"unheard{number}") for number in range(100))]

    assert list(Lexicon(few, look_alikes=look_alikes).hits(Reading(text))) == list(Lexicon(many, look_alikes=look_alikes).hits(Reading(text)))


def test_overlapping_terms_are_all_found():
    terms = [read_term("g", term) for term in ("ukrain*", '"ukraine war"', "war")]
    reading = Reading("the Ukraine war")

    assert sorted(hit.term.written for hit in Lexicon(terms).hits(reading)) == ['"ukraine war"', "ukrain*", "war"]


def test_five_hundred_terms_are_compiled_and_looked_up_quickly():
    terms = [f"stem{number}*" for number in range(250)] + [f'"word{number} word{number + 1}*"' for number in range(250)]
    text = " ".join(f"слово word{number} Wörter stem{number}s" for number in range(300))
    began = time.process_time()
    lexicon = Lexicon([read_term("g", term) for term in terms])
    compiled = time.process_time()
    hits = list(lexicon.hits(Reading(text[:10_000])))
    done = time.process_time()

    assert len(hits) > 200
    assert compiled - began < 0.1  # 3 ms here
    assert done - compiled < 0.02  # 1.5 ms here; the room is for a busy machine


@pytest.mark.parametrize("pattern", ["re:a{1,99}b", r"re:\b(?:kab|fab)-[0-9]{3,4}\b", "re:[^x]{1,9}[0-9]", "re:.{1,9}"])
def test_hostile_texts_are_as_long_as_a_pattern_reads_and_hold_its_letters(pattern: str):
    texts = list(hostile_texts(read_term("g", pattern)))

    assert {len(text) for text in texts} == {20_000}
    assert len(texts) >= 2
