import json
from datetime import UTC, datetime

import pytest

from monitor.errors import BadData
from monitor.matcher.labels import label_row, read_labels
from monitor.model import Grade, Label


def read(*rows, topic: str = "watch") -> list[Label]:
    return list(read_labels([row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows], name="l.jsonl", topic=topic))


def test_a_line_is_a_label():
    (found,) = read({"id": "d1", "lang": "de", "title": "Titel", "text": "Text", "grade": 2, "reason": "visit", "hard": True, "grade_a": 2})

    assert found == Label(topic="watch", id="d1", grade=Grade.YES, language="de", title="Titel", text="Text", note="visit")


def test_what_is_written_is_read_again():
    label = Label(
        topic="other", id="x", grade=Grade.PARTLY, url="https://e.org/", language="uk", title="Київ", text="…", note="n", at=datetime(2026, 1, 2, tzinfo=UTC)
    )

    row = label_row(label)

    assert read(row | {"at": row["at"].isoformat()}) == [label]


def test_empty_lines_are_passed_over_and_the_address_is_an_id_too():
    assert [(each.id, each.grade) for each in read(b"\n", {"url": "https://e.org/1", "title": "t", "grade": "no"}, b"  ")] == [("https://e.org/1", Grade.NO)]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        pytest.param([b"{"], "l.jsonl:1: is not JSON", id="not JSON"),
        pytest.param([b"[1]"], "is not an object", id="a list"),
        pytest.param([{"id": "1", "title": "t", "grade": 3}], "grade: must be 2", id="a grade that is none"),
        pytest.param([{"id": "1", "title": "t", "grade": True}], "grade: must be 2", id="true is no grade"),
        pytest.param([{"id": "1", "title": "t"}], "grade: must be 2", id="no grade"),
        pytest.param([{"id": "1", "title": "", "text": " ", "grade": 2}], "title and text are empty", id="nothing to judge"),
        pytest.param([{"title": "t", "grade": 2}], "id: must be", id="no id"),
        pytest.param([{"id": "1", "title": 5, "grade": 2}], "title: must be text", id="a number for a title"),
        pytest.param([{"id": "1", "title": "t", "grade": 2, "at": "yesterday"}], "at: must be a time", id="no time"),
        pytest.param([{"id": "1", "title": "t", "grade": 2, "at": "2026-01-01T00:00:00"}], "at: must name its zone", id="no zone"),
        pytest.param([{"id": "1", "title": "t", "grade": 2}] * 2, 'l.jsonl:2: id: "1" stands in line 1 already', id="twice"),
    ],
)
def test_a_line_that_is_no_label_is_refused_with_its_place(rows, complaint):
    with pytest.raises(BadData, match=complaint):
        read(*rows)
