"""An article as numbers, and back from the bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stories.traits import Opening, beginning, crc, pack, read, unpack
from monitor.text import stems


class EverythingIsRare(dict):
    def __missing__(self, stem):
        return 1.0


def traits_of(title="", lead=""):
    return read(Opening(title, lead), EverythingIsRare())


def crcs(*words):
    return tuple(sorted(crc(word) for word in words))


@given(st.text(), st.text())
def test_saved_traits_come_back_as_they_were(title, lead):
    traits = traits_of(title, lead)

    assert unpack(pack(traits)) == traits


def test_bytes_that_end_too_early_are_refused():
    with pytest.raises(Exception, match="requires a buffer"):
        unpack(pack(traits_of("Rutte visits Odesa"))[:-3])


def test_vector_has_length_one():
    traits = traits_of("Rutte visits Odesa", "The secretary general came to Odesa without notice.")

    assert sum(weight * weight for weight in traits.weights) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("title", "names", "numbers"),
    [
        pytest.param("Ministers meet Rutte in Odesa", ("rutte", "odesa"), (), id="capitals inside a sentence"),
        pytest.param("Okafor: brigades need training", ("okafor",), (), id="a speaker before a colon"),
        pytest.param("Talks end. Nobody signs", (), (), id="not the start of a sentence"),
        pytest.param("Storm kills 35, floods 1,200 homes #3.30@17", (), ("35", "1,200", "3.30", "17"), id="numbers as written"),
        pytest.param("У центрі Сум загинули 35 людей", ("сум",), ("35",), id="Cyrillic"),
    ],
)
def test_names_and_numbers_of_a_headline(title, names, numbers):
    traits = traits_of(title)

    assert traits.title_names == crcs(*names)
    assert traits.title_numbers == crcs(*numbers)


def test_short_titles_have_no_key_to_be_called_copies_by():
    assert not traits_of("Morning briefing").title_key
    assert traits_of("Rutte visits Odesa, meets Zelenskyy").title_key == traits_of("RUTTE visits Odesa – meets Zelenskyy").title_key


def test_half_a_word_at_the_end_of_the_lead_is_left_out():
    assert beginning("word " * 119 + "industry") == ("word " * 119).strip()
    assert beginning("A short lead") == "A short lead"


def test_stems_are_those_of_the_whole_program():
    assert traits_of("Rutte visits").title_stems == tuple(map(crc, stems("Rutte visits")))
