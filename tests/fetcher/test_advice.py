"""What an operator is told to do about a failing feed."""

import pytest

from monitor.fetcher.advice import ADVICE, advice


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        pytest.param("timeout", "timeout", id="the reason alone"),
        pytest.param("timeout (no whole answer within 30 s)", "timeout", id="with its detail"),
        pytest.param("tls (a, b (c))", "tls", id="with commas and brackets in the detail"),
        pytest.param("bad-date, encoding", "bad-date", id="several"),
        pytest.param("nobody-knows, encoding", "encoding", id="the first that we know"),
        pytest.param("parse-time-limit", "time-limit", id="a parser that was stopped"),
        pytest.param("status-404", "status-404", id="a status of its own"),
        pytest.param("status-418 (teapot)", "status-4xx", id="a status of a kind"),
        pytest.param("status-503", "status-5xx", id="a server in trouble"),
        pytest.param("status-206", "status-2xx", id="a partial answer"),
    ],
)
def test_a_problem_comes_with_the_advice_of_its_reason(problem, reason):
    assert advice(problem) == ADVICE[reason]


@pytest.mark.parametrize("problem", ["", "nobody-knows", "status-999", "(timeout)"])
def test_what_we_do_not_know_has_no_advice(problem):
    assert advice(problem) == ""


def test_advice_is_one_sentence_and_no_two_reasons_share_it():
    assert len(set(ADVICE.values())) == len(ADVICE)
    for sentence in ADVICE.values():
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "\n" not in sentence


def test_C33_a_missing_name_an_expired_certificate_a_refusal_and_a_silence_have_advice_of_their_own():
    sentences = [advice(f"{reason} (detail)") for reason in ("dns", "tls-expired", "refused", "timeout")]

    assert len(set(filter(None, sentences))) == 4
