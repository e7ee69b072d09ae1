"""Folding, words, and lines for people."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor import text as texts
from monitor.text import Folded, around, clean_line, fold, language_name, sentences, stems, visible, word_spans, words

ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
AWKWARD_TEXT = st.text(st.sampled_from("aZ \u200d\u0e48\u0e38\u093c\u094dßİıŁﬁйї½™…Ώᾳ\u0301\u0306\u200b\u00ad\u202eनाटो나토乌克兰ไท.-\n"), max_size=200)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("NATO", "nato", id="case"),
        pytest.param("NA\u200bT\u00adO", "nato", id="invisible characters"),
        pytest.param("\u202eNATO\u202c", "nato", id="bidi overrides"),
        pytest.param("ＮＡＴＯ", "nato", id="full-width letters"),
        pytest.param("Zełenski, Łódź, København", "zelenski, lodz, kobenhavn", id="strokes"),
        pytest.param("Größe", "grosse", id="sharp s"),
        pytest.param("İstanbul ısrar", "istanbul israr", id="Turkish i with and without dot"),
        pytest.param("Київ, Украйна", "киів, украина", id="Cyrillic marks"),
        pytest.param("Ки\u0456\u0308в", "киів", id="marks written apart"),
        pytest.param("Άμυνα ΣΤΟΛΤΕΝΜΠΕΡΓΚΣ", "αμυνα στολτενμπεργκσ", id="Greek"),
        pytest.param("नाटो", "नाटो", id="Indic vowels are no accents"),
        pytest.param("℠", "sm", id="signs that open into capitals"),
    ],
)
def test_folding_forgets_case_accents_and_what_is_not_seen(text: str, folded: str):
    assert fold(text).text == folded


@given(ANY_TEXT | AWKWARD_TEXT)
def test_folding_again_changes_nothing(text: str):
    folded = fold(text).text

    assert fold(folded).text == folded


def test_nothing_of_unicode_that_is_invisible_in_latin_or_cyrillic_text_survives_folding():
    seen_as_signs = range(0x0600, 0x0900)  # Arabic and Syriac number signs belong to the category but are drawn
    invisible = [code for code in range(0x10000) if unicodedata.category(chr(code)) == "Cf" and code not in seen_as_signs and code < 0xFFF0]

    assert [hex(code) for code in invisible if fold(chr(code)).text] == []


@given(ANY_TEXT | AWKWARD_TEXT)
@example("\u0e48\u202a\u093c")  # marks that change places over what shows nothing
def test_every_word_found_in_folded_text_has_its_place_in_the_original(text: str):
    folded = fold(text)

    for start, stop in word_spans(folded.text, words(folded.text)):
        first, last = folded.place(start, stop)
        assert 0 <= first < last <= len(text)
        assert folded.text[start:stop] in fold(text[first:last]).text


@given(st.lists(ANY_TEXT | AWKWARD_TEXT, max_size=8), st.integers(1, 12))
def test_a_long_text_is_folded_and_placed_as_a_short_one(pieces: list[str], block: int):
    text = " ".join(pieces)
    whole = Folded(text, [])
    in_blocks = Folded(text, [index for index, letter in enumerate(text) if index >= block and letter == " "])

    assert in_blocks.text == whole.text
    assert [in_blocks.place(at, at + 1) for at in range(len(whole.text))] == [whole.place(at, at + 1) for at in range(len(whole.text))]


@given(AWKWARD_TEXT, ANY_TEXT)
def test_a_word_amid_awkward_text_is_placed_exactly(before: str, after: str):
    text = f"{before} Łódź {after}"
    folded = fold(text)
    start = len(fold(before).text) + 1

    assert text[slice(*folded.place(start, start + 4))].startswith("Łódź")


def test_marks_written_apart_belong_to_the_letter_before():
    text = "Po Zelenske\u0301 more"
    folded = fold(text)

    assert text[slice(*folded.place(3, 11))] == "Zelenske\u0301"


def test_words_and_their_spans_agree():
    folded = fold("L'Ukraine, F-16; नाटो 乌克兰NATO峰会 나토는 snake_case").text

    assert words(folded) == ["l", "ukraine", "f", "16", "नाटो", "乌", "克", "兰", "nato", "峰", "会", fold("나토는").text, "snake", "case"]
    assert words(folded) == [folded[start:stop] for start, stop in word_spans(folded, words(folded))]


def test_stems_are_words_of_two_letters_and_more_without_endings():
    assert stems("Die Raketen, 12 von 3 a x2") == ["die", "rakete", "von"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("NA\u200bTO", "NATO", id="invisible"),
        pytest.param("Ｎａｔｏ", "Nato", id="full-width"),
        pytest.param("My\u0303", "Mỹ", id="accents stay and are joined"),
    ],
)
def test_visible_keeps_capitals_and_accents(text: str, seen: str):
    assert visible(text) == seen


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("  one\n two\t\u2028three ", "one two three", id="one line"),
        pytest.param("a\x00b\x1b[31mc", "a b [31mc", id="control characters"),
        pytest.param("abc\u202egnp.exe", "abcgnp.exe", id="bidi override"),
        pytest.param("e\u0301" + "\u0301" * 20 + "!", "e\u0301\u0301\u0301\u0301!", id="towers of marks"),
        pytest.param("cụ thể – Zeł", "cụ thể – Zeł", id="real accents stay"),
        pytest.param("\ud800lone", "lone", id="half a surrogate pair"),
        pytest.param("👩\u200d👧 ok", "👩\u200d👧 ok", id="joined emoji stay"),
    ],
)
def test_a_line_for_people_holds_nothing_that_deceives(text: str, line: str):
    assert clean_line(text, 100) == line


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        pytest.param("abcdef", 6, "abcdef", id="fits"),
        pytest.param("abcdef", 5, "abcd…", id="cut"),
        pytest.param("abc def", 5, "abc…", id="no space before the dots"),
        pytest.param("abcde\u0301f", 6, "abcd…", id="a letter keeps its marks"),
        pytest.param("ab👩\u200d👧cd", 5, "ab…", id="a joined emoji is not cut"),
        pytest.param("abc👍🏽de", 5, "abc…", id="nor its skin tone"),
        pytest.param("abc🇺🇦de", 5, "abc…", id="nor a flag"),
        pytest.param("abc", 0, "…", id="no room"),
    ],
)
def test_a_line_is_cut_between_letters(text: str, limit: int, line: str):
    assert clean_line(text, limit) == line


@pytest.mark.parametrize(
    ("text", "word", "width", "parts"),
    [
        pytest.param("At last NATO meets in Kyiv", "NATO", 40, ("At last ", "NATO", " meets in Kyiv"), id="all of it"),
        pytest.param("What was said before of NATO and what comes after", "NATO", 12, ("…before of ", "NATO", " and what…"), id="cut between words"),
        pytest.param("A title\nIn Kyiv, NATO\nMore", "NATO", 40, ("In Kyiv, ", "NATO", ""), id="its paragraph"),
        pytest.param(
            "昨日記者会見で大統領はウクライナへの新たな軍事支援を発表した", "ウクライナ", 5, ("…で大統領は", "ウクライナ", "への新たな…"), id="no spaces"
        ),
        pytest.param("ประธานาธิบดีที่ยูเครนเยี่ยมชม", "ยูเครน", 4, ("…ที่", "ยูเครน", "เยี่…"), id="Thai, not between a letter and its marks"),
        pytest.param("नाटो के प्रक्षेपास्त्र", "के", 6, ("नाटो ", "के", " प्र…"), id="Hindi, not inside a cluster"),
        pytest.param("زار الأمين العام أوديسا أمس مع الرئيس", "أوديسا", 10, ("…العام ", "أوديسا", " أمس مع…"), id="Arabic"),
        pytest.param("x" * 90 + "NATO", "NATO", 10, ("…" + "x" * 10, "NATO", ""), id="a word without end"),
        pytest.param("\u202eover NATO\u202c\x07", "NATO", 40, ("over ", "NATO", ""), id="nothing that turns the direction"),
    ],
)
def test_a_place_is_shown_amid_its_words(text: str, word: str, width: int, parts: tuple[str, str, str]):
    start = text.index(word)

    assert around(text, start, start + len(word), width) == parts


@given(ANY_TEXT | AWKWARD_TEXT, ANY_TEXT | AWKWARD_TEXT, st.integers(1, 30))
def test_what_stands_around_a_place_is_one_line_and_bounded(before: str, after: str, width: int):
    shown = "".join(around(f"{before}NATO{after}", len(before), len(before) + 4, width))

    assert "NATO" in shown
    assert shown.splitlines() in ([], [shown])
    assert len(shown) <= 4 + 4 * width + 4


@given(ANY_TEXT | AWKWARD_TEXT, st.integers(1, 60))
def test_a_line_keeps_its_limit_and_stays_one_line(text: str, limit: int):
    line = clean_line(text, limit)

    assert len(line) <= limit
    assert line.splitlines() in ([], [line])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("One here. Two there! Three?", ["One here.", "Two there!", "Three?"], id="plain"),
        pytest.param("Mr. Rutte met J. Smith. He left.", ["Mr. Rutte met J. Smith.", "He left."], id="abbreviations and initials"),
        pytest.param("It cost 3.5 million. Fine.", ["It cost 3.5 million.", "Fine."], id="decimals"),
        pytest.param("“We stay.” He left.", ["“We stay.”", "He left."], id="quotation marks"),
        pytest.param("A headline\nThe text.", ["A headline", "The text."], id="line breaks"),
        pytest.param("会谈结束。双方离开。", ["会谈结束。", "双方离开。"], id="Chinese"),
        pytest.param(" \n ", [], id="nothing"),
    ],
)
def test_sentences_end_where_readers_pause(text: str, found: list[str]):
    assert sentences(text) == found


@given(ANY_TEXT | AWKWARD_TEXT)
def test_sentences_lose_no_letter(text: str):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(st.text("aZ09 _-.,'\"\n\t!é", max_size=30))
def test_the_words_of_plain_english_are_cut_as_those_of_any_text(text):
    folded = fold(text).text

    assert words(folded) == texts._WORD.findall(folded)


@pytest.mark.parametrize(
    ("code", "name"), [("uk", "Ukrainian"), ("pt-BR", "Portuguese"), ("zh_Hant", "Chinese"), ("und", ""), ("", ""), ("xx-!!", "xx-!!"), ("klingon", "klingon")]
)
def test_languages_are_called_by_their_names(code: str, name: str):
    assert language_name(code) == name
