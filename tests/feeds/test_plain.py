"""Feeds' HTML as one line of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds import plain as reading

balanced = st.recursive(
    st.sampled_from(
        ["text", " two  words ", "&amp;", "&lt;b&gt;", "<br>", "<img src='/1.gif'>", "<a href='/x'>link</a>", "<em>x</em>", "\n", "&nbsp;", "\u2028"]
    ),
    lambda inner: st.tuples(st.sampled_from(["p", "div", "li", "ul", "blockquote", "b", "span", "x"]), st.lists(inner, max_size=4)).map(
        lambda given: f"<{given[0]}>{''.join(given[1])}</{given[0]}>"
    ),
    max_leaves=12,
)


@given(st.lists(balanced, min_size=1, max_size=4).map("".join))
def test_simple_markup_gives_the_line_that_its_tree_gives(markup):
    short = reading.plain(markup, is_html=True)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "simple_pieces", lambda *_, **__: None)
        assert reading.plain(markup, is_html=True) == short
