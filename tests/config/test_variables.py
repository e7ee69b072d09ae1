"""Any key by environment."""

from datetime import timedelta

import pytest

from monitor.config import parse
from monitor.errors import ConfigError


def test_a_variable_stands_above_the_file(small: str):
    text = small + '[smtp]\nhost = "mail.example"\nfrom = "a@b.example"\n'

    smtp = parse(text, environ={"MONITOR__SMTP__HOST": "other.example", "MONITOR__SMTP__PORT": "2525"}).smtp

    assert smtp is not None
    assert (smtp.host, smtp.port) == ("other.example", 2525)


def test_a_variable_can_set_what_the_file_leaves_out(small: str):
    config = parse(small, environ={"MONITOR__POLLING__INTERVAL__MIN": "10m", "MONITOR__WEB": '{ listen = "[::1]:80" }'})

    assert config.polling.interval.min == timedelta(minutes=10)
    assert config.web.host == "::1"


def test_ids_are_spelled_in_capitals_with_underscores(small: str):
    text = small + '[feeds.nato-news]\nurl = "https://nato.example/f"\n[sites."example.com"]\nkeep = ["p"]\n'

    config = parse(text, environ={"MONITOR__FEEDS__NATO_NEWS__LANGUAGE": "en", "MONITOR__SITES__EXAMPLE_COM__KEEP": '["article"]'})

    assert config.feeds["nato-news"].language == "en"
    assert config.sites["example.com"].keep == ("article",)


@pytest.mark.parametrize(
    ("variable", "value", "key", "hint"),
    [
        pytest.param("MONITOR__POLLING__BACKFILL", "15", "polling.backfill", '"15m"', id="bare number"),
        pytest.param("MONITOR__POLING__BACKFILL", "15m", "poling", '"polling"', id="unknown table"),
        pytest.param("MONITOR__POLLING__BACKFIL", "15m", "polling.backfil", '"backfill"', id="unknown key"),
        pytest.param("MONITOR__VERSION__X", "1", "version.x", "MONITOR__SMTP__HOST", id="below a value"),
        pytest.param("MONITOR__FEEDS____URL", "1", "feeds..url", "MONITOR__SMTP__HOST", id="without a name"),
        pytest.param("MONITOR__STORAGE__URL", "mysql://", "storage.url", "postgresql://", id="bad value"),
        pytest.param("MONITOR__SMTP__PORT", "25", "smtp.host", "add host", id="half a table"),
    ],
)
def test_a_complaint_about_a_variable_names_it_as_the_file(small: str, variable: str, value: str, key: str, hint: str):
    with pytest.raises(ConfigError) as raised:
        parse(small, environ={variable: value})

    found = next(complaint for complaint in raised.value.complaints if complaint.key == key)
    assert (found.file, found.line) == (variable, None)
    assert hint in found.hint


def test_a_value_with_a_line_break_cannot_smuggle_in_a_key(small: str):
    config = parse(small, environ={"MONITOR__NETWORK__CONTACT": '"me"\nversion = 7'})

    assert config.network.contact == '"me"\nversion = 7'
    assert config.version == 1


def test_other_variables_of_ours_are_no_keys(small: str):
    assert parse(small, environ={"MONITOR_CONFIG": "x", "MONITOR_STATE": "y", "HOME": "z"}).version == 1
