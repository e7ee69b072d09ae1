"""The rule language: what reads, what does not, and where the mistake is."""

import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import QueryError
from monitor.matcher.match import match
from monitor.matcher.query import And, CompiledTopic, Count, Group, Name, Near, Not, Or, Rule, Title, compile_topic, parse_rule, written

GROUPS = {name: Group(terms=(name,)) for name in ("a", "b", "c", "long-name_1")}
NAMES = st.sampled_from(list(GROUPS))


@pytest.mark.parametrize(
    ("rule", "tree"),
    [
        pytest.param("a", Name("a"), id="one group"),
        pytest.param("a AND b AND c", And((Name("a"), Name("b"), Name("c"))), id="and"),
        pytest.param("a OR b AND c", Or((Name("a"), And((Name("b"), Name("c"))))), id="and binds closer than or"),
        pytest.param("(a OR b) AND c", And((Or((Name("a"), Name("b"))), Name("c"))), id="parentheses"),
        pytest.param("a AND NOT b", And((Name("a"), Not(Name("b")))), id="not"),
        pytest.param("a AND NOT b NEAR/3 c", And((Name("a"), Not(Near("b", "c", 3)))), id="near binds closest"),
        pytest.param("a near/35 b", Near("a", "b", 35), id="operators in any case"),
        pytest.param("a NEAR/5 (b OR c)", Or((Near("a", "b", 5), Near("a", "c", 5))), id="near a choice"),
        pytest.param("(a OR b) NEAR/5 c", Or((Near("a", "c", 5), Near("b", "c", 5))), id="a choice near a group"),
        pytest.param("TITLE(a) OR NOT title ( b ) AND c", Or((Title("a"), And((Not(Title("b")), Name("c"))))), id="title"),
        pytest.param("COUNT(long-name_1) >= 3 AND count(a)>=1", And((Count("long-name_1", 3), Count("a", 1))), id="count"),
        pytest.param("\n a\tAnd\n long-name_1 ", And((Name("a"), Name("long-name_1"))), id="white space"),
    ],
)
def test_a_rule_reads_as_its_tree(rule: str, tree: Rule):
    assert parse_rule(rule, GROUPS) == tree


@pytest.mark.parametrize(
    ("rule", "column", "message", "hint"),
    [
        pytest.param("", 1, "empty", "name the groups", id="empty"),
        pytest.param("  \n", 1, "empty", "name the groups", id="blank"),
        pytest.param("a AND (b OR c", 7, 'unclosed "("', 'add ")"', id="unclosed parenthesis"),
        pytest.param("a)", 2, '")" closes nothing', "remove it", id="parenthesis too many"),
        pytest.param("()", 2, '")" where a group is expected', "at least one group", id="empty parentheses"),
        pytest.param("a AND lon-name_1", 7, 'no group "lon-name_1"', 'did you mean "long-name_1"?', id="misspelled group"),
        pytest.param("zzz", 1, 'no group "zzz"', "groups here: a, b, c", id="unknown group"),
        pytest.param("a AND", 6, "ends where a group", "finish the rule", id="nothing after an operator"),
        pytest.param("AND a", 1, '"AND" where a group', "made of group names", id="operator first"),
        pytest.param("a b", 3, '"b" needs AND, OR or NEAR before it', "… AND b", id="no operator"),
        pytest.param("(a b)", 4, '"b" needs AND, OR or NEAR before it', "… AND b", id="no operator inside"),
        pytest.param("a NOT b", 3, "NOT needs AND or OR", "a AND NOT b", id="not without and"),
        pytest.param("NOT a", 1, "every article that hits nothing", "must be hit", id="only a not"),
        pytest.param("a OR NOT b", 1, "every article that hits nothing", "must be hit", id="a not that opens everything"),
        pytest.param("a NEAR b", 3, "NEAR needs a distance", "NEAR/35", id="near without distance"),
        pytest.param("a NEAR/ 35 b", 3, "NEAR needs a distance", "NEAR/35", id="near with a space"),
        pytest.param("a NEAR/x b", 8, '"x" is no distance', "NEAR/35", id="near to a word"),
        pytest.param("a NEAR/0 b", 8, '"0" is no distance', "NEAR/35", id="near zero"),
        pytest.param("a NEAR/" + "9" * 5000 + " b", 8, "is no distance", "NEAR/35", id="near and endless"),
        pytest.param("a NEAR/3", 9, "ends where a group after", "finish the rule", id="near nothing"),
        pytest.param("a NEAR/3 (b AND c)", 10, "NEAR joins groups, or a choice", "a NEAR/35 (b OR c)", id="near a parenthesis that is no choice"),
        pytest.param("(NOT a) NEAR/3 c", 9, "NEAR joins groups, or a choice", "(a OR b) NEAR/35 c", id="no choice near"),
        pytest.param("a NEAR/3 (b OR c", 10, 'unclosed "("', 'add ")"', id="near an unclosed parenthesis"),
        pytest.param("TITLE(b) NEAR/3 c", 10, "NEAR joins two groups only", "b NEAR/35 c", id="near a title"),
        pytest.param("a AND TITEL(b)", 7, '"TITEL" before a parenthesis', "did you mean TITLE(…)?", id="misspelled function"),
        pytest.param("a (b)", 1, '"a" before a parenthesis', "write: a AND (…)", id="forgotten operator"),
        pytest.param("TITLE(a OR b)", 9, "TITLE takes one group", "TITLE(a) OR TITLE(b)", id="title of two"),
        pytest.param("TITLE()", 7, '")" where a group in TITLE( ) is expected', "at least one group", id="title of nothing"),
        pytest.param("title(ax)", 7, 'no group "ax"', 'did you mean "a"?', id="title of an unknown group"),
        pytest.param("COUNT(a)", 9, "COUNT needs >= and a number", "COUNT(a) >= 3", id="count alone"),
        pytest.param("COUNT(a) > 2", 10, "COUNT needs >= and a number", "COUNT(a) >= 3", id="count with another sign"),
        pytest.param("COUNT(a) >= b", 13, '"b" is no count from 1 to 1000', "COUNT(a) >= 3", id="count without a number"),
        pytest.param("COUNT(a) >= 0", 13, '"0" is no count', "COUNT(a) >= 3", id="count of nothing"),
        pytest.param("a >= 3", 3, '">=" needs AND, OR or NEAR', "only COUNT is compared", id="a group compared"),
        pytest.param("a ADN b", 3, '"ADN" needs AND, OR or NEAR', "did you mean AND?", id="misspelled operator"),
        pytest.param("a NEAR/3 NOT b", 10, '"NOT" where a group after', "made of group names", id="near a not"),
        pytest.param("a NEAR/3 b NEAR/3 c", 12, "NEAR joins two groups only", "b NEAR/35 c", id="near chain"),
        pytest.param('"a"', 1, "where a group is expected", "stand in the groups' terms", id="a phrase in the rule"),
        pytest.param("a* AND b", 2, "needs AND, OR or NEAR", "stand in the groups' terms", id="a stem in the rule"),
        pytest.param("a && b", 3, "needs AND, OR or NEAR", "write AND, OR, NOT", id="signs for words"),
        pytest.param("(" * 60 + "a" + ")" * 60, 52, "nested deeper than 50", "simplify", id="too deep"),
        pytest.param("NOT " * 60 + "a", 205, "nested deeper than 50", "simplify", id="too many nots"),
    ],
)
def test_a_mistake_in_a_rule_is_shown_with_its_column_and_a_hint(rule: str, column: int, message: str, hint: str):
    with pytest.raises(QueryError) as mistake:
        parse_rule(rule, GROUPS)

    assert (mistake.value.column, message in mistake.value.message, hint in mistake.value.hint) == (column, True, True), mistake.value


def rules() -> st.SearchStrategy[Rule]:
    leaf = (
        st.builds(Name, NAMES) | st.builds(Title, NAMES) | st.builds(Count, NAMES, st.integers(1, 1000)) | st.builds(Near, NAMES, NAMES, st.integers(1, 1000))
    )
    return st.recursive(
        leaf,
        lambda inner: st.builds(Not, inner) | st.builds(And, st.tuples(inner, inner, inner)) | st.builds(Or, st.tuples(inner, inner)),
        max_leaves=12,
    )


@given(rules())
def test_a_written_rule_reads_as_the_same_rule(rule: Rule):
    needs_a = And((Name("a"), rule))  # some rules hold where nothing is hit, and are refused

    assert parse_rule(written(needs_a), GROUPS) == needs_a


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(["a", "b", "AND", "or", "NOT", "NEAR/3", "(", ")", " ", "near", "title", "COUNT(a)", ">=", "3", "/", '"', "*"]), max_size=20
    ).map(" ".join)
)
def test_no_text_breaks_the_reader(rule: str):
    mistake = None
    try:
        parse_rule(rule, GROUPS)
    except QueryError as error:
        mistake = error

    assert mistake is None or (1 <= mistake.column <= len(rule) + 1 and mistake.hint)


def test_groups_may_be_called_like_functions():
    groups = {name: Group(terms=(name,)) for name in ("title", "count")}

    assert parse_rule("title AND count AND TITLE(title)", groups) == And((Name("title"), Name("count"), Title("title")))


def test_a_rule_of_ten_thousand_groups_is_read_without_recursion():
    assert len(parse_rule(" OR ".join(["a"] * 10_000), GROUPS).parts) == 10_000


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"digest_at": 0.4}, id="threshold"),
        pytest.param({"groups": {"nato": Group(terms=("nato",)), "ukraine": Group(terms=("kyiv",))}}, id="terms"),
        pytest.param({"rule": "ukraine AND nato"}, id="rule"),
    ],
)
def test_the_version_changes_with_what_may_change_a_verdict(topic: Callable[..., CompiledTopic], changes: dict[str, object]):
    assert topic(**changes).version != topic().version


def test_the_version_stays_when_only_the_title_changes(topic: Callable[..., CompiledTopic]):
    assert topic(title="Another").version == topic().version


def test_a_topic_travels_by_pickle(topic: Callable[..., CompiledTopic]):
    copy = pickle.loads(pickle.dumps(topic()))

    assert copy == topic()
    assert match(copy, title="NATO in Kyiv", text="").matched


def test_a_group_without_terms_is_refused():
    with pytest.raises(QueryError, match='group "a" holds no terms'):
        compile_topic("t", title="", rule="a", groups={"a": Group(terms=())}, digest_at=0.5, alert_at=0.8)


def test_a_mistaken_term_names_its_group():
    with pytest.raises(QueryError, match=r"term 'ukr\*ne' of group \"a\" has a \* inside a word at column 4"):
        compile_topic("t", title="", rule="a", groups={"a": Group(terms=("fine", "ukr*ne"))}, digest_at=0.5, alert_at=0.8)
