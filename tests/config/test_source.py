"""On which line each key stands."""

import tomllib

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.source import Path, Source, dotted

EVERYTHING = '''# a comment with = and [brackets]
top = "text with # and \\" inside"

[a."b.c"]   # another
x.y = 1
list = [
  1, # one
  [2, { z = 3 }],
]
long = """
[not.a.table]
k = 1
"""
raw = \'\'\'
k = "\'\'\'
after = { p = [ { q = true } ], 'r s' = 1979-05-27T07:32:00Z }
[[list-table]]
name = 1
[[list-table]]
name = 2
[list-table.below]
deep = 3
'''


def test_every_kind_of_key_is_found():
    lines = Source(file="x", text=EVERYTHING).lines

    assert lines[("top",)] == 2
    assert lines[("a",)] == lines[("a", "b.c")] == 4
    assert lines[("a", "b.c", "x", "y")] == 5
    assert lines[("a", "b.c", "list", 0)] == 7
    assert lines[("a", "b.c", "list", 1, 1, "z")] == 8
    assert lines[("a", "b.c", "long")] == 10
    assert lines[("a", "b.c", "after", "p", 0, "q")] == 16
    assert lines[("a", "b.c", "after", "r s")] == 16
    assert lines[("list-table", 0, "name")] == 18
    assert lines[("list-table", 1, "name")] == 20
    assert lines[("list-table", 1, "below", "deep")] == 22


def test_a_key_is_shown_as_one_would_write_it():
    assert dotted(("sites", "example.com", "keep", 0)) == 'sites."example.com".keep[0]'


def paths(value: object, here: Path = ()) -> set[Path]:
    if isinstance(value, dict):
        return {here} | {path for key, below in value.items() for path in paths(below, (*here, key))}
    if isinstance(value, list):
        return {here} | {path for position, below in enumerate(value) for path in paths(below, (*here, position))}
    return {here}


_VALUES = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.text(st.characters(exclude_categories=["C"]), max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text("aB-_. é\"'#=[]{},", min_size=1, max_size=4), below, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("ab.\"'#=[]", min_size=1, max_size=3), _VALUES, max_size=4))
def test_every_value_of_any_document_has_a_line(document: dict[str, object]):
    text = tomlkit.dumps(document)

    assert set(Source(file="x", text=text).lines) == paths(tomllib.loads(text)) - {()}


@given(st.text("a=[]{}\"'.,#\n \\1", max_size=40))
def test_no_text_stops_it(text: str):
    lines = Source(file="x", text=text).lines

    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
