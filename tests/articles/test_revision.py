"""What makes another version."""

import pytest

from monitor.articles.revision import changed_ratio, is_new_version

TEXT = " ".join(f"word{chr(97 + number % 26)}{chr(97 + number // 26)}" for number in range(100))


def other(words):
    return " ".join(["other"] * words + TEXT.split()[words:])


@pytest.mark.parametrize(("words", "is_new"), [(0, False), (10, False), (11, True), (100, True)])
def test_more_than_a_tenth_of_other_words_is_a_new_version(words, is_new):
    assert is_new_version(TEXT, other(words)) is is_new


def test_added_and_cut_words_count_against_the_longer_text():
    assert changed_ratio(TEXT, TEXT + " more" * 25) == pytest.approx(0.2)
    assert changed_ratio(TEXT + " more" * 25, TEXT) == pytest.approx(0.2)


def test_order_case_accents_and_white_space_do_not():
    assert changed_ratio("Über Kyiv\nflogen Drohnen.", "drohnen flogen  uber KYIV") == 0


def test_languages_without_spaces_are_compared_by_their_characters():
    assert 0 < changed_ratio("停戦交渉が始まった。" * 5, "停戦交渉が終わった。" * 5) < 0.5


def test_nothing_and_nothing_is_the_same():
    assert changed_ratio("", "") == 0
