"""What should be read on a page, written down and compared."""

import pytest

from monitor.articles.samples import Reading, difference, other_fields, read, written

READING = Reading(
    url="https://a.example/1", content_type="text/html", status="full", title="A: title", next="https://a.example/1?page=2", text="One.\nTwo: three."
)


def test_what_is_written_reads_back():
    assert read(written(READING)) == READING
    assert read(written(Reading(url="https://a.example/1"))) == Reading(url="https://a.example/1")


def test_what_an_editor_leaves_behind_does_no_harm():
    assert read("URL:  https://a.example/1 \r\nStatus: full\r\n\r\nOne. \r\n\r\nTwo.\r\n\r\n") == Reading(
        url="https://a.example/1", status="full", text="One.\nTwo."
    )


@pytest.mark.parametrize(
    ("text", "line"), [("", 1), ("status: full\n\nx", 1), ("url: https://a.example/1\nOne.", 2), ("url: https://a.example/1\nother: x\n\n", 2)]
)
def test_what_does_not_read_names_its_line(text, line):
    with pytest.raises(ValueError, match=f"line {line}: "):
        read(text)


def test_words_are_counted_and_lines_shown():
    found = difference("Same line.\nOld words go here.\nLast.", "Same line.\nNew words come here.\nLast.\nMore.")

    assert (found.gained, found.lost) == (3, 2)
    assert found.lines == ("- Old words go here.", "+ New words come here.", "+ More.")


def test_the_same_text_has_no_difference():
    assert difference("a\nb", "a\nb") == difference("", "")


def test_other_fields_are_named_with_both_values():
    assert other_fields(READING, Reading(url="x", status="partial", title="A: title")) == (
        "status: full → partial",
        "next: https://a.example/1?page=2 → (none)",
    )
