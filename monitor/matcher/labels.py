"""Labelled examples as JSON Lines, one a line: {"id", "lang", "title", "text", "grade"}, and where they are known "topic", "url", "note", "at".

grade: 2 belongs, 1 partly, 0 does not.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from monitor.errors import BadData
from monitor.model import Grade, Label

_WORDS = {"yes": Grade.YES, "partly": Grade.PARTLY, "no": Grade.NO}
_LONGEST_ID = 2000


def read_labels(lines: Iterable[bytes], *, name: str, topic: str = "") -> Iterator[Label]:
    """The labels of a file, one after the other. topic: of rows that name none. raises: BadData with file, line and key."""
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        label = _label(line, f"{name}:{number}", topic)
        before = seen.setdefault((label.topic, label.id), number)
        if before != number:
            raise BadData(f'{name}:{number}: id: "{label.id}" stands in line {before} already – leave one of the two')
        yield label


def label_row(label: Label) -> dict[str, Any]:
    """A label as a line of such a file."""
    row = {"id": label.id, "lang": label.language, "title": label.title, "text": label.text, "grade": int(label.grade), "topic": label.topic}
    return row | {key: value for key, value in (("url", label.url), ("note", label.note), ("at", label.at)) if value}


def _label(line: bytes, place: str, topic: str) -> Label:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadData(f"{place}: is not JSON: {error}") from error
    if not isinstance(row, dict):
        raise BadData(f'{place}: is not an object – write {{"id": "1", "title": "…", "text": "…", "grade": 2}}')
    title, text = _text(row, "title", place), _text(row, "text", place)
    if not title.strip() and not text.strip():
        raise BadData(f"{place}: title and text are empty – there is nothing to judge")
    identity = row.get("id", row.get("url"))
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    if not isinstance(identity, str) or not 0 < len(identity) <= _LONGEST_ID:
        raise BadData(f"{place}: id: must be a text of 1 to {_LONGEST_ID} characters that no other line has")
    return Label(
        topic=_text(row, "topic", place) or topic,
        id=identity,
        grade=_grade(row, place),
        url=_text(row, "url", place),
        language=_text(row, "lang", place) or _text(row, "language", place),
        title=title,
        text=text,
        note=_text(row, "note", place) or _text(row, "reason", place),
        source="file",
        at=_time(row, place),
    )


def _grade(row: Mapping[str, Any], place: str) -> Grade:
    given = row.get("grade")
    if isinstance(given, str) and given in _WORDS:
        return _WORDS[given]
    if isinstance(given, int) and not isinstance(given, bool) and given in tuple(Grade):
        return Grade(given)
    raise BadData(f"{place}: grade: must be 2 (belongs), 1 (partly) or 0 (does not), not {json.dumps(given, ensure_ascii=False)[:40]}")


def _text(row: Mapping[str, Any], key: str, place: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadData(f"{place}: {key}: must be text, not {json.dumps(value, ensure_ascii=False)[:40]}")
    return value


def _time(row: Mapping[str, Any], place: str) -> datetime | None:
    given = _text(row, "at", place)
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError as error:
        raise BadData(f'{place}: at: must be a time such as "2026-01-31T07:30:00Z"') from error
    if at.tzinfo is None:
        raise BadData(f'{place}: at: must name its zone, such as "2026-01-31T07:30:00Z"')
    return at
