"""The list of promises is whole, and names what shows each."""

import conformance
import pytest
from conformance import LEFT_OUT, STATEMENTS, ids_by_test, shown


def test_the_statements_are_those_of_the_lists_each_with_a_sentence():
    numbered = [f"{letter}{number:02}" for letter, count in (("C", 60), ("A", 66), ("Q", 46)) for number in range(1, count + 1)]

    assert list(STATEMENTS) == numbered
    assert all(says.endswith(".") for says in STATEMENTS.values())


def test_only_what_needs_websub_is_left_out():
    assert LEFT_OUT == {"A63": "WebSub"}


def test_every_statement_is_shown_by_a_test():
    assert conformance.missing(shown()) == []


def test_the_page_is_what_the_tests_say():
    """`make conformance` writes it anew."""
    assert conformance.PAGE.read_text("utf-8") == conformance.page(shown())


def test_no_test_names_a_statement_that_does_not_exist_or_was_left_out():
    assert [pair for pair in shown() if pair.id not in STATEMENTS or pair.id in LEFT_OUT] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("def test_C09_C10_a_host(): ...", {"test_C09_C10_a_host": {"C09", "C10"}}, id="in the name"),
        pytest.param("async def test_A01_it(): ...", {"test_A01_it": {"A01"}}, id="of an async test"),
        pytest.param("class Some:\n    def test_A01_it(self): ...", {"test_A01_it": {"A01"}}, id="in a class"),
        pytest.param("def test_it_says_C09_somewhere(): ...", {"test_it_says_C09_somewhere": set()}, id="not at the beginning"),
        pytest.param(
            "@mark('x', [param(1, id='A04 mapped'), param(2, id='A05, A06 others')])\ndef test_A01_it(x): ...",
            {"test_A01_it": {"A01", "A04", "A05", "A06"}},
            id="in the cases",
        ),
        pytest.param("T = [param(1, id='A04 mapped')]\n@mark('x', T)\ndef test_it(x): ...", {"test_it": {"A04"}}, id="in a table above"),
        pytest.param("T = [param(1, id='A04 mapped')]\ndef test_it(x): ...", {"test_it": set()}, id="in a table that it does not use"),
        pytest.param("@mark('x', [1, 2], ids=['A04 mapped', 'plain'])\ndef test_it(x): ...", {"test_it": {"A04"}}, id="in a list of ids"),
        pytest.param("@mark('x', ['A04', 'A05 text'])\ndef test_it(x): ...", {"test_it": set()}, id="values that look like one"),
        pytest.param("@mark('x', [1, 2, 3, 4], ids=['A4-paper', 'C0ffee', 'C123', 'A12b'])\ndef test_it(x): ...", {"test_it": set()}, id="other words"),
    ],
)
def test_tests_say_what_they_show(source, found):
    assert dict(ids_by_test(source)) == found


def test_a_statement_without_a_test_is_missing():
    pairs = [pair for pair in shown() if pair.id != "C05"]

    assert "C05" in conformance.missing(pairs)
    assert "A63" not in conformance.missing(pairs)
    assert "| **missing** |" in next(line for line in conformance.page(pairs).splitlines() if line.startswith("| C05 "))
